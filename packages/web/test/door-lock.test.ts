import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { en } from "../src/messages/en/all.ts";
import { setStage, type Stage } from "./stage.ts";
import { joinInBrowser, PASSPHRASE, violationsOn, wordsShown } from "./steps.ts";

// Who may open the mailbox of this browser, when it closes by itself, and that one tab at a time has it.

const { door } = en;
const HOME = "https://smimp.alpha.example/";
const HOURS = 60 * 60 * 1_000;
let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(async () => await stage.close());

async function unlock(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByRole("heading", { name: door.unlock.title }).waitFor();
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByRole("button", { name: "Unlock" }).click();
}

async function isOpen(page: Page, address: string): Promise<void> {
  await page.getByRole("button", { name: /^Unlock/ }).waitFor({ state: "detached" });
  await page.getByText(address).first().waitFor();
}

test("left alone, the mailbox locks itself; the passphrase opens it, and no other", async () => {
  const visitor = await stage.open();
  const { page } = visitor;
  await page.clock.install();
  await joinInBrowser(visitor, stage, "alice#alpha.example");
  await page.clock.fastForward(23 * HOURS);
  await isOpen(page, "alice#alpha.example");
  // Somebody is there: the day begins anew.
  await page.mouse.move(10, 10);
  await page.mouse.move(20, 20);
  await page.clock.fastForward(23 * HOURS);
  await isOpen(page, "alice#alpha.example");
  await page.clock.fastForward(2 * HOURS);
  await page.getByRole("heading", { name: door.unlock.title }).waitFor();
  await page.getByText("alice#alpha.example").waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await page.reload();
  await unlock(page, "not this one");
  await page.getByText(door.unlock.wrong).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  // Who sees the mistake while the first is being tried need not wait, and is told nothing of it.
  const field = page.getByLabel("Passphrase", { exact: true });
  await field.fill("a mistake");
  expect(await page.getByText(door.unlock.wrong).count()).toBe(0);
  await field.press("Enter");
  await field.fill(PASSPHRASE);
  await field.press("Enter");
  await isOpen(page, "alice#alpha.example");
  await page.reload();
  await isOpen(page, "alice#alpha.example");
  expect(visitor.faults).toEqual([]);
});

test("its owner says how long it stays open", async () => {
  const visitor = await stage.open();
  const { page } = visitor;
  await joinInBrowser(visitor, stage, "berta#alpha.example");
  const choose = async (label: string): Promise<void> => {
    await page.goto(`${HOME}#/settings/security`);
    await page.getByLabel(door.lockAfter.label).selectOption({ label });
    await expect.poll(async () => await page.getByLabel(door.lockAfter.label).locator("option:checked").innerText()).toBe(label);
  };
  await choose(door.lockAfter.closed);
  await page.reload();
  await unlock(page);
  await isOpen(page, "berta#alpha.example");
  await choose(door.lockAfter.minutes(5));
  await page.clock.install();
  await page.reload();
  // From now on the browser may keep it open; the passphrase has to be typed once more for that.
  await unlock(page);
  await isOpen(page, "berta#alpha.example");
  await page.clock.fastForward(4 * 60_000);
  await isOpen(page, "berta#alpha.example");
  await page.clock.fastForward(2 * 60_000);
  // Where somebody was is in sight no more, and they come back to it.
  await expect.poll(() => new URL(page.url()).hash).toBe("#/");
  await unlock(page);
  await isOpen(page, "berta#alpha.example");
  await expect.poll(() => new URL(page.url()).hash).toBe("#/settings/security");
  await choose(door.lockAfter.never);
  await page.clock.fastForward(1_000 * HOURS);
  await isOpen(page, "berta#alpha.example");
  expect(visitor.faults).toEqual([]);
});

describe("two tabs", () => {
  test("one has the mailbox; the other takes it when asked to", async () => {
    const visitor = await stage.open();
    const { page, context } = visitor;
    await joinInBrowser(visitor, stage, "clara#alpha.example");
    const second = await context.newPage();
    await second.goto(HOME);
    await second.getByRole("heading", { name: door.elsewhere.title }).waitFor();
    expect(await violationsOn(second)).toEqual([]);
    await second.getByRole("button", { name: "Use it here" }).click();
    await isOpen(second, "clara#alpha.example");
    await page.getByRole("heading", { name: door.elsewhere.title }).waitFor();
    await page.getByRole("button", { name: "Use it here" }).click();
    await isOpen(page, "clara#alpha.example");
    await second.getByRole("heading", { name: door.elsewhere.title }).waitFor();
    // The one that has it goes: the other is not told, but may take it.
    await page.close();
    await second.getByRole("button", { name: "Use it here" }).click();
    await isOpen(second, "clara#alpha.example");
    expect(visitor.faults).toEqual([]);
  });

  test("an account that is being made goes over too, at the step where it is", async () => {
    const { page, context, faults } = await stage.open();
    const { link } = await stage.network.invite("alpha.example");
    await page.goto(link);
    await page.getByLabel("Your address").fill("doris");
    await page.getByRole("button", { name: "Create my mailbox" }).click();
    const words = await wordsShown(page);
    const second = await context.newPage();
    await second.goto(HOME);
    await second.getByRole("button", { name: "Use it here" }).click();
    expect(await wordsShown(second)).toEqual(words);
    await page.getByRole("heading", { name: door.elsewhere.title }).waitFor();
    expect(faults).toEqual([]);
  });
});

describe("a browser that forgets", () => {
  test("removed, nothing of the mailbox is left", async () => {
    const visitor = await stage.open();
    const { page } = visitor;
    await joinInBrowser(visitor, stage, "emma#alpha.example");
    await lockNow(page);
    await page.getByRole("button", { name: "Remove from this browser" }).click();
    await page.getByText(door.forget.text("emma#alpha.example")).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("heading", { name: door.welcome.title }).waitFor();
    expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([]);
    await page.reload();
    await page.getByRole("heading", { name: door.welcome.title }).waitFor();
    expect(visitor.faults).toEqual([]);
  });

  test("whoever has forgotten the passphrase is led to the recovery words", async () => {
    const visitor = await stage.open();
    const { page } = visitor;
    await joinInBrowser(visitor, stage, "fanny#alpha.example");
    await lockNow(page);
    await page.getByRole("button", { name: "Forgotten your passphrase?" }).click();
    await page.getByText(door.unlock.forgottenText).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Restore with recovery words" }).click();
    await page.getByRole("heading", { name: door.restore.title }).waitFor();
    await expect.poll(async () => await page.getByLabel("Your address").inputValue()).toBe("fanny#alpha.example");
    expect(visitor.faults).toEqual([]);
  });

  test("what can't be read any more is said, and can be removed", async () => {
    const visitor = await stage.open();
    const { page } = visitor;
    await joinInBrowser(visitor, stage, "gina#alpha.example");
    await page.evaluate(async () => {
      const open = indexedDB.open("smimp-vault");
      await new Promise((resolve) => open.addEventListener("success", resolve));
      const store = open.result.transaction("vault", "readwrite").objectStore("vault");
      const get = store.get("only");
      await new Promise((resolve) => get.addEventListener("success", resolve));
      const vault = get.result as { device: { sealed: ArrayBuffer } };
      new Uint8Array(vault.device.sealed)[0]! ^= 1;
      const put = store.put(vault, "only");
      await new Promise((resolve) => put.addEventListener("success", resolve));
      open.result.close();
    });
    await page.reload();
    await page.getByRole("heading", { name: door.failedMailbox.title }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Remove from this browser" }).click();
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("heading", { name: door.welcome.title }).waitFor();
    expect(visitor.faults).toEqual([]);
  });
});

/** Locks the mailbox by hand. */
async function lockNow(page: Page): Promise<void> {
  await page.getByRole("button", { name: en.shell.lock }).click();
  await page.getByRole("heading", { name: door.unlock.title }).waitFor();
}
