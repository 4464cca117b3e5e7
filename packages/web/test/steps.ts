import { AxeBuilder } from "@axe-core/playwright";
import { parseAddress } from "@smimp/protocol";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { BUILT, type Stage, type Visitor } from "./stage.ts";

// Ways through the web client that several tests go, as a person does: by what is written on things.

/** The passphrase of everybody who joins in a test. */
export const PASSPHRASE = "correct horse battery staple";

/** Opens an account in the browser with an invite link, as `alice#alpha.example`; resolves in the open mailbox. */
export async function joinInBrowser(visitor: Pick<Visitor, "page">, stage: Pick<Stage, "network">, address: string): Promise<Page> {
  await joinWithWords(visitor, stage, address);
  return visitor.page;
}

/** The same; resolves with the recovery words. */
export async function joinWithWords(
  { page }: Pick<Visitor, "page">,
  { network }: Pick<Stage, "network">,
  address: string,
): Promise<readonly string[]> {
  const [local = "", domain = ""] = address.split("#");
  const { link } = await network.invite(domain, parseAddress(address));
  await page.goto(link);
  return await joinInvited(page, local);
}

/** Goes the way of somebody whose invite is there; resolves with the recovery words, in the open mailbox. */
export async function joinInvited(page: Page, local: string): Promise<readonly string[]> {
  await page.getByLabel(/^(Your address|Ihre Adresse)$/).fill(local);
  await page.getByRole("button", { name: /^(Create my mailbox|Postfach anlegen)$/ }).click();
  const words = await wordsShown(page);
  await page.getByRole("button", { name: /^(I have written them down|Ich habe sie aufgeschrieben)$/ }).click();
  await confirmWords(page, words);
  await choosePassphrase(page);
  return words;
}

/** Where the recovery words stand. */
export function wordList(page: Page): Locator {
  return page.getByRole("list", { name: /^(Your recovery words|Ihre Rettungswörter)$/ });
}

/** The recovery words, as they are shown. */
export async function wordsShown(page: Page): Promise<readonly string[]> {
  const list = wordList(page);
  const lines = await list
    .getByRole("listitem")
    .allInnerTexts()
    .then(async (texts) => {
      if (texts.length > 0) return texts;
      await list.waitFor();
      return await list.getByRole("listitem").allInnerTexts();
    });
  return lines.map((line) => /[a-z]+/.exec(line)?.[0] ?? "");
}

/** Types the three words that are asked for. */
export async function confirmWords(page: Page, words: readonly string[]): Promise<void> {
  const fields = page.getByLabel(/^(Word|Wort) \d+$/);
  await fields.first().waitFor();
  for (const field of await fields.all()) {
    const number = Number(/\d+/.exec(await field.evaluate((input: HTMLInputElement) => input.labels?.[0]?.textContent ?? ""))?.[0]);
    await field.fill(words[number - 1] ?? "");
  }
  await page.getByRole("button", { name: /^(Continue|Weiter)$/ }).click();
}

/** Chooses the passphrase and waits for the mailbox. */
export async function choosePassphrase(page: Page, passphrase = PASSPHRASE): Promise<void> {
  const field = page.getByLabel("Passphrase", { exact: true });
  await field.fill(passphrase);
  await page.getByLabel(/^(Type it once more|Noch einmal dieselbe)$/).fill(passphrase);
  await page.getByRole("button", { name: /^(Open my mailbox|Postfach öffnen)$/ }).click();
  await field.waitFor({ state: "detached" });
  await page.getByRole("main").waitFor();
}

/** Brings a mailbox to the browser with its recovery words; resolves in the open mailbox. In English. */
export async function restoreInBrowser({ page }: Pick<Visitor, "page">, home: string, address: string, phrase: string): Promise<Page> {
  await page.goto(`${home}#/restore`);
  await page.getByLabel("Your address").fill(address);
  await typeWords(page, phrase);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Bring it back" }).click();
  await choosePassphrase(page);
  return page;
}

/** Types all recovery words, as somebody pastes them: the first field shares them out. */
export async function typeWords(page: Page, phrase: string): Promise<void> {
  await page.getByLabel("Word 1", { exact: true }).fill(phrase);
}

/** Makes the browser one that lets pages store nothing; to be opened with service workers blocked. */
export async function refuseStorage({ context }: Pick<Visitor, "context">): Promise<void> {
  const html = await readFile(join(BUILT, "index.html"), "utf8");
  await context.route(/\/assets\/start-[^/]+\.js$/, async (route) => {
    const url = route.request().url();
    // The page and the engine have files of the same name; the page's is named in its HTML.
    if (html.includes(basename(url))) return await route.continue();
    const refusal = 'indexedDB.open = () => { throw new DOMException("not here", "InvalidStateError"); };';
    await route.fulfill({ contentType: "text/javascript", body: `${refusal} import("${url}?");` });
  });
}

/** Waits until nothing moves any more: what is on its way from one colour to another is neither. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // What inherits a colour follows when its parent has arrived.
    for (let quiet = 0; quiet < 3;) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const passing = document.getAnimations().filter(({ effect }) => {
        // How far something is moves until that is done, and by then another page may be there.
        const isProgress = effect instanceof KeyframeEffect && effect.target?.closest("[role=progressbar]") != null;
        return !isProgress && effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY;
      });
      quiet = passing.length === 0 ? quiet + 1 : 0;
      await Promise.allSettled(passing.map(async ({ finished }) => await finished));
    }
  });
}

/** What axe finds on the page, or in some of it, in either theme: nothing, if all is well. */
export async function violationsOn(page: Page, within = "html"): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
    await settled(page);
    const { violations } = await new AxeBuilder({ page }).include(within).analyze();
    for (const { id, nodes } of violations)
      found.push(...nodes.map(({ html, failureSummary }) => `${colorScheme} ${id}: ${html} ${failureSummary}`));
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  return found;
}
