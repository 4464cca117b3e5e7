import type { Page } from "playwright-core";
import { de } from "../src/messages/de/all.ts";
import { en } from "../src/messages/en/all.ts";
import type { Messages } from "../src/messages/messages.tsx";
import type { Camera } from "./shots-camera.ts";
import type { Visitor } from "./stage.ts";

/** Views of an open mailbox, by their address. */
const VIEWS: Readonly<Record<string, string>> = {
  inbox: "#/inbox",
  starred: "#/starred",
  drafts: "#/drafts",
  outbox: "#/outbox",
  chats: "#/chat",
  conversation: "#/chat/bob%23beta.example",
  contacts: "#/contacts",
  contact: "#/contacts/bob%23beta.example",
  verify: "#/contacts/bob%23beta.example/verify",
  history: "#/contacts/bob%23beta.example/history",
  "own-address": "#/contacts/me",
  "search-help": "#/search",
  search: "#/search/lunch",
  "search-none": "#/search/zebra",
  settings: "#/settings",
  profile: "#/settings/profile",
  appearance: "#/settings/appearance",
  devices: "#/settings/devices",
  security: "#/settings/security",
  words: "#/settings/security/words",
  writing: "#/settings/writing",
  notifications: "#/settings/notifications",
  people: "#/settings/people",
  storage: "#/settings/storage",
  transfer: "#/settings/transfer",
  burn: "#/settings/burn",
  account: "#/settings/account",
  about: "#/settings/about",
};

/** The languages, each in its theme. */
export const LOOKS = [
  { look: "en-light", theme: "light", language: "en", texts: en },
  { look: "de-dark", theme: "dark", language: "de", texts: de },
] as const satisfies readonly { readonly language: string; readonly texts: Messages; readonly [key: string]: unknown }[];

/** Shows the mailbox in a language and a theme. */
export async function dress(page: Page, { theme, language }: (typeof LOOKS)[number]): Promise<void> {
  await page.evaluate((preferences) => localStorage.setItem("smimp-preferences", preferences), JSON.stringify({ theme, language }));
  await page.reload();
  await page.getByText("Lunch on Friday?").first().waitFor();
}

/** Goes somewhere in the open mailbox. */
export async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate((address) => void (location.hash = address), hash);
}

/** Room by room. */
export async function shootRooms({ page }: Visitor, { shoot }: Camera): Promise<void> {
  for (const dressed of LOOKS) {
    await go(page, "#/inbox");
    await dress(page, dressed);
    for (const [view, hash] of Object.entries(VIEWS)) {
      await go(page, hash);
      await shoot(page, `${view}-${dressed.look}`);
    }
  }
}
