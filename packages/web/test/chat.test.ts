import { parseAddress } from "@smimp/protocol";
import type { Person } from "@smimp/testkit";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { joinInBrowser, PASSPHRASE, violationsOn } from "./steps.ts";
import { eventually, expectNoFaults } from "./writing-steps.ts";

let stage: Stage;
let bob: Person;
let visitor: Visitor;
let page: Page;

beforeAll(async () => {
  stage = await setStage();
  bob = await stage.person("bob#beta.example");
  visitor = await stage.open({ viewport: { width: 1280, height: 900 } });
  page = await joinInBrowser(visitor, stage, "alice#alpha.example");
});
afterAll(async () => await stage.close());
beforeEach(async () => {
  await visitor.context.setOffline(false);
  await page.setViewportSize({ width: 1280, height: 900 });
  await go(page, "chat");
});

const go = async (where: Page, place: string): Promise<void> => await where.evaluate((to) => void (location.hash = to), `#/${place}`);
const log = (where: Page): Locator => where.getByRole("log", { name: "Messages" });
const field = (where: Page): Locator => where.getByRole("textbox", { name: "Write a short message" });
/** What Bob was told in short messages, once he was told something that is among them. */
const toldBob = async (text: string): Promise<readonly string[]> =>
  await eventually(async () => {
    await bob.client.sync();
    const said = (await bob.client.inbox.list()).filter(({ messageType }) => messageType === "short-message");
    const texts = await Promise.all(said.map(async ({ messageId }) => (await bob.client.inbox.read(messageId)).body));
    return texts.includes(text) ? texts : null;
  });

async function begin(where: Page, ...addresses: readonly string[]): Promise<void> {
  await where.getByRole("button", { name: "New conversation" }).first().click();
  const dialog = where.getByRole("dialog", { name: "New conversation" });
  if (addresses.length > 1) expect(await violationsOn(where)).toEqual([]);
  for (const address of addresses) {
    await dialog.getByRole("combobox", { name: "To" }).fill(address);
    await dialog.getByRole("combobox", { name: "To" }).press("Enter");
    await dialog.getByRole("button", { name: `Remove ${address}` }).waitFor();
  }
  await dialog.getByRole("button", { name: "Begin" }).click();
  await field(where).waitFor();
}

describe("conversations", () => {
  test("go both ways, live, with lines, pictures, and what is unread", async () => {
    const other = await stage.open();
    await joinInBrowser(other, stage, "carol#beta.example");
    await go(other.page, "chat");
    await begin(page, "carol#beta.example");
    await page.getByText("This is the beginning of your conversation with carol#beta.example.").waitFor();
    await field(page).and(page.locator(":focus")).waitFor();
    await page.keyboard.type("Coming?");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("We begin at 8.");
    await page.keyboard.press("Enter");
    await log(page).getByText("Coming?\nWe begin at 8.").waitFor();
    await log(page).getByRole("img", { name: "Delivered to their server" }).waitFor();

    const line = other.page.getByRole("link", { name: /alice#alpha\.example.*1 unread message/ });
    await line.waitFor();
    await line.click();
    await log(other.page).getByText("Coming?").waitFor();
    await log(other.page).getByText("Unread").waitFor();
    await other.page.getByRole("link", { name: /unread message/ }).waitFor({ state: "detached" });
    await other.page
      .locator("main input[type=file]")
      .setInputFiles([{ name: "map.txt", mimeType: "text/plain", buffer: Buffer.from("left, then right") }]);
    await field(other.page).fill("In a minute: https://a.example/here.");
    await field(other.page).press("Enter");
    await log(page).getByText("In a minute:").waitFor();
    expect(await log(page).getByRole("link", { name: "https://a.example/here" }).getAttribute("rel")).toContain("noreferrer");
    await log(page).getByText("map.txt").waitFor();
    // Looked at, it is no news.
    await page.getByRole("link", { name: /unread message/ }).waitFor({ state: "detached" });
    expectNoFaults(visitor, other);
    await other.context.close();
  });

  test("with several people stand apart; what was begun waits for whoever looks elsewhere", async () => {
    await begin(page, "bob#beta.example", "carol#beta.example");
    await field(page).fill("All of us?");
    await go(page, "inbox");
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await go(page, "chat/bob%23beta.example%2Ccarol%23beta.example");
    await expect.poll(async () => await field(page).inputValue()).toBe("All of us?");
    await field(page).press("Enter");
    expect(await toldBob("All of us?")).toEqual(["All of us?"]);
    const [line] = await bob.client.inbox.list();
    const { to } = await bob.client.inbox.read(line?.messageId ?? expect.fail("nothing came"));
    await bob.client.sendShort(
      [...to.filter((each) => each !== bob.address), line?.from ?? expect.fail("it came from somebody")],
      "Yes, all.",
    );
    await log(page).getByText("Yes, all.").waitFor();
    await log(page).getByText("bob#beta.example", { exact: true }).waitFor();
    expectNoFaults(visitor);
  });

  test("keep what was begun in them while the mailbox is locked, and where another tab takes it", async () => {
    await begin(page, "bob#beta.example");
    await field(page).fill("Half a sent");
    await page.locator("main input[type=file]").setInputFiles([{ name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("kept") }]);
    await page.getByRole("button", { name: "Remove b.txt" }).waitFor();
    await field(page).pressSequentially("ence");
    await page.getByRole("button", { name: "Lock" }).click();
    await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await page.getByRole("button", { name: "Unlock" }).click();
    await go(page, "chat/bob%23beta.example");
    await page.getByRole("button", { name: "Remove b.txt" }).waitFor();
    await expect.poll(async () => await field(page).inputValue()).toBe("Half a sentence");

    await field(page).pressSequentially("!");
    const second = await visitor.context.newPage();
    await second.goto("https://smimp.alpha.example/#/chat/bob%23beta.example");
    await second.getByRole("button", { name: "Use it here" }).click();
    await second.getByRole("button", { name: "Remove b.txt" }).waitFor();
    await expect.poll(async () => await field(second).inputValue()).toBe("Half a sentence!");
    await field(second).fill("");
    await second.getByRole("button", { name: "Remove b.txt" }).click();
    await page.getByRole("button", { name: "Use it here" }).click();
    await field(page).waitFor();
    await expect.poll(async () => await field(page).inputValue()).toBe("");
    await second.close();
    expectNoFaults(visitor);
  });

  test("without a network wait, are shown so, and go out by themselves", async () => {
    await begin(page, "bob#beta.example");
    await visitor.context.setOffline(true);
    await field(page).fill("From the tunnel");
    await field(page).press("Enter");
    await log(page).getByText("From the tunnel").waitFor();
    await log(page)
      .getByRole("img", { name: /^(Waiting to be sent|Being sent)$/ })
      .waitFor();
    await visitor.context.setOffline(false);
    await log(page).getByRole("img", { name: "Delivered to their server" }).waitFor({ timeout: 60_000 });
    expect(await toldBob("From the tunnel")).toContain("From the tunnel");
    expectNoFaults(visitor);
  });

  test("that can't be sent say so, and can be taken back", async () => {
    await begin(page, "nobody#beta.example");
    await field(page).fill("Is anybody there?");
    await page.locator("main input[type=file]").setInputFiles([{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("attached") }]);
    await field(page).press("Enter");
    await log(page).getByText("Not sent").waitFor();
    await log(page).getByText("There is nobody with this address.").waitFor();
    await log(page).getByRole("button", { name: "Take back" }).click();
    await log(page).getByText("Is anybody there?").waitFor({ state: "detached" });
    await go(page, "inbox");
    await go(page, "chat/nobody%23beta.example");
    await expect.poll(async () => await field(page).inputValue()).toBe("Is anybody there?");
    await page.getByRole("button", { name: "Remove a.txt" }).waitFor();
    expectNoFaults(visitor);
  });

  test("on a phone are one pane at a time", async () => {
    await bob.client.sendShort(parseAddress("alice#alpha.example"), "On the phone?");
    await page.setViewportSize({ width: 390, height: 800 });
    await go(page, "chat");
    await page.getByRole("link", { name: /^bob#beta\.example.*On the phone\?/ }).click();
    await log(page).getByText("On the phone?").waitFor();
    expect(await page.getByRole("heading", { name: "Chats" }).count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.getByRole("button", { name: "Back to conversations" }).click();
    await page.getByRole("heading", { name: "Chats" }).waitFor();
    expect(await log(page).count()).toBe(0);
    expectNoFaults(visitor);
  });

  test("have no fault that axe finds", async () => {
    await go(page, "chat/bob%23beta.example");
    await log(page).getByText("From the tunnel").waitFor();
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await violationsOn(page)).toEqual([]);
    }
    await go(page, "chat");
    await page.getByRole("heading", { name: "Chats" }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    expectNoFaults(visitor);
  });

  test("speak German", async () => {
    const other = await stage.open({ locale: "de-DE" });
    await joinInBrowser(other, stage, "gerda#alpha.example");
    await go(other.page, "chat/bob%23beta.example");
    await other.page.getByText("Hier beginnt Ihre Unterhaltung mit bob#beta.example.").waitFor();
    await other.page.getByRole("textbox", { name: "Kurznachricht schreiben" }).fill("Kommst du?");
    await other.page.keyboard.press("Enter");
    await other.page.getByRole("img", { name: "Beim Server der Person angekommen" }).waitFor();
    await other.page.getByText("Heute").waitFor();
    expect(await toldBob("Kommst du?")).toContain("Kommst du?");
    expectNoFaults(other);
    await other.context.close();
  });
});
