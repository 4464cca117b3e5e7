import { parseAddress } from "@smimp/protocol";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { en } from "../src/messages/en/all.ts";
import { de } from "../src/messages/de/all.ts";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { choosePassphrase, confirmWords, joinInBrowser, PASSPHRASE, violationsOn, wordsShown } from "./steps.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(async () => await stage.close());

async function inviteFor(address: string): Promise<string> {
  return (await stage.network.invite("alpha.example", parseAddress(address))).link;
}

/** Opens an invite for an address and asks for it. */
async function begin({ page }: Visitor, address: string): Promise<void> {
  await page.goto(await inviteFor(address));
  await page.getByLabel("Your address").fill(address.slice(0, address.indexOf("#")));
  await page.getByRole("button", { name: "Create my mailbox" }).click();
}

/** All that scripts of this place can read without a key: nothing of it is secret. */
async function stored(page: Page): Promise<string> {
  return await page.evaluate(() =>
    JSON.stringify([location.href, Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]),
  );
}

describe.each([
  ["en-GB", en.door, "alice#alpha.example"],
  ["de-DE", de.door, "anna#alpha.example"],
])("joining in %s", (locale, door, address) => {
  test("address, words on paper, passphrase, mailbox; every view accessible", async () => {
    const visitor = await stage.open({ locale, acceptDownloads: true });
    const { page, faults } = visitor;
    const [local = ""] = address.split("#");
    const link = await inviteFor(address);
    await page.goto(link);
    await page.getByLabel(door.name.address, { exact: true }).fill("not allowed");
    await page.getByText(door.name.notAllowed).waitFor();
    await page.getByLabel(door.name.address, { exact: true }).fill(local.toUpperCase());
    await page.getByText(door.name.free(address)).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByLabel(door.name.name, { exact: true }).fill("A. Person");
    await page.getByRole("button", { name: door.name.create }).click();

    const words = await wordsShown(page);
    expect(words).toHaveLength(24);
    // The invite has done its work.
    expect(new URL(page.url()).pathname).toBe("/");
    expect(await violationsOn(page)).toEqual([]);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: door.phrase.save }).click()]);
    expect(download.suggestedFilename()).toBe(`${door.sheet.file}-${local}-alpha.example.txt`);
    const file = await readFile(await download.path(), "utf8");
    expect(file).toContain(`${door.sheet.address}: ${address}`);
    expect(file).toContain(`${door.sheet.server}: https://smimp.alpha.example/`);
    for (const [index, word] of words.entries()) expect(file).toContain(` ${index + 1}. ${word}\r\n`);
    await page.emulateMedia({ media: "print" });
    expect(await page.getByRole("button").count()).toBe(0);
    const printed = await page.locator("body").innerText();
    expect(printed).toContain(address);
    for (const word of words) expect(printed).toContain(word);
    await page.emulateMedia({ media: null });

    await page.getByRole("button", { name: door.phrase.written }).click();
    expect(await violationsOn(page)).toEqual([]);
    const fields = page.getByLabel(/^(Word|Wort) \d+$/);
    expect(await fields.count()).toBe(3);
    await fields.first().fill("nonsense");
    await page.getByRole("button", { name: /^(Continue|Weiter)$/ }).click();
    await page.getByText(/^(That is not word|Das ist nicht Wort) \d+/).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await confirmWords(page, words);

    const passphrase = page.getByLabel(door.passphrase, { exact: true });
    await passphrase.fill("short");
    await page.getByText(door.choose.strengths.short).waitFor();
    await page.getByRole("button", { name: door.choose.open }).click();
    await page.getByText(door.choose.short(8)).waitFor();
    await passphrase.fill(PASSPHRASE);
    await page.getByLabel(door.choose.again).fill("something else");
    await page.getByRole("button", { name: door.choose.open }).click();
    await page.getByText(door.choose.different).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    // What is suggested is shown: once is enough.
    await page.getByRole("button", { name: door.choose.suggest }).click();
    await page.getByText(door.choose.suggested).waitFor();
    await expect.poll(async () => await passphrase.inputValue()).toMatch(/^[a-z]+(-[a-z]+){4}$/);
    await page.getByRole("button", { name: door.choose.open }).click();
    await passphrase.waitFor({ state: "detached" });
    await page.getByText(address).first().waitFor();

    const seen = await stored(page);
    for (const secret of [link.slice(link.indexOf("#") + 1), ...words.slice(0, 4).map((word) => ` ${word} `)])
      expect(seen).not.toContain(secret);
    const friend = await stage.person(`friend${local}#beta.example`);
    await friend.client.contacts.resolve(parseAddress(address));
    expect((await friend.client.profile.of(parseAddress(address)))?.name).toBe("A. Person");
    expect(faults).toEqual([]);
  });
});

test("whoever closes the page goes on where they were, at each step", async () => {
  const visitor = await stage.open();
  const { context } = visitor;
  await begin(visitor, "rita#alpha.example");
  const words = await wordsShown(visitor.page);
  const reopened = async (page: Page): Promise<Page> => {
    await page.close();
    const next = await context.newPage();
    await next.goto("https://smimp.alpha.example/");
    return next;
  };
  let page = await reopened(visitor.page);
  expect(await wordsShown(page)).toEqual(words);
  await page.getByRole("button", { name: "I have written them down" }).click();
  await page
    .getByLabel(/^Word \d+$/)
    .first()
    .waitFor();
  await page.reload();
  expect(await wordsShown(page)).toEqual(words);
  await page.getByRole("button", { name: "I have written them down" }).click();
  await confirmWords(page, words);
  await page.getByLabel("Passphrase", { exact: true }).waitFor();
  page = await reopened(page);
  await choosePassphrase(page);
  await page.reload();
  await page.getByText("rita#alpha.example").first().waitFor();
  page = await reopened(page);
  await page.getByText("rita#alpha.example").first().waitFor();
  expect(visitor.faults).toEqual([]);
});

test("an account whose server's answer is lost is gone on with, and is the same one", async () => {
  const visitor = await stage.open();
  const { page, context } = visitor;
  const answers: number[] = [];
  await context.route(/initialize_account/, async (route) => {
    const request = route.request();
    const body = Uint8Array.from(request.postDataBuffer() ?? []);
    const headers = { "content-type": "application/json" };
    const { status } = await stage.network.fetch(request.url(), { method: "POST", headers, body, redirect: "manual" });
    answers.push(status);
    await route.abort();
  });
  await context.route(/get_user\/.*history/, async (route) => await route.abort());
  await begin(visitor, "lost#alpha.example");
  await page.getByRole("heading", { name: "Your mailbox is not complete yet" }).waitFor();
  expect(answers[0]).toBe(201);
  expect(await violationsOn(page)).toEqual([]);
  await page.reload();
  await page.getByRole("heading", { name: "Your mailbox is not complete yet" }).waitFor();
  await context.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  const words = await wordsShown(page);
  await page.getByRole("button", { name: "I have written them down" }).click();
  await confirmWords(page, words);
  await choosePassphrase(page);
  expect(visitor.faults).toEqual([]);
});

describe("what can go wrong is said in plain words", () => {
  const { door } = en;

  test("a name that is taken, an invite for another address, one that was used", async () => {
    await stage.person("taken#alpha.example");
    const visitor = await stage.open();
    const { page } = visitor;
    await page.goto(await inviteFor("sara#alpha.example"));
    await page.getByLabel("Your address").fill("taken");
    await page.getByText(door.name.taken("taken#alpha.example")).waitFor();
    await page.getByLabel("Your address").fill("other");
    await page.getByText(door.name.free("other#alpha.example")).waitFor();
    await page.getByRole("button", { name: "Create my mailbox" }).click();
    await page.getByText(door.invite.refusedText).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: door.invite.otherAddress }).click();
    // Nothing of it stayed: the right address goes on.
    await page.getByLabel("Your address").fill("sara");
    await page.getByRole("button", { name: "Create my mailbox" }).click();
    await wordsShown(page);

    const second = await stage.open();
    const { link } = await stage.network.invite("alpha.example");
    await joinWith(second.page, link, "first");
    const third = await stage.open();
    await third.page.goto(link);
    await third.page.getByLabel("Your address").fill("second");
    await third.page.getByRole("button", { name: "Create my mailbox" }).click();
    // Whoever used it themselves finds the way in.
    await third.page.getByRole("button", { name: door.name.known }).click();
    await third.page.getByRole("heading", { name: door.welcome.title }).waitFor();
    expect([...visitor.faults, ...second.faults, ...third.faults]).toEqual([]);
  });

  test("no invite, no link, no server", async () => {
    const { page, context, faults } = await stage.open();
    await page.goto("https://smimp.alpha.example/join");
    await page.getByText(door.errors.uninvited).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Back" }).click();
    await page.getByRole("button", { name: /^I have an invite/ }).click();
    await page.getByLabel("Invite link").fill("alpha.example");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText(door.invite.wrong).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await context.route(/server_information/, async (route) => await route.abort());
    await page.getByLabel("Invite link").fill(await inviteFor("tom#alpha.example"));
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText(door.errors.away).waitFor();
    await context.unrouteAll();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Your address").fill("tom");
    // The code of a link that was pasted stands nowhere.
    expect(await stored(page)).not.toContain("join#");
    await context.route(/smimp\.txt/, async (route) => await route.abort());
    await page.getByRole("button", { name: "Create my mailbox" }).click();
    await page.getByText(door.errors.away).waitFor();
    await context.unrouteAll();
    await page.getByRole("button", { name: "Create my mailbox" }).click();
    await wordsShown(page);
    expect(faults).toEqual([]);
  });

  test("a browser that has a mailbox keeps it, whatever invite is opened", async () => {
    const visitor = await stage.open();
    const page = await joinInBrowser(visitor, stage, "uma#alpha.example");
    await page.goto(await inviteFor("vera#alpha.example"));
    await page.getByText(door.name.here("uma#alpha.example")).waitFor();
    expect(new URL(page.url()).pathname).toBe("/");
    expect(visitor.faults).toEqual([]);
  });
});

async function joinWith(page: Page, link: string, local: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Your address").fill(local);
  await page.getByRole("button", { name: "Create my mailbox" }).click();
  await wordsShown(page);
}
