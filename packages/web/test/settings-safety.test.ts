import { createMemoryStorage, linkDevice, type Client } from "@smimp/client";
import { parseAddress, randomBytes } from "@smimp/protocol";
import type { Person } from "@smimp/testkit";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { en } from "../src/messages/en/all.ts";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { confirmWords, joinInBrowser, PASSPHRASE, restoreInBrowser, typeWords, violationsOn, wordsShown } from "./steps.ts";

const HOME = "https://smimp.alpha.example/";
const ALICE = parseAddress("alice#alpha.example");
const { settings } = en;
let stage: Stage;
let visitor: Visitor;
let page: Page;
let bob: Person;

beforeAll(async () => {
  stage = await setStage();
  visitor = await stage.open({ viewport: { width: 1280, height: 900 } });
  ({ page } = visitor);
  await joinInBrowser(visitor, stage, ALICE);
  bob = await stage.person("bob#beta.example");
});
afterAll(async () => await stage.close());

async function open(path: string, on = page): Promise<void> {
  await on.evaluate((hash) => (location.hash = hash), `#/settings/${path}`);
}
const said = (text: string | RegExp, on = page): Locator => on.getByRole("status").getByText(text).last();
const button = (name: string, on = page): Locator => on.getByRole("button", { name, exact: true });

describe("devices", () => {
  test("are named and removed, and the others know", async () => {
    const { network } = stage;
    const linking = await linkDevice({
      storage: createMemoryStorage(),
      address: ALICE,
      deps: { fetch: network.fetch, clock: network.clock, random: randomBytes },
      name: "Laptop",
    });
    await open("devices");
    await page.getByLabel(en.door.linkOther.code).fill(linking.linkCode);
    const [laptop]: [Client, void] = await Promise.all([linking.finish(), button(en.door.linkOther.add).click()]);
    const list = page.getByRole("region", { name: settings.devices.list });
    await list.getByText("Laptop").waitFor();
    expect(await violationsOn(page)).toEqual([]);

    await list.getByRole("button", { name: settings.devices.actions("Laptop") }).click();
    await page.getByRole("menuitem", { name: settings.devices.rename }).click();
    await page.getByLabel(settings.devices.name).fill("");
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByText(settings.devices.nameMissing).waitFor();
    await page.getByLabel(settings.devices.name).fill("Old laptop");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await list.getByText("Old laptop").waitFor();
    await expect
      .poll(async () => {
        await laptop.sync();
        return (await laptop.devices.list()).map(({ name }) => name);
      })
      .toContain("Old laptop");

    await list.getByRole("button", { name: settings.devices.actions("Old laptop") }).click();
    await page.getByRole("menuitem", { name: settings.devices.remove }).click();
    await page.getByRole("dialog").getByText(settings.devices.removeText).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: settings.devices.remove }).click();
    await said(settings.devices.removed("Old laptop")).waitFor();
    await list.getByText("Old laptop").waitFor({ state: "detached" });
    await expect(laptop.sync()).rejects.toMatchObject({ code: "unauthenticated" });
    await laptop.close();
    expect(visitor.faults).toEqual([]);
  });
});

describe("security", () => {
  test("a new passphrase opens the mailbox, and the one before no more", async () => {
    await open("security");
    await button(settings.security.change).click();
    const old = page.getByLabel(settings.security.old, { exact: true });
    await old.fill("something else");
    await page.getByLabel(settings.security.new, { exact: true }).fill("a new battery staple");
    await page.getByLabel(en.door.choose.again).fill("a new battery");
    await button(settings.security.change).click();
    await page.getByText(en.door.choose.different).waitFor();
    await page.getByLabel(en.door.choose.again).fill("a new battery staple");
    await button(settings.security.change).click();
    await page.getByText(settings.security.oldWrong).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await old.fill(PASSPHRASE);
    await button(settings.security.change).click();
    await said(settings.security.changed).waitFor();

    await button(settings.security.lockNow).click();
    await page.getByRole("heading", { name: en.door.unlock.title }).waitFor();
    await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await button(en.door.unlock.unlock).click();
    await page.getByText(en.door.unlock.wrong).waitFor();
    await page.getByLabel("Passphrase", { exact: true }).fill("a new battery staple");
    await button(en.door.unlock.unlock).click();
    await page.getByRole("heading", { level: 1, name: settings.sections.security }).waitFor();
  });

  test("renewed locks are another public key for everybody", async () => {
    const before = (await bob.client.contacts.resolve(ALICE)).chain.head.document.public_key;
    await open("security");
    await button(settings.security.renew).click();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: settings.security.renew }).click();
    await said(settings.security.renewed).waitFor();
    const after = await bob.client.contacts.resolve(ALICE);
    expect(after.chain.head.document.public_key).not.toBe(before);
    await bob.client.send({ to: [ALICE], subject: "Still here?", body: "Yes.", keepCopy: false });
    await page.evaluate(() => (location.hash = "#/inbox"));
    await page.getByRole("row", { name: /Still here/ }).waitFor();
  });

  test("new recovery words bring the mailbox back, and the old ones no more", async () => {
    const carol = await stage.person("carol#alpha.example");
    const here = await stage.open({ viewport: { width: 1280, height: 900 } });
    await restoreInBrowser(here, HOME, carol.address, carol.phrase);
    await open("security", here.page);
    await button(settings.security.wordsChange, here.page).click();
    await typeWords(here.page, bob.phrase);
    await button("Continue", here.page).click();
    await here.page.getByText(settings.words.notTheirs).waitFor();
    await typeWords(here.page, carol.phrase);
    await button("Continue", here.page).click();
    await here.page.getByRole("heading", { name: settings.words.newTitle }).waitFor();
    const words = await wordsShown(here.page);
    expect(new Set(words).size).toBeGreaterThan(12);
    expect(await violationsOn(here.page)).toEqual([]);
    await button(settings.words.written, here.page).click();
    await confirmWords(here.page, words);
    await here.page.getByText(settings.words.done).waitFor({ timeout: 60_000 });
    await carol.client.close();

    const there = await stage.open({ viewport: { width: 1280, height: 900 } });
    await there.page.goto(`${HOME}#/restore`);
    await there.page.getByLabel("Your address").fill(carol.address);
    await typeWords(there.page, carol.phrase);
    await button("Continue", there.page).click();
    await button(en.door.restore.restore, there.page).click();
    await there.page.getByText(en.door.restore.notTheirs(carol.address)).waitFor();
    await there.page.reload();
    await restoreInBrowser(there, HOME, carol.address, words.join(" "));
    await there.page.getByText(carol.address).first().waitFor();
    expect([...here.faults, ...there.faults]).toEqual([]);
  });

  test("who leaves before the new words are confirmed keeps the old ones", async () => {
    const dora = await stage.person("dora#alpha.example");
    const here = await stage.open();
    await restoreInBrowser(here, HOME, dora.address, dora.phrase);
    const recoveryKey = async (): Promise<string> => (await bob.client.contacts.resolve(dora.address)).chain.head.document.recovery_key;
    const before = await recoveryKey();
    await open("security/words", here.page);
    await typeWords(here.page, dora.phrase);
    await button("Continue", here.page).click();
    await here.page.getByRole("heading", { name: settings.words.newTitle }).waitFor();
    await open("security", here.page);
    await here.page.getByRole("heading", { level: 1, name: settings.sections.security }).waitFor();
    expect(await recoveryKey()).toBe(before);
    await button(settings.security.forgetNow, here.page).click();
    await here.page.getByRole("dialog").getByRole("button", { name: en.door.forget.forget }).click();
    await here.page.getByRole("heading", { name: en.door.welcome.title }).waitFor();
    expect(await here.page.evaluate(async () => await indexedDB.databases())).toEqual([]);
    expect([...visitor.faults, ...here.faults]).toEqual([]);
  });
});
