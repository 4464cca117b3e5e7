import { parseAddress, type Hex32 } from "@smimp/protocol";
import type { Person } from "@smimp/testkit";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOSTILE_BODIES } from "./corpus/bodies.ts";
import { HOSTILE_FILES, HOSTILE_LINES, HOSTILE_PICTURES } from "./corpus/lines.ts";
import { joinInBrowser } from "./steps.ts";
import { setStage, type Stage, type Visitor } from "./stage.ts";

const ALICE = parseAddress("alice#alpha.example");
/** How long the page may be busy with one message, milliseconds; on a slow machine too. */
const LONGEST = 10_000;
/** Characters of a body that is sent as a short message: all of them stand in one conversation. */
const SHORT = 2_000;

let stage: Stage;
let visitor: Visitor;
let page: Page;
let mallory: Person;

beforeAll(async () => {
  stage = await setStage();
  visitor = await stage.open({ viewport: { width: 1440, height: 900 }, acceptDownloads: true });
  ({ page } = visitor);
  await joinInBrowser(visitor, stage, ALICE);
  mallory = await stage.person("mallory#beta.example");
  await page.evaluate(() => {
    const watched = globalThis as unknown as { hacked: () => void; ran: number; longest: number };
    watched.ran = 0;
    watched.hacked = () => void watched.ran++;
    watched.longest = 0;
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      watched.longest = Math.max(watched.longest, now - last);
      last = now;
    }, 50);
  });
});
afterAll(async () => await stage.close());

async function send(
  subject: string,
  body: string,
  files: readonly { readonly name: string; readonly mediaType: string; readonly content: string | readonly number[] }[] = [],
  from = mallory,
): Promise<Hex32> {
  const attachments = files.map(({ name, mediaType, content }) => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : Uint8Array.from(content);
    return {
      name,
      mediaType,
      size: bytes.length,
      open: async function* () {
        yield bytes;
      },
    };
  });
  const { copies } = await from.client.send({ to: [ALICE], subject, body, attachments, keepCopy: false });
  const messageId = copies[0]?.messageId ?? null;
  if (messageId === null) throw new TypeError(`not sent: ${copies[0]?.detail}`);
  return messageId;
}

/** Opens a message; resolves once it is shown. */
async function open(messageId: Hex32): Promise<void> {
  await page.evaluate((id) => (location.hash = `#/inbox/m/${id}`), messageId);
  await page.locator(`#message-${messageId}`).waitFor();
  await page.locator(`#message-${messageId} [role=status]`).waitFor({ state: "detached" });
}

/** What is in a message's view that must be in none. */
async function found(): Promise<readonly string[]> {
  return await page.evaluate(() => {
    const allowed = new Set(
      "A,ARTICLE,B,BDI,BLOCKQUOTE,BR,BUTTON,CODE,DD,DIV,DL,DT,EM,H1,H3,H4,H5,H6,HEADER,HR,IMG,LI,OL,P,PATH,PRE,RECT,SECTION,SPAN,STRONG,SVG,TIME,UL".split(
        ",",
      ),
    );
    const wrong: string[] = [];
    for (const element of document.querySelectorAll("article, article *, [role=grid] *, nav *")) {
      const name = element.tagName.toUpperCase();
      if (!allowed.has(name) && !(element.closest("article") === null && ["INPUT", "NAV", "H2"].includes(name))) wrong.push(name);
      for (const { name: attribute, value } of element.attributes) {
        if (/^on/i.test(attribute)) wrong.push(`${name} ${attribute}`);
        if (/^(?:src|srcset|data|action|formaction|xlink:href|srcdoc|background|poster)$/i.test(attribute) && !value.startsWith("blob:")) {
          wrong.push(`${name} ${attribute}=${value.slice(0, 80)}`);
        }
        if (attribute === "style" && /url|expression/i.test(value)) wrong.push(`${name} style=${value}`);
      }
      if (element instanceof HTMLAnchorElement && element.closest("ol") !== null) {
        const isSafe = /^https?:\/\//.test(element.href) && element.target === "_blank" && element.rel === "noopener noreferrer";
        if (!isSafe) wrong.push(`a link to ${element.href.slice(0, 80)}`);
      }
    }
    return wrong;
  });
}

async function assertUnharmed(): Promise<void> {
  expect(await found()).toEqual([]);
  expect(await page.evaluate(() => (globalThis as unknown as { ran: number }).ran)).toBe(0);
  expect(new URL(page.url()).href).toMatch(/^https:\/\/smimp\.alpha\.example\/#\/inbox/);
  expect(visitor.context.pages()).toHaveLength(1);
  expect(visitor.faults).toEqual([]);
}

describe("a hostile body", () => {
  test.each(Object.entries(HOSTILE_BODIES))("%s: nothing runs, nothing is fetched, nothing freezes", async (name, body) => {
    await page.evaluate(() => ((globalThis as unknown as { longest: number }).longest = 0));
    await open(await send(name, body));
    await assertUnharmed();
    expect(await page.evaluate(() => (globalThis as unknown as { longest: number }).longest)).toBeLessThan(LONGEST);
  });

  test("every one of them as a short message: nothing runs, nothing is fetched, nothing freezes", async () => {
    const texts = Object.values(HOSTILE_BODIES).map((body) => body.slice(0, SHORT));
    for (const text of texts) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as somebody writes
      await mallory.client.sendShort(ALICE, text);
    }
    await mallory.client.sendShort(ALICE, "The last of them");
    await page.evaluate(() => (location.hash = "#/chat/mallory%23beta.example"));
    const log = page.getByRole("log", { name: "Messages" });
    await log.getByText("The last of them").waitFor();
    await log.getByRole("button", { name: "Earlier" }).click();
    await log.getByText("[click](javascript:hacked())", { exact: true }).waitFor();
    expect(await log.locator("script, iframe, img, svg script, form, style").count()).toBe(0);
    const links = await log.getByRole("link").evaluateAll((all) => all.map((each) => (each as HTMLAnchorElement).href));
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((href) => !/^https?:\/\/[^/@]+\//.test(href))).toEqual([]);
    expect(await log.innerText()).not.toMatch(/[\u0000-\u0008\u202a-\u202e]/);
    await log.getByText("(opens evil.example)").first().waitFor();
    expect(await page.evaluate(() => (globalThis as unknown as { ran: number }).ran)).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(visitor.faults).toEqual([]);
    await page.evaluate(() => (location.hash = "#/inbox"));
  });

  test("nothing turns the direction of a text, and names that are hidden are found", async () => {
    await open(await send("Turned", HOSTILE_BODIES["turned direction by entities"] ?? ""));
    expect(await page.getByRole("article").innerText()).not.toMatch(/[\u202a-\u202e]/);
    await open(await send("Hidden", HOSTILE_BODIES["links whose points can't be seen"] ?? ""));
    expect(await page.getByRole("article").getByText("(opens evil.example)").count()).toBe(5);
  });

  test("links say where they really lead", async () => {
    await open(
      await send("Where to", "[https://bank.example](https://evil.example/x) [my bank](https://evil.example/y) https://evil.example/z"),
    );
    const article = page.getByRole("article");
    expect(await article.getByText("(opens evil.example)").count()).toBe(1);
    expect(await article.getByRole("link").count()).toBe(3);
    expect(await article.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("title")))).toEqual([
      "https://evil.example/x",
      "https://evil.example/y",
      "https://evil.example/z",
    ]);
  });

  test("schemes that do something are the text that they are", async () => {
    await open(await send("As text", "[click](javascript:hacked())"));
    const article = page.getByRole("article");
    await article.getByText("[click](javascript:hacked())").waitFor();
    expect(await article.getByRole("link").count()).toBe(0);
  });

  test("images from elsewhere are named, not loaded", async () => {
    await open(await send("Seen", "![our garden](https://tracker.example/pixel.png)"));
    const article = page.getByRole("article");
    await article.getByText("Image from elsewhere: our garden").waitFor();
    expect(await article.locator("img").count()).toBe(0);
  });
});

describe("hostile lines", () => {
  // Each from somebody who has it for a name; they write side by side.
  const sent: Hex32[] = [];
  beforeAll(async () => {
    const all = HOSTILE_LINES.map(async (line, index) => {
      const stranger = await stage.person(`stranger${index}#beta.example`);
      // What the protocol takes for no name is none.
      await stranger.client.profile.set({ name: line }).catch(() => undefined);
      return await send(line, line, [], stranger);
    });
    sent.push(...(await Promise.all(all)));
  });

  test.each(HOSTILE_LINES.map((line, index) => [line, index] as const))("%j as subject and name", async (_line, index) => {
    await open(sent[index] as Hex32);
    const heading = await page.getByRole("article").getByRole("heading", { level: 1 }).innerText();
    // One line, and none that turns what stands beside it.
    expect(heading).not.toMatch(/[\n\u0000-\u001f\u2028-\u202e\u2066-\u2069]/);
    await assertUnharmed();
  });

  test("a row, whatever is in it, is as high as every other, and as wide as the list", async () => {
    await page.evaluate(() => (location.hash = "#/inbox"));
    await page.getByRole("row").first().waitFor();
    const shapes = await page
      .getByRole("row")
      .evaluateAll((rows) => rows.map((row) => [row.clientHeight, row.scrollWidth - row.clientWidth]));
    expect(new Set(shapes.map(([height]) => height)).size).toBe(1);
    expect(shapes.every(([, beyond]) => beyond === 0)).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});

describe("hostile files", () => {
  test("are neither shown nor opened, and are stored under names that are safe, as bytes", async () => {
    await open(await send("Files", "See below.", [...HOSTILE_FILES, ...HOSTILE_PICTURES]));
    const files = page.getByRole("region", { name: "14 attachments" });
    for (const name of ["bomb.png", "half.gif"]) await files.getByRole("button", { name: `Show ${name}` }).click();
    await files.getByText("This is no picture that can be shown.").nth(2).waitFor();
    // Half a picture may be drawn as half a picture.
    expect(await files.locator("img").count()).toBeLessThanOrEqual(1);
    for (const button of await files.getByRole("button", { name: /^Download / }).all()) {
      const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
      const name = download.suggestedFilename();
      expect(name).not.toMatch(/[/\\\u0000-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069]|^\./);
      expect(name.length).toBeLessThanOrEqual(130);
      await download.delete();
      // Chromium drops what a page lets it store beyond ten files in a second.
      await page.waitForTimeout(150);
    }
    expect(await files.getByText("can run a program").count()).toBe(4);
    await assertUnharmed();
  });
});
