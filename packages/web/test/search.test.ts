import { parseAddress } from "@smimp/protocol";
import type { Person } from "@smimp/testkit";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { joinInBrowser, violationsOn } from "./steps.ts";

const ALICE = parseAddress("alice#alpha.example");
let stage: Stage;
let visitor: Visitor;
let page: Page;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  stage = await setStage();
  visitor = await stage.open({ viewport: { width: 1280, height: 900 } });
  ({ page } = visitor);
  await joinInBrowser(visitor, stage, ALICE);
  [bob, carol] = await Promise.all([stage.person("bob#beta.example"), stage.person("carol#beta.example")]);
  await bob.client.profile.set({ name: "Bob Builder" });
  await write(bob, "Lunch on Friday", "Shall we meet at the harbour? The **Größe** of the table is fine.");
  await write(bob, "Invoice 17", "For the works at the harbour.", "harbour-plan.pdf");
  await write(carol, "Concert", "Two tickets for the opera, next to the harbour.");
  await page.getByRole("row", { name: /Concert/ }).waitFor();
  await page.getByRole("row", { name: /Lunch/ }).waitFor();
  await page.getByRole("row", { name: /Invoice/ }).waitFor();
});
beforeEach(async () => {
  await page.evaluate(() => (location.hash = "#/inbox"));
  await page.getByRole("grid").waitFor();
});
afterAll(async () => await stage.close());

async function write(from: Person, subject: string, body: string, file?: string): Promise<void> {
  const attachment = {
    name: file ?? "",
    mediaType: "application/pdf",
    size: 3,
    open: async function* () {
      yield Uint8Array.of(1, 2, 3);
    },
  };
  const attachments = file === undefined ? [] : [attachment];
  const { copies } = await from.client.send({ to: [ALICE], subject, body, keepCopy: false, attachments });
  expect(copies.map(({ state }) => state)).toEqual(["sent"]);
  // Servers date messages to the second: what comes later shall be newer.
  await new Promise((resolve) => setTimeout(resolve, 1_001));
}

const field = (): Locator => page.getByRole("searchbox", { name: /^(Search your mail|Ihre Post durchsuchen)$/ });
const hits = (): Locator => page.getByRole("list", { name: /^(What was found|Gefunden)$/ });
const filters = (): Locator => page.getByRole("group", { name: /^(Filters|Filter)$/ });
/** Subjects of what was found, newest first. */
async function found(expected: readonly RegExp[]): Promise<void> {
  await expect.poll(async () => (await hits().getByRole("listitem").all()).length).toBe(expected.length);
  for (const [index, pattern] of expected.entries()) await hits().getByRole("listitem").nth(index).getByText(pattern).first().waitFor();
}

test("whoever types beside the inbox goes on typing, and finds words, beginnings of words, people and names of files", async () => {
  await field().click();
  await page.keyboard.type("harb", { delay: 20 });
  await found([/Concert/, /Invoice/, /Lunch/]);
  await expect.poll(async () => await field().inputValue()).toBe("harb");
  expect(new URL(page.url()).hash).toBe("#/search");
  expect(await hits().locator("mark").allInnerTexts()).toEqual(["harbour", "harbour", "harbour"]);
  await field().fill("grosse");
  await found([]);
  await field().fill("große");
  await found([/Lunch/]);
  await field().fill("builder");
  await found([/Invoice/, /Lunch/]);
  await field().fill("plan.pdf");
  await found([/Invoice/]);
  expect(await violationsOn(page)).toEqual([]);
});

test("operators narrow a search, and what is none is told", async () => {
  await field().fill("harbour from:carol");
  await found([/Concert/]);
  await field().fill("harbour -from:carol has:attachment");
  await found([/Invoice/]);
  await field().fill('"the harbour" after:today is:unread');
  await found([/Concert/, /Invoice/, /Lunch/]);
  await field().fill("harbour before:2020");
  await found([]);
  await page.getByText("Nothing found").waitFor();
  await field().fill("harbour after:tuesday in:nowhere");
  await page.getByText("“after:tuesday” is not understood").waitFor();
  await page.getByText("There is no folder “nowhere”.").waitFor();
  expect(await violationsOn(page)).toEqual([]);
});

test("filters are pressed as well as typed", async () => {
  await field().fill("harbour");
  await filters().getByRole("button", { name: "Has attachments" }).click();
  await expect.poll(async () => await field().inputValue()).toBe("harbour has:attachment ");
  await found([/Invoice/]);
  await filters().getByRole("button", { name: "Has attachments", pressed: true }).click();
  await filters().getByRole("button", { name: "From" }).click();
  await page.getByLabel("Name or address").fill("carol");
  expect(await violationsOn(page, "[role=dialog]")).toEqual([]);
  await page.keyboard.press("Enter");
  await found([/Concert/]);
  await filters().getByRole("button", { name: "Remove the filter From: carol" }).click();
  await found([/Concert/, /Invoice/, /Lunch/]);
  await filters().getByRole("button", { name: "Time" }).click();
  expect(await violationsOn(page, "[role=dialog]")).toEqual([]);
  await page.getByRole("button", { name: "Last 7 days" }).click();
  await filters().getByRole("button", { name: "Remove the filter Time: Last 7 days" }).waitFor();
  await found([/Concert/, /Invoice/, /Lunch/]);
  await filters().getByRole("button", { name: "Folder" }).click();
  expect(await violationsOn(page)).toEqual([]);
  await page.getByRole("menuitem", { name: "Sent" }).click();
  await found([]);
});

test("what is found opens beside the list, by keyboard alone", async () => {
  await field().fill("harbour");
  await found([/Concert/, /Invoice/, /Lunch/]);
  await field().press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Invoice 17" }).waitFor();
  await expect.poll(async () => await field().inputValue()).toBe("harbour");
  await page.keyboard.press("j");
  await page.getByRole("heading", { name: "Lunch on Friday" }).waitFor();
  expect(await violationsOn(page)).toEqual([]);
});

test("new mail is found as it comes, and everything after the page was loaded anew", async () => {
  await field().fill("lighthouse");
  await found([]);
  await write(bob, "From the sea", "The lighthouse is lit.");
  await found([/From the sea/]);
  await page.reload();
  await field().click();
  await page.keyboard.type("lighthouse");
  await found([/From the sea/]);
  await field().fill("harb");
  await found([/Concert/, /Invoice/, /Lunch/]);
});

test("a short message that was found opens in its conversation", async () => {
  await bob.client.sendShort(ALICE, "Meet me at the pier.");
  await field().fill("pier");
  await found([/Bob Builder/]);
  await hits().getByRole("link").click();
  await page.getByRole("log").getByText("Meet me at the pier.").waitFor();
  expect(decodeURIComponent(new URL(page.url()).hash)).toBe("#/chat/bob#beta.example");
});

test("what was searched for is kept nowhere", async () => {
  await field().fill("a very private word");
  await page.getByText("Nothing found").waitFor();
  const kept = await page.evaluate(() =>
    JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), history.state, location.href]),
  );
  expect(kept).not.toMatch(/private/);
  await page.getByRole("button", { name: "Lock" }).click();
  await page.getByLabel("Passphrase", { exact: true }).fill("correct horse battery staple");
  await page.getByRole("button", { name: "Unlock" }).click();
  await field().waitFor();
  await expect.poll(async () => await field().inputValue()).toBe("");
});

test("in German everything can be typed in German", async () => {
  await page.goto("https://smimp.alpha.example/#/settings/appearance");
  await page.getByRole("combobox", { name: "Language" }).selectOption("de");
  await page.goto("https://smimp.alpha.example/#/search");
  await field().fill("harbour von:bob mit:anhang");
  await found([/Invoice/]);
  await filters().getByRole("button", { name: "Filter Von: bob entfernen" }).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await field().fill("harbour seit:dienstag");
  await page.getByText("„seit:dienstag“ ist nicht zu verstehen").waitFor();
  expect(visitor.faults).toEqual([]);
});
