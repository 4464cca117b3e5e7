import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createMemoryStorage, type SearchDocument, type SearchTerm } from "@smimp/client";
import { EVERY_MESSAGE } from "@smimp/client/search-parts";
import { createSqliteSearch } from "@smimp/client/sqlite-search";
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
  type Timestamp,
} from "@smimp/protocol";
import { newPerson, realClock } from "@smimp/testkit";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bareReads, framesOf, goneTo, loadedAgain, longTasks, memoryOf, spread, typing, watchTasks } from "./measuring.ts";
import { choosePassphrase } from "./steps.ts";
import { setStage, type Stage, type Visitor } from "./stage.ts";

// A mailbox of many messages in a browser that is new to it. `SMIMP_SCALE=100000` measures what the product promises; without it, as many
// as take half a minute show that positions, heights and counts are right.

const COUNT = Number(process.env["SMIMP_SCALE"] ?? 3_000);
/** Messages that are moved at once: more than are moved without showing how far it is. */
const MANY = COUNT < 10_000 ? 310 : 1_000;
/** Times that something is done: figures are those of many. */
const REPEATED = COUNT < 10_000 ? 3 : 9;
/** Rows that opening a list of one-message conversations reads: for each of its first 50 its place, its line, its thread and that thread's size. */
const READ_TO_OPEN = 201;
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
  for (let number = 0; number < COUNT; number++) {
    const messageId = toHex32(hash(utf8(`message ${number}`)));
    const archive = toB64(sealArchive(archiveKey, messageId, new Uint8Array(64), randomBytes));
    const summary = {
      subject: `Letter ${number}`,
      name: "Bob",
      text: textOf(number),
      from: BOB,
      to: [ALICE],
      thread: messageId,
    };
    const sealed = toB64(sealSummary(archiveKey, messageId, summary, randomBytes));
    put.run(ALICE, messageId, state + 1 + number, BOB, receivedAt(number), Number(number % 10 !== 0), archive, sealed);
  }
  database.prepare("UPDATE accounts SET state = ? WHERE address = ?").run(state + COUNT + 2_000_000, ALICE);
  database.exec("COMMIT");
  database.close();
}

const START = addSeconds(realClock(), -60 * COUNT - 3_600);

function receivedAt(number: number): Timestamp {
  return addSeconds(START, number * 60);
}

function textOf(number: number): string {
  return `What number ${number} has to say: ${words(number)}`;
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

const formatted = (number: number): string => new Intl.NumberFormat("en-GB").format(number);
const list = (): Locator => page.getByRole("grid");
const GRID = "main [role=grid]";
/** The first row of a place's list, with what it says. */
const firstRow = (place: string): string => `section[aria-label="${place}"] [role=row][aria-rowindex="1"][draggable]`;

/** Does something, and tells how long it took until something is shown. */
async function timed(what: string, run: () => Promise<void>, shown: Locator): Promise<void> {
  const began = performance.now();
  await run();
  await shown.first().waitFor();
  console.log(`${what}: ${Math.round(performance.now() - began)} ms`);
}

/** Does something a few times. */
async function times(count: number, run: () => Promise<number>): Promise<readonly number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    found.push(await run());
  }
  return found;
}

/** What went wrong, but for what is kept from being fetched. */
const faults = (): readonly string[] => visitor.faults.filter((fault) => !fault.includes("messages"));

test(`${COUNT} messages come to a new device, which can be used meanwhile`, { timeout: 1_800_000 }, async () => {
  const began = performance.now();
  await watchTasks(page);
  await page.getByRole("progressbar", { name: /Your mail is coming to this device: [\d,]+ messages so far/ }).waitFor();
  const openings = await times(3, async () => {
    await goneTo(page, "#/sent", firstRow("Sent"));
    return await goneTo(page, "#/inbox", firstRow("Inbox"));
  });
  console.log(`the inbox, while more comes: ${spread(openings)}`);
  await page.getByText(`${formatted(COUNT + 1)} conversations`, { exact: true }).waitFor({ timeout: 1_700_000 });
  await page.getByRole("progressbar", { name: /Your mail is coming/ }).waitFor({ state: "detached" });
  console.log(`all of it was there after ${Math.round((performance.now() - began) / 1_000)} s`);
  console.log(`the page was held up for ${spread(await longTasks(page))}; memory: ${await memoryOf(page)}`);
  expect(faults()).toEqual([]);
});

test(`lists of ${COUNT} messages open, and are found wherever one scrolls`, { timeout: 300_000 }, async () => {
  await list()
    .getByRole("row", { name: /The newest/ })
    .waitFor();
  expect(await list().getAttribute("aria-rowcount")).toBe(String(COUNT + 1));
  const height = await list().evaluate((grid) => grid.scrollHeight / Number(grid.getAttribute("aria-rowcount")));
  expect(Math.round(height)).toBe(82);

  const warm = await times(REPEATED, async () => {
    await goneTo(page, "#/starred", "main section");
    await page.getByText("Nothing starred").waitFor();
    return await goneTo(page, "#/inbox", firstRow("Inbox"));
  });
  console.log(`the inbox, warm: ${spread(warm)}`);
  const bare = await times(REPEATED, async () => await bareReads(page, READ_TO_OPEN));
  console.log(`${READ_TO_OPEN} rows of a bare IndexedDB, as many as that reads: ${spread(bare)}`);
  console.log(
    `all mail, warm: ${spread(
      await times(REPEATED, async () => {
        await goneTo(page, "#/inbox", firstRow("Inbox"));
        return await goneTo(page, "#/all", firstRow("All mail"));
      }),
    )}`,
  );
  await goneTo(page, "#/inbox", firstRow("Inbox"));
  console.log(`the page loaded again, up to the inbox: ${spread(await times(3, async () => await loadedAgain(page, firstRow("Inbox"))))}`);

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
  await list().evaluate((grid) => grid.scrollTo(0, 0));
  await list()
    .getByRole("row", { name: /The newest/ })
    .focus();
  await timed("the last row by key", async () => await page.keyboard.press("End"), list().getByRole("row", { name: "Letter 0 " }));
  await expect.poll(async () => await page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"))).toBe(String(COUNT + 1));
  // So many rows are drawn, however many there are.
  expect(await list().getByRole("row").count()).toBeLessThan(60);

  const frames = await framesOf(page, GRID);
  const within = (share: number): number => Math.round(frames[Math.floor(frames.length * share)] ?? 0);
  console.log(`scrolling: half of the frames within ${within(0.5)} ms, 95 of 100 within ${within(0.95)} ms, 99 within ${within(0.99)} ms`);
  expect(faults()).toEqual([]);
});

test(`${MANY} of them are moved at once, which is shown, and back again`, { timeout: 600_000 }, async () => {
  await goneTo(page, "#/starred", "main section");
  await goneTo(page, "#/inbox", firstRow("Inbox"));
  await list()
    .getByRole("row", { name: /Letter/ })
    .first()
    .getByRole("checkbox")
    .click();
  await list().evaluate((grid, top) => grid.scrollTo(0, top), (MANY - 4) * 82);
  await list()
    .getByRole("row", { name: `Letter ${COUNT - MANY} ` })
    .click({ modifiers: ["Shift"] });
  await page.getByRole("toolbar", { name: `${MANY} conversations` }).waitFor();
  await page.keyboard.press("v");
  const dialog = page.getByRole("dialog", { name: "Move to a folder" });
  await dialog.getByRole("combobox").or(dialog.getByRole("textbox")).or(dialog.getByRole("searchbox")).first().fill("Elsewhere");
  await dialog.getByText("Make the folder “Elsewhere”").click();
  const shown = page.getByRole("dialog", { name: "Filing messages…" }).getByRole("progressbar");
  const toast = page.getByText(`${MANY} conversations moved to Elsewhere.`);
  await timed(`moving ${MANY}, until it is shown how far it is`, async () => await Promise.resolve(), shown);
  await timed(`moving ${MANY}`, async () => await Promise.resolve(), toast);
  await page.getByText(`${formatted(COUNT + 1 - MANY)} conversations`, { exact: true }).waitFor();
  await timed(
    "taking it back",
    async () => await page.getByRole("button", { name: "Undo" }).click(),
    page.getByText(`${formatted(COUNT + 1)} conversations`, { exact: true }),
  );
  await shown.waitFor({ state: "detached" });
  expect(faults()).toEqual([]);
});

test(`${COUNT} messages are made searchable, which is shown`, { timeout: 1_800_000 }, async () => {
  await page.evaluate(() => (location.hash = "#/search"));
  await longTasks(page).catch(async () => await watchTasks(page));
  const began = performance.now();
  await page.getByRole("searchbox").fill("nosuchword");
  await page.getByText(/^Nothing found/).waitFor();
  console.log(`the first search, while everything is made searchable: ${Math.round(performance.now() - began)} ms`);
  await page.getByRole("progressbar", { name: /^Making your mail searchable: [\d,]+ of [\d,]+$/ }).waitFor();
  await page.getByText("Until that is done, some of what you look for may be missing here.").waitFor();
  console.log(`searching meanwhile: ${spread(await typing(page, "what number"))} a letter`);
  await page.getByRole("progressbar").waitFor({ state: "detached", timeout: 1_700_000 });
  console.log(`everything was searchable after ${Math.round((performance.now() - began) / 1_000)} s`);
  console.log(`the page was held up for ${spread(await longTasks(page))}; memory: ${await memoryOf(page)}`);
  await page.evaluate(() => (location.hash = "#/settings/storage"));
  await page.getByText(`${new Intl.NumberFormat("en-GB", { useGrouping: false }).format(COUNT + 1)} messages can be searched.`).waitFor();
  expect(faults()).toEqual([]);
});

test(`${COUNT} messages are searched as one types`, { timeout: 600_000 }, async () => {
  await page.evaluate(() => (location.hash = "#/search"));
  await page.getByRole("searchbox").waitFor();
  const all: number[] = [];
  for (const [what, typed] of [
    ["a rare word", `number ${Math.floor(COUNT / 3)}`],
    ["a word of a hundred messages", "w9z"],
    ["an unfinished word", "wa"],
    ["words of every message", "what number"],
    ["a person and a word", "from:bob wz"],
    ["unread of some days", "wa is:unread after:30d"],
    ["one word without another", "what -wa"],
    ["whatever is unread", "is:unread"],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const took = await typing(page, typed);
    all.push(...took);
    console.log(`searching ${what}: ${spread(took)} a letter`);
  }
  console.log(`searching, all letters: ${spread(all)}`);
  await searchInNode();
  await page.getByRole("searchbox").fill(`number ${Math.floor(COUNT / 3)}`);
  await page
    .getByRole("list", { name: "What was found" })
    .getByText(`Letter ${Math.floor(COUNT / 3)}`)
    .first()
    .waitFor();
  console.log(`the page loaded again, up to what is found: ${Math.round(await searchedAgain())} ms`);
  expect(faults()).toEqual([]);
});

/** Whoever comes back finds what was made searchable before. */
async function searchedAgain(): Promise<number> {
  await page.reload();
  const began = performance.now();
  await page.getByRole("searchbox").fill(`number ${Math.floor(COUNT / 3)}`);
  await page
    .getByRole("list", { name: "What was found" })
    .getByText(`Letter ${Math.floor(COUNT / 3)}`)
    .first()
    .waitFor();
  return performance.now() - began;
}

/** The same questions, put to the same index in Node's own SQLite. */
async function searchInNode(): Promise<void> {
  const index = await createSqliteSearch().open(null);
  try {
    for (let at = 0; at < COUNT; at += 500) {
      const numbers = Array.from({ length: Math.min(500, COUNT - at) }, (_, offset) => at + offset);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await index.apply(numbers.map((number) => ({ type: "put", document: documentOf(number) })));
    }
    const any = (text: string, prefix: boolean): SearchTerm => ({ field: "any", text, prefix, negated: false });
    for (const [what, terms] of [
      ["a word of a hundred messages", [any("w9z", true)]],
      ["an unfinished word", [any("wa", true)]],
      ["words of every message", [any("what", false), any("number", true)]],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const took = await times(REPEATED, async () => {
        const began = performance.now();
        await index.find({ ...EVERY_MESSAGE, terms, limit: 10 });
        return performance.now() - began;
      });
      console.log(`in Node, ${what}: ${spread(took)}`);
    }
  } finally {
    await index.close();
  }
}

function documentOf(number: number): SearchDocument {
  return {
    messageId: toHex32(hash(utf8(`message ${number}`))),
    receivedAt: receivedAt(number),
    sender: BOB,
    recipients: ALICE,
    subject: `Letter ${number}`,
    // As much as a summary has room for.
    body: textOf(number).slice(0, 500),
    files: "",
    attachment: false,
    own: false,
    whole: false,
    unread: number % 10 === 0,
    starred: false,
    folder: null,
    labels: [],
  };
}
