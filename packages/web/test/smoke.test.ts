import { afterAll, beforeAll, expect, test } from "vitest";
import { de } from "../src/messages/de/all.ts";
import { en } from "../src/messages/en/all.ts";
import { setStage, type Stage } from "./stage.ts";
import { refuseStorage, violationsOn } from "./steps.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(async () => await stage.close());

test("the page of a server shows what this is, under its strict policy, and asks nobody else", async () => {
  const { page, faults } = await stage.open();
  await page.goto("https://smimp.alpha.example/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await page.title()).toBe(`${en.door.welcome.title} – SMIMP Mail`);
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  await page.getByLabel(en.door.language).selectOption("de");
  await expect.poll(async () => await page.title()).toBe(`${de.door.welcome.title} – SMIMP Mail`);
  expect(await page.locator("html").getAttribute("lang")).toBe("de");
  expect(faults).toEqual([]);
});

test("where part of the page can't be fetched, it says so, and nothing else is gone", async () => {
  const { page, context, faults } = await stage.open({ serviceWorkers: "block" });
  await context.route(/\/assets\/door-.*\.js$/, async (route) => await route.abort());
  await page.goto("https://smimp.alpha.example/");
  await page.getByRole("alert").getByText(en.common.broken.title).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await context.unrouteAll();
  await page.getByRole("button", { name: en.common.broken.reload }).click();
  await page.getByRole("heading", { name: en.door.welcome.title }).waitFor();
  expect(faults).toEqual([]);
});

test("where the texts can't be fetched, it says that, too", async () => {
  const { page, context } = await stage.open({ serviceWorkers: "block" });
  await context.route(/\/assets\/first-.*\.js$/, async (route) => await route.abort());
  await page.goto("https://smimp.alpha.example/");
  await page.getByRole("alert").getByText("This page could not be loaded completely").waitFor();
  await context.unrouteAll();
  await page.getByRole("button", { name: "Load again" }).click();
  await page.getByRole("heading", { name: en.door.welcome.title }).waitFor();
});

test("where the browser stores nothing, it says so, and what helps", async () => {
  const visitor = await stage.open({ serviceWorkers: "block" });
  const { page, context, faults } = visitor;
  await refuseStorage(visitor);
  await page.goto("https://smimp.alpha.example/");
  await page.getByRole("heading", { name: en.door.failed.title }).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await context.unrouteAll();
  await page.getByRole("button", { name: en.door.failed.reload }).click();
  await page.getByRole("heading", { name: en.door.welcome.title }).waitFor();
  expect(faults).toEqual([]);
});
