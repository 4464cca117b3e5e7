import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createMemoryStorage } from "@smimp/client";
import {
  addSeconds,
  fromB64,
  hash,
  parseAddress,
  randomBytes,
  sealArchive,
  sealSummary,
  toB64,
  toHex32,
  utf8,
  type ArchiveKey,
} from "@smimp/protocol";
import { newPerson, realClock } from "@smimp/testkit";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { choosePassphrase } from "./steps.ts";
import { setStage, type Stage, type Visitor } from "./stage.ts";

// A mailbox of many messages in a browser that is new to it. `SMIMP_SCALE=100000` measures what the product promises; without it, as many
// as take half a minute show that positions, heights and counts are right.

const COUNT = Number(process.env["SMIMP_SCALE"] ?? 3_000);
const ALICE = parseAddress("alice#alpha.example");
const BOB = parseAddress("bob#beta.example");

let stage: Stage;
let visitor: Visitor;
let page: Page;

beforeAll(async () => {
  stage = await setStage();
  const storage = createMemoryStorage();
  const { client, phrase } = await newPerson(stage.network, ALICE, { storage });
  await client.send({ to: [ALICE], subject: "The newest", body: "To myself." });
  await client.sync();
  await client.keys.save();
  const [stored] = await storage.list("archive-keys");
  const { id, key } = JSON.parse(new TextDecoder().decode(stored?.value)) as { id: ArchiveKey["id"]; key: string };
  fill({ id, key: fromB64(key) });
  visitor = await stage.open({ viewport: { width: 1440, height: 900 } });
  ({ page } = visitor);
  // What is listed only is not there to be fetched.
  await visitor.context.route("**/messages", async (route) => await route.abort());
  await page.goto("https://smimp.alpha.example/#/restore");
  await page.getByLabel("Your address").fill(ALICE);
  await page.getByLabel("Word 1", { exact: true }).fill(phrase);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Bring it back" }).click();
  await choosePassphrase(page);
}, 1_200_000);
afterAll(async () => await stage.close());

/** Puts messages into the server's store as another device of the owner's would have archived them; the one with number 0 is the oldest. */
function fill(archiveKey: ArchiveKey): void {
  const database = new DatabaseSync(join(stage.network.server("alpha.example").config.dataDir, "smimp.sqlite"));
  const { state } = database.prepare("SELECT state FROM accounts WHERE address = ?").get(ALICE) as { state: number };
  const put = database.prepare(
    `INSERT INTO messages (recipient, message_id, created_state, data, signature, sender, message_type, size, received_at, received_via, is_read,
    archive, summary) VALUES (?, ?, ?, '{}', '', ?, 'email', 1000, ?, 'smimp_client', ?, ?, ?)`,
  );
  // Before the one that is there.
  database.exec("BEGIN IMMEDIATE");
  database.prepare("UPDATE messages SET created_state = created_state + ? WHERE recipient = ?").run(COUNT + 1_000_000, ALICE);
  const start = addSeconds(realClock(), -60 * COUNT - 3_600);
  for (let number = 0; number < COUNT; number++) {
    const messageId = toHex32(hash(utf8(`message ${number}`)));
    const archive = toB64(sealArchive(archiveKey, messageId, new Uint8Array(64), randomBytes));
    const summary = {
      subject: `Letter ${number}`,
      name: "Bob",
      text: `What number ${number} has to say: ${words(number)}`,
      from: BOB,
      to: [ALICE],
      thread: messageId,
    };
    const sealed = toB64(sealSummary(archiveKey, messageId, summary, randomBytes));
    put.run(ALICE, messageId, state + 1 + number, BOB, addSeconds(start, number * 60), Number(number % 10 !== 0), archive, sealed);
  }
  database.prepare("UPDATE accounts SET state = ? WHERE address = ?").run(state + COUNT + 2_000_000, ALICE);
  database.exec("COMMIT");
  database.close();
}

/** Made-up words, the same for a number each time; the first of them are as common as the first words of a language. */
function words(number: number): string {
  const many = 60_000;
  return Array.from({ length: 100 }, (_, place) => {
    const drawn = ((number * 100 + place) * 2_654_435_761) % 4_294_967_296;
    const rank = Math.floor(many ** (drawn / 4_294_967_296)) - 1;
    return `w${rank.toString(36)}`;
  }).join(" ");
}

const list = (): Locator => page.getByRole("grid");
/** Does something, and tells how long it took until something is shown, as the page's own clock says. */
async function timed(what: string, run: () => Promise<void>, shown: Locator): Promise<void> {
  const began = performance.now();
  await run();
  await shown.first().waitFor();
  console.log(`${what}: ${Math.round(performance.now() - began)} ms`);
}

test(`${COUNT} messages are listed, counted, and found wherever one scrolls`, { timeout: 1_800_000 }, async () => {
  const began = performance.now();
  const total = new RegExp(`^${new Intl.NumberFormat("en-GB").format(COUNT + 1)} conversations$`);
  await page.getByText(total).waitFor({ timeout: 1_700_000 });
  console.log(`listed after ${Math.round(performance.now() - began)} ms`);
  await list()
    .getByRole("row", { name: /The newest/ })
    .waitFor();
  expect(await list().getAttribute("aria-rowcount")).toBe(String(COUNT + 1));

  const height = await list().evaluate((grid) => grid.scrollHeight / Number(grid.getAttribute("aria-rowcount")));
  expect(Math.round(height)).toBe(82);
  await timed(
    "to the end",
    async () => await list().evaluate((grid) => grid.scrollTo(0, grid.scrollHeight)),
    list().getByRole("row", { name: "Letter 0 " }),
  );
  const middle = Math.floor(COUNT / 2);
  await timed(
    "to the middle",
    async () => await list().evaluate((grid, top) => grid.scrollTo(0, top), (COUNT - middle) * height),
    list().getByRole("row", { name: `Letter ${middle} ` }),
  );
  await page.keyboard.press("g");
  await timed("another place", async () => await page.keyboard.press("s"), page.getByText("Nothing starred"));
  await page.keyboard.press("g");
  await timed("the inbox, warm", async () => await page.keyboard.press("i"), list().getByRole("row", { name: /The newest/ }));
  await list().getByRole("row").first().focus();
  await timed("the last row by key", async () => await page.keyboard.press("End"), list().getByRole("row", { name: "Letter 0 " }));
  await expect.poll(async () => await page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"))).toBe(String(COUNT + 1));
  // So many rows are drawn, however many there are.
  expect(await list().getByRole("row").count()).toBeLessThan(60);

  const frames = await list().evaluate(async (grid) => {
    grid.scrollTo(0, 0);
    const gaps: number[] = [];
    let last = performance.now();
    for (let step = 0; step < 120; step++) {
      grid.scrollTop += 60;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      gaps.push(performance.now() - last);
      last = performance.now();
    }
    return gaps.toSorted((a, b) => a - b);
  });
  console.log(
    `scrolling: half of the frames within ${Math.round(frames[60] ?? 0)} ms, nearly all within ${Math.round(frames[114] ?? 0)} ms`,
  );
  expect(visitor.faults.filter((fault) => !fault.includes("messages"))).toEqual([]);
});

test(`${COUNT} messages are searched as one types`, { timeout: 1_800_000 }, async () => {
  await page.goto("https://smimp.alpha.example/#/search");
  const began = performance.now();
  await page.getByRole("searchbox").fill("nosuchword");
  await page.getByText("Nothing found").waitFor();
  console.log(`the first search, while everything is made searchable: ${Math.round(performance.now() - began)} ms`);
  await page.evaluate(() => (location.hash = "#/settings/storage"));
  await page
    .getByText(`${new Intl.NumberFormat("en-GB", { useGrouping: false }).format(COUNT + 1)} messages can be searched.`)
    .waitFor({ timeout: 1_700_000 });
  console.log(`everything searchable after ${Math.round(performance.now() - began)} ms`);
  await page.evaluate(() => (location.hash = "#/search"));
  await page.getByRole("searchbox").waitFor();
  for (const [what, typed] of [
    ["a rare word", `number ${Math.floor(COUNT / 3)}`],
    ["a word of a hundred messages", "w9z"],
    ["an unfinished word", "wa"],
    ["words of every message", "what number"],
    ["a person and a word", "from:bob wz"],
    ["unread of some days", "wa is:unread after:30d"],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const times = await typing(typed);
    const sorted = times.toSorted((a, b) => a - b);
    console.log(
      `searching ${what}: ${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms a letter, ${Math.round(sorted.at(-1) ?? 0)} ms at the most`,
    );
  }
  await page.getByRole("searchbox").fill(`number ${Math.floor(COUNT / 3)}`);
  await page
    .getByRole("list", { name: "What was found" })
    .getByText(`Letter ${Math.floor(COUNT / 3)}`)
    .first()
    .waitFor();
  expect(visitor.faults.filter((fault) => !fault.includes("messages"))).toEqual([]);
});

/** Types letter by letter; milliseconds from each until what it finds is painted. */
async function typing(text: string): Promise<readonly number[]> {
  return await page.getByRole("searchbox").evaluate(async (input: HTMLInputElement, typed) => {
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
    const times: number[] = [];
    for (let length = 0; length <= typed.length; length++) {
      const began = performance.now();
      set?.call(input, typed.slice(0, length));
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((resolve) => requestAnimationFrame(resolve));
      if (length === 0) continue;
      while (document.querySelector("main [aria-busy=false]") === null) await new Promise((resolve) => requestAnimationFrame(resolve));
      times.push(performance.now() - began);
    }
    return times;
  }, text);
}
