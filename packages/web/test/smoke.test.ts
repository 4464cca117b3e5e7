import { parseAddress } from "@smimp/protocol";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { de } from "../src/messages/de/all.ts";
import { en } from "../src/messages/en/all.ts";
import { BUILT, setStage, type Stage } from "./stage.ts";
import { joinInvited, refuseStorage, violationsOn } from "./steps.ts";

/** A view or its texts, whichever is missed first. */
const BROKEN = new RegExp(`${en.common.broken.title}|could not be loaded completely`);
const LOAD_AGAIN = new RegExp(`${en.common.broken.reload}|Load again`);

const SMIMP = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));

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
    // With an invite it is wanted more than once.
    await page.goto("https://smimp.alpha.example/join#code");
    await page.getByRole("alert").getByText(BROKEN).waitFor();
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

test("where scripts are off, or the first one is refused, the page says so in place of nothing", async () => {
  const sentences = [/This page has not started\./, /Diese Seite ist nicht gestartet\./];
  const silent = await stage.open({ javaScriptEnabled: false });
  await silent.page.goto("https://smimp.alpha.example/");
  for (const sentence of sentences) await silent.page.getByText(sentence).waitFor();
  const { page, context, faults } = await stage.open({ serviceWorkers: "block" });
  await context.route(/\/assets\/index-.*\.js$/, async (route) => {
    await route.fulfill({ contentType: "text/javascript", body: "globalThis.changed = true;" });
  });
  await page.goto("https://smimp.alpha.example/");
  // Not at once: most often there is only something to wait for.
  for (const sentence of sentences) expect(await page.getByText(sentence).isVisible()).toBe(false);
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) animation.finish();
  });
  for (const sentence of sentences) await page.getByText(sentence).waitFor();
  expect(await page.evaluate(() => "changed" in globalThis)).toBe(false);
  expect(await violationsOn(page)).toEqual([]);
  await context.unrouteAll();
  await page.reload();
  await page.getByRole("heading", { name: en.door.welcome.title }).waitFor();
  expect(await page.getByText(/This page has not started/).count()).toBe(0);
  expect(faults).toEqual([]);
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

test("whoever wants less motion sees none", async () => {
  const { page } = await stage.open();
  await page.goto("https://smimp.alpha.example/");
  await page.getByRole("heading", { name: en.door.welcome.title }).waitFor();
  /** The longest time that anything here moves, seconds. */
  const longest = async (): Promise<number> =>
    await page.evaluate(() => {
      const seconds = (text: string): number => Math.max(...text.split(",").map((each) => Number.parseFloat(each)));
      const styles = [...document.querySelectorAll("*")].flatMap((each) =>
        [null, "::before", "::after"].map((part) => getComputedStyle(each, part)),
      );
      return Math.max(
        ...styles.flatMap(({ animationDuration, transitionDuration }) => [seconds(animationDuration), seconds(transitionDuration)]),
      );
    });
  await page.emulateMedia({ reducedMotion: "no-preference" });
  expect(await longest()).toBeGreaterThan(0.05);
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await longest()).toBeLessThanOrEqual(0.000_01);
});

test("the same from one's own computer: `smimp open` is joined with an invite from a server", async () => {
  const port = await freePort();
  const smimp = spawn(process.execPath, [SMIMP, "open", "--no-browser", "--port", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const said = await new Promise<string>((resolve, reject) => {
      smimp.stdout.setEncoding("utf8").once("data", resolve);
      smimp.once("exit", (code) => reject(new Error(`smimp open ended with ${code}`)));
    });
    const home = `http://127.0.0.1:${port}/`;
    expect(said).toContain(home);
    const { page, faults } = await stage.open();
    await page.goto(home);
    await page.getByRole("button", { name: en.door.welcome.invite }).click();
    const { link } = await stage.network.invite("alpha.example", parseAddress("olga#alpha.example"));
    await page.getByLabel(en.door.invite.link).fill(link);
    await page.getByLabel(en.door.invite.link).press("Enter");
    await joinInvited(page, "olga");
    await page.getByText("Your mailbox is ready").waitFor();
    expect(await page.evaluate(() => isSecureContext)).toBe(true);
    expect(new URL(page.url()).origin).toBe(new URL(home).origin);
    expect(faults.filter((fault) => !fault.startsWith(`a request to ${home}`))).toEqual([]);
    await page.context().close();
  } finally {
    smimp.kill("SIGTERM");
    if (smimp.exitCode === null) await once(smimp, "exit");
  }
});

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
