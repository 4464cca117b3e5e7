// npm run shots: pictures of every view, at three widths, light and dark, in English and German, in the folder `shots`. Ends with
// `shots: N pictures, T s`.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "@smimp/protocol";
import type { BrowserContextOptions } from "playwright-core";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { joinInBrowser } from "./steps.ts";

const FOLDER = join(import.meta.dirname, "../../../shots");
const WIDTHS = [390, 768, 1440] as const;
const HEIGHT = 900;
/** How long a view may take to be drawn, milliseconds. */
const SETTLE = 900;

const ALICE = "alice#alpha.example" as Address;
/** What stands in the inbox. */
const SUBJECTS = ["Lunch on Friday?", "Picnic", "Minutes of Tuesday", "Photos from the lake"];

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
  search: "#/search/lunch",
  settings: "#/settings",
  profile: "#/settings/profile",
  appearance: "#/settings/appearance",
  devices: "#/settings/devices",
  security: "#/settings/security",
  writing: "#/settings/writing",
  notifications: "#/settings/notifications",
  people: "#/settings/people",
  storage: "#/settings/storage",
  transfer: "#/settings/transfer",
  burn: "#/settings/burn",
  account: "#/settings/account",
  about: "#/settings/about",
};

const started = performance.now();
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
let pictures = 0;
const stage = await setStage();
try {
  await door(stage, { locale: "en-GB", colorScheme: "light" }, "en-light");
  await door(stage, { locale: "de-DE", colorScheme: "dark" }, "de-dark");
  await rooms(stage);
} finally {
  await stage.close();
}
console.log(`shots: ${pictures} pictures, ${Math.round((performance.now() - started) / 1_000)} s`);

/** What stands before a mailbox: the welcome page. */
async function door(on: Stage, options: BrowserContextOptions, name: string): Promise<void> {
  const visitor = await on.open(options);
  await visitor.page.goto("https://smimp.alpha.example/");
  await visitor.page.getByRole("heading", { level: 1 }).waitFor();
  await atAllWidths(visitor, `welcome-${name}`);
  await visitor.context.close();
}

/** A mailbox with something in it, room by room, in both themes and languages. */
async function rooms(on: Stage): Promise<void> {
  const visitor = await on.open({ colorScheme: "light", viewport: { width: 1440, height: HEIGHT } });
  const { page } = visitor;
  await joinInBrowser(visitor, on, ALICE);
  await fill(on);
  // Those who are new are checked one after the other.
  for (const subject of SUBJECTS) await page.getByText(subject).first().waitFor();
  for (const [theme, language] of [
    ["light", "en"],
    ["dark", "de"],
  ] as const) {
    await page.evaluate((preferences) => localStorage.setItem("smimp-preferences", preferences), JSON.stringify({ theme, language }));
    await page.reload();
    await page.getByText("Lunch on Friday?").first().waitFor();
    for (const [view, hash] of Object.entries(VIEWS)) {
      await page.evaluate((address) => void (location.hash = address), hash);
      await atAllWidths(visitor, `${view}-${language}-${theme}`);
    }
    await page.evaluate(() => void (location.hash = "#/inbox"));
    await page.setViewportSize({ width: 1440, height: HEIGHT });
    await page.getByText("Lunch on Friday?").first().click();
    await atAllWidths(visitor, `message-${language}-${theme}`);
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 1440, height: HEIGHT });
    await page
      .getByRole("button", { name: /^(Write|Schreiben)$/ })
      .first()
      .click();
    await atAllWidths(visitor, `compose-${language}-${theme}`);
    await page.reload();
    await page.getByText("Lunch on Friday?").first().waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await atAllWidths(visitor, `help-${language}-${theme}`);
    await page.keyboard.press("Escape");
    await visitor.context.setOffline(true);
    await page
      .getByRole("status")
      .getByText(/offline/)
      .waitFor();
    await atAllWidths(visitor, `offline-${language}-${theme}`);
    await visitor.context.setOffline(false);
  }
  await page.reload();
  await page
    .getByRole("button", { name: /^(Lock|Sperren)/ })
    .first()
    .click();
  await page.getByLabel("Passphrase").first().waitFor();
  await atAllWidths(visitor, "locked-de-dark");
  await visitor.context.close();
}

async function fill(on: Stage): Promise<void> {
  const bob = await on.person("bob#beta.example");
  const carol = await on.person("carol#alpha.example");
  const to = [ALICE];
  await bob.client.profile.set({ name: "Bob Berg" });
  await carol.client.profile.set({ name: "Carol Castro" });
  const picnic = new TextEncoder().encode("Bread, cheese, apples.\n");
  const list = {
    name: "picnic.txt",
    mediaType: "text/plain",
    size: picnic.length,
    open: async function* () {
      yield await Promise.resolve(picnic);
    },
  };
  await bob.client.send({
    to,
    subject: "Lunch on Friday?",
    body: "Hello Alice,\n\nshall we meet at **one** at the usual place? There is:\n\n- soup\n- a salad with *too many* olives\n\n> I'll be there anyway.\n\nThe map is at [the harbour's page](https://harbour.example/map).\n\nBob",
  });
  await carol.client.send({ to, subject: "Picnic", body: "The list is attached. Who brings a blanket?", attachments: [list] });
  await carol.client.send({ to, subject: "Minutes of Tuesday", body: "1. Roof\n2. Garden\n3. The cat" });
  await bob.client.send({ to, subject: "Photos from the lake", body: "They came out well." });
  await bob.client.sendShort(ALICE, "Are you there yet?");
  await bob.client.sendShort(ALICE, "The boat leaves at six.");
}

async function atAllWidths({ page }: Visitor, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    await page.waitForTimeout(SETTLE);
    await page.screenshot({ path: join(FOLDER, `${name}-${width}.png`) });
    pictures++;
  }
}
