import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { de } from "../src/messages/de/all.ts";
import { en } from "../src/messages/en/all.ts";
import { BUILT, setStage, type Stage } from "./stage.ts";
import { refuseStorage, violationsOn } from "./steps.ts";

/** A view or its texts, whichever is missed first. */
const BROKEN = new RegExp(`${en.common.broken.title}|could not be loaded completely`);
const LOAD_AGAIN = new RegExp(`${en.common.broken.reload}|Load again`);

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
  await page.getByRole("alert").getByText(BROKEN).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await context.unrouteAll();
  await page.getByRole("button", { name: LOAD_AGAIN }).click();
  await page.getByRole("heading", { name: en.door.welcome.title }).waitFor();
  expect(faults).toEqual([]);
});

test("a script or style that somebody changed on its way is refused, also where it is fetched later", async () => {
  const additions = { js: "\n;globalThis.changed = true;", css: "\nhtml { --changed: yes }" };
  for (const [kind, addition] of Object.entries(additions)) {
    const { page, context, faults } = await stage.open({ serviceWorkers: "block" });
    let added = addition;
    await context.route(new RegExp(String.raw`/assets/door-[^/]*\.${kind}$`), async (route) => {
      const file = await readFile(join(BUILT, new URL(route.request().url()).pathname), "utf8");
      await route.fulfill({ contentType: `text/${kind === "js" ? "javascript" : kind}`, body: file + added });
    });
    await page.goto("https://smimp.alpha.example/");
    await page.getByRole("alert").getByText(BROKEN).waitFor();
    const traces = await page.evaluate(() => [
      "changed" in globalThis,
      getComputedStyle(document.documentElement).getPropertyValue("--changed"),
    ]);
    expect(traces).toEqual([false, ""]);
    added = "";
    await page.getByRole("button", { name: LOAD_AGAIN }).click();
    await page.getByRole("heading", { name: en.door.welcome.title }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  }
});

test("every style that a page has fetched carries its hash", async () => {
  const { page } = await stage.open({ serviceWorkers: "block" });
  await page.goto("https://smimp.alpha.example/");
  await page.getByRole("heading", { name: en.door.welcome.title }).waitFor();
  const links = page.locator("link[rel=stylesheet]");
  expect(await links.count()).toBeGreaterThan(2);
  expect(await page.locator("link[rel=stylesheet]:not([integrity^=sha256-])").count()).toBe(0);
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
