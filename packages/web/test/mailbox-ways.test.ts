import { parseAddress } from "@smimp/protocol";
import type { Person } from "@smimp/testkit";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { mailboxOf, writeTo, type MailboxParts } from "./mailbox-steps.ts";
import { joinInBrowser, violationsOn } from "./steps.ts";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { discard, textOf, writing } from "./writing-steps.ts";

// A mailbox with some messages in it, by keyboard, without a network, on a phone, in German, and where not all is as it should be.

const ALICE = parseAddress("alice#alpha.example");
let stage: Stage;
let visitor: Visitor;
let page: Page;
let mailbox: MailboxParts;
let bob: Person;

beforeAll(async () => {
  stage = await setStage();
  visitor = await stage.open({ viewport: { width: 1440, height: 900 } });
  ({ page } = visitor);
  mailbox = mailboxOf(page);
  await joinInBrowser(visitor, stage, ALICE);
  bob = await stage.person("bob#beta.example");
  await bob.client.profile.set({ name: "Bob Builder" });
  for (const subject of ["First light", "The door", "Wanted again"]) await writeTo(ALICE, bob, { subject });
  await mailbox.row(/Wanted again/).waitFor();
});
beforeEach(async () => {
  // Wherever the test before ended.
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.evaluate(() => (location.hash = "#/inbox"));
  await page.getByText("Nothing is open").waitFor();
});
afterAll(async () => await stage.close());

describe("everything by keyboard", () => {
  test("a sheet says which keys there are, and turns them off", async () => {
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.getByText("Go to the inbox").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await help.getByRole("switch", { name: "Use keyboard shortcuts" }).press("Space");
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    expect(page.url()).toMatch(/#\/inbox/);
    await mailbox.places().getByRole("button", { name: "Keyboard shortcuts" }).click();
    await help.getByRole("switch").press("Space");
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await page.getByRole("heading", { name: "Starred" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
  });

  test("from the first row to an open message, on to the next, and back", async () => {
    await mailbox.row(/Wanted again/).focus();
    const subjects = await mailbox.list().getByRole("row").locator("bdi").allInnerTexts();
    expect(subjects.length).toBeGreaterThan(0);
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    const first = await page.getByRole("article").getByRole("heading", { level: 1 }).innerText();
    await expect.poll(async () => await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    await page.keyboard.press("j");
    await expect.poll(async () => await page.getByRole("article").getByRole("heading", { level: 1 }).innerText()).not.toBe(first);
    await page.keyboard.press("k");
    await expect.poll(async () => await page.getByRole("article").getByRole("heading", { level: 1 }).innerText()).toBe(first);
    await page.keyboard.press("Escape");
    await page.getByText("Nothing is open").waitFor();
    await page.keyboard.press("c");
    await mailbox.closeComposer();
  });

  test("a key does nothing to a conversation that isn't marked: first it is shown which one that is", async () => {
    await page.reload();
    await mailbox.row(/Wanted again/).waitFor();
    const rows = await mailbox.list().getByRole("row").count();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).not.toBe("row");
    await page.keyboard.press("e");
    await expect.poll(async () => await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("row");
    expect(await mailbox.list().getByRole("row").count()).toBe(rows);
    await page.keyboard.press("e");
    await expect.poll(async () => await mailbox.list().getByRole("row").count()).toBe(rows - 1);
    await mailbox.undo(/1 conversation archived/);
    await expect.poll(async () => await mailbox.list().getByRole("row").count()).toBe(rows);
  });

  test("what is typed before a message's window is there is written into it, and does nothing to the mailbox", async () => {
    await page.reload();
    await mailbox.row(/Wanted again/).waitFor();
    await mailbox.row(/Wanted again/).focus();
    const rows = await mailbox.list().getByRole("row").count();
    await page.keyboard.press("c");
    await page.keyboard.type("evex");
    await page.keyboard.press("Backspace");
    await page.keyboard.type("#beta.example");
    await expect.poll(async () => await page.getByRole("combobox", { name: "To" }).inputValue()).toBe("eve#beta.example");
    expect(await page.getByRole("dialog").count()).toBe(1);
    expect(await mailbox.list().getByRole("row").count()).toBe(rows);
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Backspace");
    await mailbox.closeComposer();
    await mailbox.row(/Wanted again/).focus();
    await page.keyboard.press("r");
    await page.keyboard.type("evil ");
    await textOf(writing(page)).getByText("evil").waitFor();
    expect(await mailbox.list().getByRole("row").count()).toBe(rows);
    await discard(page);
  });
});

test("on paper there is the message alone, whole and in dark letters on white", async () => {
  await writeTo(ALICE, bob, { subject: "Long", body: `Look:\n\n${"A line of a long letter.\n\n".repeat(120)}> what you wrote` });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html[data-theme=dark]").waitFor();
  await mailbox.row(/Long/).click();
  const article = page.getByRole("article");
  await article.getByRole("heading", { name: "Long" }).waitFor();
  await article.getByText("A line of a long letter.").first().waitFor();
  expect(await article.getByText("what you wrote").count()).toBe(0);
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await article.getByText("what you wrote").waitFor();
  expect(await mailbox.list().isVisible()).toBe(false);
  expect(await mailbox.places().isVisible()).toBe(false);
  expect(await article.getByRole("button", { name: /^(Reply|Hide quoted)/ }).count()).toBe(0);
  const shape = await page.evaluate(() => ({
    paper: getComputedStyle(document.documentElement).backgroundColor,
    whole: document.documentElement.scrollHeight,
    // Nothing is cut off by what scrolls on a screen.
    cut: [...document.querySelectorAll("[data-paper], :has([data-paper])")]
      .filter((each) => getComputedStyle(each).overflowY !== "visible")
      .map(({ tagName, className }) => `${tagName} ${className}`),
  }));
  expect(shape.cut).toEqual([]);
  expect(shape.whole).toBeGreaterThan(2_500);
  expect(shape.paper).toBe("rgb(251, 250, 246)");
  await page.emulateMedia({ media: null, colorScheme: "light" });
});

describe("without a network", () => {
  test("all is there to read, nothing is lost, and the connection comes back by itself", async () => {
    await visitor.context.setOffline(true);
    await page.getByText("You are offline").waitFor();
    await mailbox.places().getByText("Offline").waitFor();
    await mailbox.row(/The door/).click();
    await page.getByRole("heading", { name: "The door" }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press("e");
    await page.getByText("The server can’t be reached right now").waitFor();
    await mailbox.row(/The door/).waitFor();
    await visitor.context.setOffline(false);
    await page.getByText("You are offline").waitFor({ state: "detached" });
    await mailbox.places().getByText("Connected", { exact: true }).waitFor();
    await writeTo(ALICE, bob, { subject: "After the storm" });
    await mailbox.row(/After the storm/).waitFor();
  });
});

describe("what is not as it should be", () => {
  test("a stranger's message stays closed until somebody vouches for it, and says so", async () => {
    const dora = await stage.person("dora#beta.example");
    await visitor.context.route("https://smimp.beta.example/**", async (route) => await route.abort());
    await writeTo(ALICE, dora, { subject: "Who am I?" });
    const waiting = mailbox.row(/dora#beta.example/);
    await waiting.getByText("Waiting for its sender to be checked").waitFor();
    await waiting.click();
    const article = page.getByRole("article");
    await article.getByText("Its sender could not be checked yet").waitFor();
    expect(await article.getByText("Some words.").count()).toBe(0);
    expect(await article.getByRole("button", { name: "Reply" }).count()).toBe(0);
    expect(await violationsOn(page)).toEqual([]);
    await visitor.context.unroute("https://smimp.beta.example/**");
  });

  test("a message that is gone is told of", async () => {
    await page.evaluate(() => (location.hash = `#/inbox/m/${"0".repeat(64)}`));
    await page.getByText("This message is gone").waitFor();
    expect(await violationsOn(page)).toEqual([]);
  });
});

describe("while one looks elsewhere", () => {
  test("a notification tells who wrote, and leads to the message", async () => {
    await visitor.context.grantPermissions(["notifications"]);
    await page.evaluate(() => localStorage.setItem("smimp-preferences", JSON.stringify({ notifications: true })));
    await page.reload();
    await mailbox.row(/First light/).waitFor();
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    });
    await writeTo(ALICE, bob, { subject: "Are you there?" });
    const told = async (): Promise<readonly (readonly [string, string, string])[]> =>
      await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        return (await registration.getNotifications()).map(({ title, body, data }) => [title, body, String(data)] as const);
      });
    await expect.poll(told).toEqual([["Bob Builder", "Are you there?", expect.stringMatching(/^#\/inbox\/m\/[0-9a-f]{64}$/)]]);
    // Chosen, as a person does; no browser lets a test do that by itself.
    const [worker] = visitor.context.serviceWorkers();
    await worker?.evaluate(async () => {
      const scope = globalThis as unknown as {
        registration: { getNotifications(): Promise<readonly object[]> };
        NotificationEvent: new (type: string, init: object) => Event;
      };
      const [notification] = await scope.registration.getNotifications();
      dispatchEvent(new scope.NotificationEvent("notificationclick", { notification }));
    });
    await page.getByRole("article").getByRole("heading", { name: "Are you there?" }).waitFor();
  });
});

describe("on a phone", () => {
  test("one pane at a time: list, message, back; places in a drawer", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await page.getByRole("navigation").waitFor({ state: "detached" });
    expect(await violationsOn(page)).toEqual([]);
    await mailbox.row(/After the storm/).click();
    await page.getByRole("heading", { name: "After the storm" }).waitFor();
    expect(await mailbox.list().count()).toBe(0);
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Back to Inbox" }).click();
    await mailbox.row(/After the storm/).waitFor();
    await page.getByRole("button", { name: "Show places" }).click();
    await mailbox.places().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await mailbox.go("Sent");
    await page.getByText("Nothing sent yet").waitFor();
    await page.getByRole("navigation").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Write", exact: true }).click();
    await mailbox.closeComposer();
    await page.setViewportSize({ width: 1440, height: 900 });
    await mailbox.go(/^Inbox/);
  });
});

test("on a tablet one writes anew from beside a message", async () => {
  await page.setViewportSize({ width: 768, height: 1024 });
  await page.getByRole("navigation").waitFor({ state: "detached" });
  await mailbox.row(/After the storm/).click();
  await page.getByRole("article").getByRole("heading", { name: "After the storm" }).waitFor();
  await page.getByRole("button", { name: "Write", exact: true }).click();
  await mailbox.closeComposer();
  await mailbox.row(/After the storm/).waitFor();
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("in German it is as complete, and nothing went wrong in all of this", async () => {
  await page.evaluate(() => localStorage.setItem("smimp-preferences", JSON.stringify({ language: "de" })));
  await page.reload();
  await page.getByRole("heading", { name: "Eingang" }).waitFor();
  await mailbox.row(/The door/).click();
  await page.getByRole("button", { name: "Antworten" }).first().waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Tastenkürzel" }).waitFor();
  expect(visitor.faults).toEqual([]);
});
