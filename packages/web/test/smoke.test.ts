import { afterAll, beforeAll, expect, test } from "vitest";
import { setStage, type Stage } from "./stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(async () => await stage.close());

test("the page of a server shows what this is, under its strict policy, and asks nobody else", async () => {
  const { page, faults } = await stage.open();
  await page.goto("https://smimp.alpha.example/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await page.title()).toBe("SMIMP");
  expect(faults).toEqual([]);
});
