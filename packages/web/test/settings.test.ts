import { parseAddress } from "@smimp/protocol";
import type { Person } from "@smimp/testkit";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { de } from "../src/messages/de/all.ts";
import { en } from "../src/messages/en/all.ts";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { joinInBrowser, violationsOn } from "./steps.ts";

const HOME = "https://smimp.alpha.example/";
const ALICE = parseAddress("alice#alpha.example");
const { settings } = en;
let stage: Stage;
let visitor: Visitor;
let page: Page;
let bob: Person;

beforeAll(async () => {
  stage = await setStage();
  visitor = await stage.open({ viewport: { width: 1280, height: 900 } });
  ({ page } = visitor);
  await joinInBrowser(visitor, stage, ALICE);
  bob = await stage.person("bob#beta.example");
});
afterAll(async () => await stage.close());

/** Opens a page of settings, as its address names it. */
async function open(path: string): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), `#/settings/${path}`);
}
/** What stands above a page. */
function titleOf(path: string, language: "de" | "en"): string {
  const { settings: texts } = { de, en }[language];
  return path === "" ? texts.title : path === "security/words" ? texts.words.title : texts.sections[path as "profile"];
}
const said = (text: string | RegExp): Locator => page.getByRole("status").getByText(text).last();
const button = (name: string): Locator => page.getByRole("button", { name, exact: true });
const group = (name: string): Locator => page.getByRole("region", { name, exact: true });

test("settings are pages of their own, in a list that one goes through by keyboard", async () => {
  await page.goto(`${HOME}#/settings`);
  const list = page.getByRole("navigation", { name: settings.title });
  await list.getByRole("link", { name: settings.sections.security }).press("Enter");
  await page.getByRole("heading", { level: 1, name: settings.sections.security }).waitFor();
  expect(new URL(page.url()).hash).toBe("#/settings/security");
  await page.setViewportSize({ width: 390, height: 844 });
  // On a phone the page takes the place of the list, and the focus goes with it.
  await page.getByRole("main").getByRole("link", { name: settings.title, exact: true }).press("Enter");
  await list.getByRole("link", { name: settings.sections.security }).and(page.locator(":focus")).waitFor();
  await list.getByRole("link", { name: settings.sections.devices }).press("Enter");
  await page.getByRole("heading", { level: 1, name: settings.sections.devices }).and(page.locator(":focus")).waitFor();
  await page.setViewportSize({ width: 1280, height: 900 });
  await open("nowhere");
  await page.getByText(settings.unknown.title).waitFor();
});

test.each(["", "profile", "appearance", "notifications", "writing", "devices", "security", "security/words", "people", "storage"])(
  "the page “%s” is accessible, in both languages and themes, on a phone too",
  async (path) => {
    for (const [language, width] of [
      ["de", 390],
      ["en", 1_280],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await open("appearance");
      await page.getByRole("combobox", { name: /^(Language|Sprache)$/ }).selectOption(language);
      await page.locator(`html[lang=${language}]`).waitFor();
      await open(path);
      await page.getByRole("heading", { level: 1, name: titleOf(path, language), exact: true }).waitFor();
      await page.getByRole("main").getByRole("progressbar").first().waitFor({ state: "detached" });
      expect(await violationsOn(page)).toEqual([]);
      // Nothing is wider than the screen, in the language of long words either.
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  },
);

describe("the profile", () => {
  test("is what others see", async () => {
    await open("profile");
    await page.getByLabel(settings.profile.name, { exact: true }).fill("Alice Liddell");
    await page.getByLabel(settings.profile.website, { exact: true }).fill("http://alice.example");
    await button("Save").click();
    await page.getByText(settings.profile.websiteWrong).waitFor();
    await page.getByLabel(settings.profile.website, { exact: true }).fill("alice.example");
    await button("Save").click();
    await said(settings.saved).waitFor();
    await bob.client.contacts.resolve(ALICE);
    expect(await bob.client.profile.of(ALICE)).toMatchObject({ name: "Alice Liddell", website: "https://alice.example/" });
    await page.getByRole("navigation", { name: "Places" }).getByText("Alice Liddell").waitFor();
  });

  test("has a picture, cut out and made smaller here, without anything else that was in its file", async () => {
    await open("profile");
    const large = await pngOf(2_000, 1_200);
    await page.getByLabel(settings.profile.choose).setInputFiles({ name: "me.png", mimeType: "image/png", buffer: large });
    const dialog = page.getByRole("dialog", { name: settings.profile.crop.title });
    await dialog.getByLabel(settings.profile.crop.area).press("ArrowLeft");
    await dialog.getByLabel(settings.profile.crop.zoom).fill("2");
    expect(await violationsOn(page)).toEqual([]);
    await dialog.getByRole("button", { name: settings.profile.crop.use }).click();
    await said(settings.profile.pictureSaved).waitFor();
    await bob.client.contacts.resolve(ALICE);
    const avatar = await bob.client.profile.avatarOf(ALICE);
    expect(avatar?.mediaType).toBe("image/jpeg");
    expect(avatar?.bytes.length).toBeLessThan(200_000);
    await button(settings.profile.remove).waitFor();
    await page
      .getByLabel(settings.profile.choose)
      .setInputFiles({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await page.getByText(settings.profile.notAPicture).waitFor();
  });

  test("goes when its owner wants it to", async () => {
    await open("profile");
    await group(settings.profile.erase).getByRole("button").click();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await said(settings.profile.erased).waitFor();
    await bob.client.contacts.resolve(ALICE);
    expect(await bob.client.profile.of(ALICE)).toBeNull();
    await expect.poll(async () => await page.getByLabel(settings.profile.name, { exact: true }).inputValue()).toBe("");
  });
});

test("theme and language are as they were chosen, also after the page was loaded anew", async () => {
  await open("appearance");
  await page.getByRole("radio", { name: /^Dark/ }).check({ force: true });
  await page.locator("html[data-theme=dark]").waitFor();
  await page.getByRole("combobox", { name: "Language" }).selectOption("de");
  await page.getByRole("heading", { level: 1, name: "Aussehen" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Aussehen" }).waitFor();
  expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
  expect(await page.locator("html").getAttribute("lang")).toBe("de");
  await page.getByRole("combobox", { name: "Sprache" }).selectOption("en");
  await page.getByRole("radio", { name: /^As on the device/ }).check({ force: true });
  await page.getByRole("switch", { name: settings.appearance.keys }).press("Space");
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  expect(new URL(page.url()).hash).toBe("#/settings/appearance");
  await page.getByRole("switch", { name: settings.appearance.keys }).press("Space");
});

test("notifications are shown once the browser was asked", async () => {
  await visitor.context.grantPermissions(["notifications"], { origin: HOME.slice(0, -1) });
  await page.reload();
  await open("notifications");
  const toggle = page.getByRole("switch", { name: settings.notifications.show });
  await toggle.press("Space");
  await said(settings.notifications.on).waitFor();
  await page.reload();
  await button(settings.notifications.test).waitFor();
  await toggle.press("Space");
  await said(settings.notifications.off).waitFor();
});

describe("writing", () => {
  test("everybody who is known gets the automatic answer, for as long as it is wanted", async () => {
    const answers = async (): Promise<readonly string[]> => {
      await bob.client.sync();
      return (await bob.client.inbox.list({ view: "inbox" })).map(({ subject }) => subject);
    };
    await bob.client.send({ to: [ALICE], subject: "Are you there?", body: "Hello.", keepCopy: false });
    await page.evaluate(() => (location.hash = "#/inbox"));
    await page.getByRole("row", { name: /Are you there/ }).waitFor();
    await open("writing");
    await page.getByRole("switch", { name: settings.writing.awayOn }).press("Space");
    await button("Save").click();
    await page.getByText(settings.writing.awayMissing).waitFor();
    await page.getByLabel(settings.writing.awayMessage).fill("I am back on Monday.");
    await page.getByLabel(settings.writing.from).fill("2026-01-02");
    await page.getByLabel(settings.writing.until).fill("2026-01-01");
    await button("Save").click();
    await page.getByText(settings.writing.awayOrder).waitFor();
    await page.getByLabel(settings.writing.until).fill("2026-01-03");
    await button("Save").click();
    await page.getByText(settings.writing.awayOver).waitFor();
    await page.getByLabel(settings.writing.until).fill("");
    await button("Save").click();
    await page.getByText(settings.writing.awayNow).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await bob.client.send({ to: [ALICE], subject: "And now?", body: "Hello.", keepCopy: false });
    await expect.poll(answers, { timeout: 120_000 }).toContain("Re: And now?");
    await page.getByRole("switch", { name: settings.writing.awayOn }).press("Space");
    await said(settings.writing.awayEnded).waitFor();
    expect(visitor.faults).toEqual([]);
  });

  test("a signature is written and taken away", async () => {
    await open("writing");
    await button(settings.writing.signatureWrite).click();
    await page.getByRole("dialog").getByRole("textbox").fill("Alice, in Wonderland");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByLabel(settings.writing.signatureLabel).getByText("Alice, in Wonderland").waitFor();
    await button(settings.writing.signatureRemove).click();
    await said(settings.writing.signatureRemoved).waitFor();
  });
});

test("who is blocked finds the mailbox closed", async () => {
  await open("people");
  const list = group(en.contacts.lists.block);
  await list.getByLabel(en.contacts.lists.entry).fill("bob#beta.example");
  await list.getByRole("button", { name: en.contacts.lists.add }).click();
  await list.getByText("bob#beta.example").waitFor();
  const { copies } = await bob.client.send({ to: [ALICE], subject: "Shut out", body: "", keepCopy: false });
  expect(copies).toMatchObject([{ state: "failed", reason: "not_accepted" }]);
  expect(visitor.faults).toEqual([]);
});

/** A picture that is large and not all of one colour. */
async function pngOf(width: number, height: number): Promise<Buffer> {
  const text = await page.evaluate(
    async ([wide = 1, high = 1]) => {
      const canvas = new OffscreenCanvas(wide, high);
      const context = canvas.getContext("2d");
      if (context === null) return "";
      for (let x = 0; x < wide; x += 10) {
        context.fillStyle = `hsl(${x} 50% 50%)`;
        context.fillRect(x, 0, 10, high);
      }
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    },
    [width, height],
  );
  return Buffer.from(text, "base64");
}
