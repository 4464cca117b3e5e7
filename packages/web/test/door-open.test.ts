import { afterAll, beforeAll, expect, test } from "vitest";
import { en } from "../src/messages/en/all.ts";
import { setStage, type Stage } from "./stage.ts";
import { choosePassphrase, confirmWords, violationsOn, wordsShown } from "./steps.ts";

// Where anybody may register: for work, which can be watched and cancelled.

const { door } = en;
/** How much work the servers ask for: a moment's, and so much that it is asked about first, and cancelled before it is done on any machine. */
const BITS: Readonly<Record<string, number>> = { "alpha.example": 20, "beta.example": 27, "gamma.example": 27 };
let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    domains: Object.keys(BITS),
    config: (domain) => ({ registration: "open", workPolicy: { registrationBits: BITS[domain] ?? 0 } }),
  });
});
afterAll(async () => await stage.close());

test("a person joins without an invite", async () => {
  const { page, faults } = await stage.open();
  await page.goto("https://smimp.alpha.example/");
  await page.getByRole("button", { name: /^Make a mailbox at alpha\.example/ }).click();
  await page.getByLabel("Your address").fill("somebody");
  await page.getByRole("button", { name: "Create my mailbox" }).click();
  const words = await wordsShown(page);
  await page.getByRole("button", { name: door.phrase.written }).click();
  await confirmWords(page, words);
  await choosePassphrase(page);
  expect(faults).toEqual([]);
});

test("the work is shown, goes on after a closed page, and can be cancelled", async () => {
  const { page, faults } = await stage.open();
  await page.goto("https://smimp.beta.example/join");
  await page.getByLabel("Your address").fill("anybody");
  await page.getByRole("button", { name: "Create my mailbox" }).click();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("heading", { name: door.work.title }).waitFor();
  await page.goto("https://smimp.beta.example/");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("heading", { name: door.work.title }).waitFor();
  await page.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: door.welcome.title }).waitFor();
  expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).not.toContain("smimp-mailbox");
  expect(faults).toEqual([]);
});

test("very much work is asked about first", async () => {
  const { page, faults } = await stage.open();
  await page.goto("https://smimp.gamma.example/join");
  await page.getByLabel("Your address").fill("anybody");
  await page.getByRole("button", { name: "Create my mailbox" }).click();
  await page.getByText(door.work.much).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText(door.errors.tooMuchWork).waitFor();
  await page.getByRole("button", { name: "Create my mailbox" }).click();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("heading", { name: door.work.title }).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByLabel("Your address").waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
  expect(faults).toEqual([]);
});
