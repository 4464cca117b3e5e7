import type { Client } from "@smimp/client";
import type { Person } from "@smimp/testkit";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { choosePassphrase } from "./steps.ts";
import { setStage, type Stage, type Visitor } from "./stage.ts";

// Ways that somebody goes who writes.

const HOME = "https://smimp.alpha.example/";

/** A stage on which somebody writes. */
export interface WritingStage {
  readonly stage: Stage;
  /** Who writes: with a Node client, and linked to it, in a browser. */
  readonly alice: Person;
  readonly visitor: Visitor;
  readonly page: Page;
  /** Who is written to. */
  readonly bob: Person;
}

/** Sets the stage: Alice's browser, and Bob. */
export async function setWritingStage(): Promise<WritingStage> {
  const stage = await setStage();
  const [alice, bob] = [await stage.person("alice#alpha.example"), await stage.person("bob#beta.example")];
  const visitor = await stage.open({ viewport: { width: 1280, height: 900 } });
  const page = await linkInBrowser(visitor, alice.client, HOME);
  // Whoever leaves while a message is about to be sent is asked.
  page.on("dialog", (dialog) => void dialog.accept());
  return { stage, alice, bob, visitor, page };
}

/** Wherever the test before ended: the inbox, with a network. */
export async function beginAnew({ context, page }: Visitor): Promise<void> {
  await context.setOffline(false);
  await page.goto(`${HOME}#/inbox`);
  await page.reload();
  await page.getByRole("button", { name: "Write", exact: true }).waitFor();
}

/** Goes to a place of the mailbox. */
export async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate((to) => void (location.hash = to), `#/${place}`);
}

/** Brings an account that is elsewhere into a browser too, as another device of its owner. */
async function linkInBrowser({ page }: Pick<Visitor, "page">, client: Client, base: string): Promise<Page> {
  await page.goto(`${base}#/link`);
  await page.getByLabel("Your address").fill(client.address);
  await page.getByRole("button", { name: "Show the code" }).click();
  const code = await page.getByRole("group", { name: "Link code" }).innerText();
  await client.devices.link(code.replaceAll(/\s/g, ""));
  await choosePassphrase(page);
  return page;
}

/** Begins a new message; resolves with its window. */
export async function beginMessage(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: /^(Write|Schreiben)$/ }).click();
  return writing(page);
}

/** The window that stands open. */
export function writing(page: Page): Locator {
  return page.getByRole("region", { name: /^(Messages that you are writing|Nachrichten, an denen Sie schreiben)$/ }).getByRole("dialog");
}

/** Types whom it is for. */
export async function addTo(window: Locator, ...addresses: readonly string[]): Promise<void> {
  const field = window.getByRole("combobox", { name: /^(To|An)$/ });
  for (const address of addresses) {
    await field.fill(address);
    await field.press("Enter");
    await window
      .getByRole("list", { name: /^(To|An)$/ })
      .getByText(address)
      .waitFor();
  }
}

/** The text of the message. */
export function textOf(window: Locator): Locator {
  return window.getByRole("textbox", { name: /^(Message|Nachricht)$/, exact: true });
}

/** Sends it, and doesn't wait until it can't be taken back any more. */
export async function sendAtOnce(page: Page): Promise<void> {
  await writing(page).getByRole("button", { name: "Send", exact: true }).click();
  await letGo(page);
}

/** Doesn't wait until it can't be taken back any more. */
export async function letGo(page: Page): Promise<void> {
  await closeToast(page, "Your message is about to be sent.");
}

/** Closes what says something in passing. */
export async function closeToast(page: Page, text: string): Promise<void> {
  const toast = page.getByText(text).locator("..").first();
  const close = toast.getByRole("button", { name: "Close" }).click({ timeout: 20_000 });
  // On a slow machine it may have gone by itself meanwhile.
  await close.catch(async () => await toast.waitFor({ state: "detached" }));
}

/** Throws away what was written, and doesn't wait until it can't be taken back any more. */
export async function discard(page: Page): Promise<void> {
  await writing(page).getByRole("button", { name: "Discard" }).click();
  await page.getByText("Draft discarded.").locator("..").getByRole("button", { name: "Close" }).click();
}

/** Asks again and again until something is there. */
export async function eventually<Result>(look: () => Promise<Result | null | undefined>, within = 30_000): Promise<Result> {
  const end = Date.now() + within;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    if (Date.now() > end) throw new Error("it never came");
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The newest message in somebody's inbox that has this subject, once it is there. */
export async function received(client: Client, subject: string): Promise<Awaited<ReturnType<Client["inbox"]["read"]>>> {
  return await eventually(async () => {
    await client.sync();
    const line = (await client.inbox.list({ view: "inbox" })).find((each) => each.subject === subject);
    return line === undefined ? null : await client.inbox.read(line.messageId);
  });
}

/** All bytes of a stream. */
export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Nothing went wrong in a page. */
export function expectNoFaults(...visitors: readonly Visitor[]): void {
  for (const { faults } of visitors) expect(faults).toEqual([]);
}
