import type { Address } from "@smimp/protocol";
import type { Person } from "@smimp/testkit";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

// What somebody finds in a mailbox that is open, and what they do with it.

/** A message to be written. */
export interface Letter {
  readonly subject: string;
  readonly body?: string;
  readonly replyTo?: { readonly ref: Awaited<ReturnType<Person["client"]["send"]>>["ref"]; readonly threadId: null };
  readonly attachments?: readonly { readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array }[];
}

/** Sends one, without a copy; resolves with its entry in the outbox. */
export async function writeTo(to: Address, from: Person, { subject, body = "Some words.", replyTo, attachments = [] }: Letter) {
  const entry = await from.client.send({
    to: [to],
    subject,
    body,
    keepCopy: false,
    ...(replyTo === undefined ? {} : { replyTo }),
    attachments: attachments.map(({ name, mediaType, bytes }) => ({
      name,
      mediaType,
      size: bytes.length,
      open: async function* () {
        yield bytes;
      },
    })),
  });
  expect(entry.copies.map(({ state }) => state)).toEqual(["sent"]);
  return entry;
}

/** Parts of the page. */
export interface MailboxParts {
  /** The list of threads. */
  list(): Locator;
  /** A thread in it. */
  row(name: string | RegExp): Locator;
  /** Folders, labels and other places. */
  places(): Locator;
  /** Goes to one of them. */
  go(name: string | RegExp): Promise<void>;
  /** What says something in passing. */
  toast(text: RegExp): Locator;
  /** Takes back what it tells of. */
  undo(text: RegExp): Promise<void>;
  closeComposer(): Promise<void>;
}

/** The parts of a page with an open mailbox. */
export function mailboxOf(page: Page): MailboxParts {
  const list = (): Locator => page.getByRole("grid");
  const places = (): Locator => page.getByRole("navigation");
  const toast = (text: RegExp): Locator => page.getByRole("status").locator("div", { hasText: text }).first();
  return {
    list,
    row: (name) => list().getByRole("row", { name }),
    places,
    go: async (name) => {
      const place = places().getByRole("link", { name });
      await place.click();
      // Until then the rows are those of the place before; a drawer is gone with its links.
      await expect.poll(async () => await place.and(page.locator(":not([aria-current=page])")).count()).toBe(0);
    },
    toast,
    undo: async (text) => await toast(text).getByRole("button", { name: "Undo" }).click(),
    closeComposer: async () => {
      const composer = page.getByRole("dialog");
      await composer.getByRole("button", { name: /^Close/ }).click();
      await composer.waitFor({ state: "detached" });
    },
  };
}
