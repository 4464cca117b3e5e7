import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseAddress, type Timestamp } from "@smimp/protocol";
import { fakeClock, realClock, type FakeClock, type Person } from "@smimp/testkit";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { en } from "../src/messages/en/all.ts";
import { BUILT, setStage, type Stage, type Visitor } from "./stage.ts";
import { restoreInBrowser, typeWords, violationsOn } from "./steps.ts";
import { addTo, beginMessage, sendAtOnce } from "./writing-steps.ts";

const HOME = "https://smimp.alpha.example/";
const ALICE = parseAddress("alice#alpha.example");
/** Bytes of an account's room. */
const ROOM = 5_000_000;
const { settings, data } = en;
let clock: FakeClock;
let stage: Stage;
let visitor: Visitor;
let page: Page;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  // Alice has a mailbox for some time before she opens it in the browser, whose clock is the machine's.
  const now = realClock();
  clock = fakeClock(new Date(Date.parse(now) - 62 * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z") as Timestamp);
  stage = await setStage({ clock, config: { quotas: { accountBytes: ROOM } } });
  [alice, bob] = [await stage.person(ALICE), await stage.person("bob#beta.example")];
  await bob.client.send({ to: [ALICE], subject: "Long ago", body: "Old words.", keepCopy: false });
  await alice.client.sync();
  clock.set(now);
  await bob.client.send({ to: [ALICE], subject: "Just now", body: "New words.", keepCopy: false });
  visitor = await stage.open({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  ({ page } = visitor);
  // A place on the disk can't be chosen by a test: the file is downloaded, as browsers do that can't do better.
  await visitor.context.addInitScript(() => Reflect.deleteProperty(globalThis, "showSaveFilePicker"));
  await restoreInBrowser(visitor, HOME, ALICE, alice.phrase);
  await page.getByRole("row", { name: /Just now/ }).waitFor();
});
afterAll(async () => await stage.close());

async function open(path: string): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), `#/settings/${path}`);
}
const said = (text: string | RegExp): Locator => page.getByRole("status").getByText(text).last();
const button = (name: string): Locator => page.getByRole("button", { name, exact: true });
async function savedFile(name: string): Promise<{ readonly name: string; readonly text: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), button(name).click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test.each(["burn", "transfer", "account", "about"])("the page “%s” is accessible, on a phone too", async (path) => {
  await open(path);
  await page.locator("h1").first().waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await violationsOn(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.setViewportSize({ width: 1280, height: 900 });
});

test("how much room there is can be seen", async () => {
  await open("storage");
  const meter = page.getByRole("meter", { name: data.storage.server });
  await expect.poll(async () => await meter.getAttribute("aria-valuetext")).toMatch(/^[\d.]+\sk?B of 5\sMB used$/);
  expect(Number(await meter.getAttribute("aria-valuenow"))).toBeGreaterThan(0);
  await page.getByText(/can be searched/).waitFor();
});

test("a sealed copy is a file of lines, complete to its end", async () => {
  await open("transfer");
  const { name, text } = await savedFile(data.transfer.sealedSave);
  await said(data.transfer.sealedDone).waitFor();
  expect(name).toMatch(/^mailbox-alice-alpha\.example-\d{4}-\d\d-\d\d\.smimp\.ndjson$/);
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly kind: string });
  expect(lines.at(0)?.kind).toBe("account");
  expect(lines.at(-1)?.kind).toBe("end");
  expect(lines.filter(({ kind }) => kind === "message").length).toBe(2);
  expect(text).not.toMatch(/Long ago|Old words/);
});

test("mail from elsewhere is brought in, once, and taken out again as every program can read it", async () => {
  const mbox = [
    "From dora@example.org Mon Jan  5 10:00:00 2026",
    "From: Dora <dora@example.org>",
    "To: alice@example.com",
    "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=",
    "Message-ID: <1@example.org>",
    "Date: Mon, 5 Jan 2026 10:00:00 +0100",
    "Content-Type: text/html; charset=utf-8",
    "",
    "<h1>Hello</h1><script>document.title = 'run'</script><p>From <b>elsewhere</b>.<img src=x onerror=alert(1)></p>",
    "",
  ].join("\n");
  const files = [
    { name: "old.mbox", mimeType: "", buffer: Buffer.from(mbox) },
    { name: "letter.eml", mimeType: "message/rfc822", buffer: Buffer.from("From: emil@example.org\nSubject: By hand\n\nOne file.\n") },
    { name: "photo.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no mail") },
  ];
  await open("transfer");
  await page.getByLabel(data.transfer.choose).setInputFiles(files);
  await page.getByText(data.transfer.done(2, 0, 1)).waitFor();
  await page.getByText(`photo.jpg: ${data.transfer.reasons.not_mail}`).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await page.getByLabel(data.transfer.choose).setInputFiles(files.slice(0, 2));
  await page.getByText(data.transfer.done(0, 2, 0)).waitFor();
  const { name, text } = await savedFile(data.transfer.mailSave);
  await page.getByText(data.transfer.mailDone(4)).waitFor();
  expect(name).toMatch(/\.mbox$/);
  expect(text.match(/^From MAILER-DAEMON /gm)?.length).toBe(4);
  for (const words of ["Old words.", "New words.", "# Hello", "rom **elsewhere**.", "One file.", "X-SMIMP-From: bob#beta.example"])
    expect(text).toContain(words);
  await page.evaluate(() => (location.hash = "#/inbox"));
  await page.getByRole("row", { name: /Grüße/ }).click();
  await page.getByText("elsewhere", { exact: true }).waitFor();
  expect(await page.title()).not.toBe("run");
  expect(visitor.faults).toEqual([]);
});

test("what is burned nobody can read any more, and what is newer stays", async () => {
  await open("burn");
  const months = page.getByRole("combobox", { name: settings.burn.choose });
  await expect.poll(async () => (await months.locator("option").all()).length).toBeGreaterThanOrEqual(2);
  await button(settings.burn.burn).click();
  await page.getByRole("dialog").getByRole("textbox").fill("perhaps");
  await page.getByRole("dialog").getByRole("button", { name: settings.burn.burn }).click();
  await page.getByText(settings.burn.typeWrong(settings.burn.word)).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await page.getByRole("dialog").getByRole("textbox").fill("Burn");
  await page.getByRole("dialog").getByRole("button", { name: settings.burn.burn }).click();
  await said(settings.burn.burned(1)).waitFor();
  await page.getByText(settings.burn.none).waitFor();
  await page.evaluate(() => (location.hash = "#/inbox"));
  await page.getByRole("row", { name: new RegExp(en.mailbox.states.burned) }).click();
  await page.getByRole("article").getByText(en.reading.states.burned.title).waitFor();
  await page.getByRole("row", { name: /Just now/ }).waitFor();
  await alice.client.sync();
  expect((await alice.client.inbox.list()).map(({ state }) => state).toSorted()).toEqual(["burned", "open", "open", "open"]);
});

test("which build this is can be compared", async () => {
  await open("about");
  const release = await readFile(join(BUILT, "release.json"));
  await page.getByText(createHash("sha256").update(release).digest("hex")).waitFor();
  await page.getByText(`smimp open --compare ${HOME}`).waitFor();
});

test("a full mailbox says so, and what to do; so does a message to one", async () => {
  const asks = "UPDATE accounts SET quota_bytes = used_bytes WHERE address = ?";
  for (const [domain, address] of [
    ["alpha.example", ALICE],
    ["beta.example", bob.client.address],
  ] as const) {
    const database = new DatabaseSync(join(stage.network.server(domain).config.dataDir, "smimp.sqlite"));
    database.prepare(asks).run(address);
    database.close();
  }
  await page.evaluate(() => (location.hash = "#/inbox"));
  await page.reload();
  await page.getByRole("alert").getByText(data.full.full.title).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  const window = await beginMessage(page);
  await addTo(window, "bob#beta.example");
  await window.getByRole("textbox", { name: "Subject" }).fill("No room");
  await sendAtOnce(page);
  await page.evaluate(() => (location.hash = "#/outbox"));
  const copies = page.getByRole("list", { name: en.outbox.details });
  await copies.getByText(en.outbox.reasons.quota_exceeded).waitFor();
  await copies.getByText(en.outbox.ownReasons.quota_exceeded).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await copies.getByRole("link", { name: en.outbox.makeRoom }).click();
  await page.getByText(data.storage.full).waitFor();
  expect(visitor.faults).toEqual([]);
});

describe("the account", () => {
  test("moves only to a server of its domain", async () => {
    await open("account");
    const link = page.getByLabel(data.account.moveInvite);
    await link.fill("no link");
    await button(data.account.moveStart).click();
    await page.getByText(data.account.moveInviteWrong).waitFor();
    const { link: elsewhere } = await stage.network.invite("beta.example");
    await link.fill(elsewhere);
    await button(data.account.moveStart).click();
    await page.getByText(data.account.moveWrongServer).waitFor();
    expect(visitor.faults).toEqual([]);
  });

  test("is deleted with the recovery words alone, and then nobody can write to it any more", async () => {
    await open("account");
    await button(data.account.removeStart).click();
    await typeWords(page, bob.phrase);
    await button(data.account.removeNow).click();
    await page.getByText(data.account.notTheirs).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await typeWords(page, alice.phrase);
    await button(data.account.removeNow).click();
    await page.getByRole("heading", { name: en.door.welcome.title }).waitFor();
    expect(await page.evaluate(async () => await indexedDB.databases())).toEqual([]);
    const { copies } = await bob.client.send({ to: [ALICE], subject: "Gone?", body: "", keepCopy: false });
    expect(copies).toMatchObject([{ state: "failed" }]);
    await expect(alice.client.sync()).rejects.toMatchObject({ code: "unknown_user" });
    expect(visitor.faults).toEqual([]);
  });
});
