import type { Client } from "@smimp/client";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { choosePassphrase } from "./steps.ts";
import type { Visitor } from "./stage.ts";

// Ways that somebody goes who writes.

/** Brings an account that is elsewhere into a browser too, as another device of its owner. */
export async function linkInBrowser({ page }: Pick<Visitor, "page">, client: Client, base: string): Promise<Page> {
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
