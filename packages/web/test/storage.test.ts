import { fileURLToPath } from "node:url";
import { chromiumPath, HEADLESS_ARGUMENTS } from "@smimp/testkit";
import { chromium, type Browser, type Page } from "playwright-core";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cases } from "./storage-page.ts";

// The storage in the browser's IndexedDB meets what every storage of the client meets, in a real browser. It needs no server.

const PAGE = "https://storage.example/";
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const [script] = await Promise.all([
    bundled(),
    (async () => {
      browser = await chromium.launch({ executablePath: chromiumPath(), args: [...HEADLESS_ARGUMENTS] });
      page = await browser.newPage();
    })(),
  ]);
  await page.route(`${PAGE}**`, async (route) => {
    const isScript = route.request().url().endsWith(".js");
    await route.fulfill(
      isScript
        ? { contentType: "text/javascript", body: script }
        : { contentType: "text/html", body: "<!doctype html><title>Storage</title>" },
    );
  });
  await page.goto(PAGE);
});
afterAll(async () => await browser.close());

/** The cases, and all that they use, as one module. */
async function bundled(): Promise<string> {
  const [output] = (await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    build: {
      write: false,
      minify: false,
      lib: { entry: fileURLToPath(new URL("storage-page.ts", import.meta.url)), formats: ["es"] },
    },
  })) as readonly Rolldown.RolldownOutput[];
  return output?.output[0].code ?? "";
}

test.each(cases.map(({ name }, index) => ({ name, index })))("IndexedDB: $name", async ({ index }) => {
  // As text: no bundler of the tests shall see the import.
  expect(await page.evaluate(`import("${PAGE}storage.js").then(({ runCase }) => runCase(${index}))`)).toBeNull();
});
