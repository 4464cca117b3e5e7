import { afterAll, beforeAll, expect, test } from "vitest";
import { en } from "../src/messages/en/all.ts";
import { setStage, type Stage } from "./stage.ts";
import { choosePassphrase, confirmWords, violationsOn, wordsShown } from "./steps.ts";

// Where anybody may register: for work, which can be watched and cancelled.

const { door } = en;
let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    config: (domain) => ({ registration: "open", workPolicy: { registrationBits: domain === "alpha.example" ? 23 : 27 } }),
  });
});
afterAll(async () => await stage.close());

test("a person joins without an invite; the work can be cancelled and begun again", async () => {
  const { page, faults } = await stage.open();
  await page.goto("https://smimp.alpha.example/");
  await page.getByRole("button", { name: /^Make a mailbox at smimp\.alpha\.example/ }).click();
  await page.getByLabel("Your address").fill("anybody");
  await page.getByRole("button", { name: "Create my mailbox" }).click();
  await page.getByRole("heading", { name: door.work.title }).waitFor();
  await page.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByLabel("Your address").waitFor();
  expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
  await page.getByLabel("Your address").fill("somebody");
  await page.getByRole("button", { name: "Create my mailbox" }).click();
  const words = await wordsShown(page);
  await page.getByRole("button", { name: door.phrase.written }).click();
  await confirmWords(page, words);
  await choosePassphrase(page);
  expect(faults).toEqual([]);
});

test("very much work is asked about first", async () => {
  const { page, faults } = await stage.open();
  await page.goto("https://smimp.beta.example/join");
  await page.getByLabel("Your address").fill("anybody");
  await page.getByRole("button", { name: "Create my mailbox" }).click();
  await page.getByText(door.work.much).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText(door.errors.tooMuchWork).waitFor();
  expect(faults).toEqual([]);
});
