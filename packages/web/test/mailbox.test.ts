import { parseAddress } from "@smimp/protocol";
import type { Person } from "@smimp/testkit";
import type { Locator, Page, Worker } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { firstLoad } from "../node/first-load.ts";
import { joinInBrowser, violationsOn } from "./steps.ts";
import { BUILT, setStage, type Stage, type Visitor } from "./stage.ts";

const ALICE = parseAddress("alice#alpha.example");
let stage: Stage;
let visitor: Visitor;
let page: Page;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  stage = await setStage();
  visitor = await stage.open({ viewport: { width: 1440, height: 900 }, acceptDownloads: true });
  ({ page } = visitor);
  await joinInBrowser(visitor, stage, ALICE);
  [bob, carol] = await Promise.all([stage.person("bob#beta.example"), stage.person("carol#beta.example")]);
  await bob.client.profile.set({ name: "Bob Builder" });
});
beforeEach(async () => {
  // Wherever the test before ended.
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.evaluate(() => (location.hash = "#/inbox"));
  await page.getByText("Nothing is open").waitFor();
});
afterAll(async () => await stage.close());

interface Letter {
  readonly subject: string;
  readonly body?: string;
  readonly replyTo?: { readonly ref: Awaited<ReturnType<Person["client"]["send"]>>["ref"]; readonly threadId: null };
  readonly attachments?: readonly { readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array }[];
}

async function write(from: Person, { subject, body = "Some words.", replyTo, attachments = [] }: Letter) {
  const entry = await from.client.send({
    to: [ALICE],
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

const list = (): Locator => page.getByRole("grid");
const row = (name: string | RegExp): Locator => list().getByRole("row", { name });
const places = (): Locator => page.getByRole("navigation");
const go = async (name: string | RegExp): Promise<void> => await places().getByRole("link", { name }).click();
const toast = (text: RegExp): Locator => page.getByRole("status").locator("div", { hasText: text }).first();
const undo = async (text: RegExp): Promise<void> => await toast(text).getByRole("button", { name: "Undo" }).click();
const closeComposer = async (): Promise<void> => {
  const composer = page.getByRole("dialog");
  await composer.getByRole("button", { name: /^Close/ }).click();
  await composer.waitFor({ state: "detached" });
};
const scriptOf = (url: string): string | null => /\/assets\/([^/]+\.js)$/.exec(url)?.[1] ?? null;
/** Scripts of the build that a page or a worker has fetched, but for a worker's own. */
async function scriptsOf(where: Page | Worker): Promise<readonly (string | null)[]> {
  const urls = await (where as Page).evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  return urls.map(scriptOf);
}
describe("a mailbox", () => {
  test("is empty in kind words at first", async () => {
    await page.getByText("Your mailbox is ready").waitFor();
    await page.getByRole("button", { name: "Add another device" }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
  });

  test("shows new mail by itself: in the list, at its place, in the window's title", async () => {
    await write(bob, { subject: "First light", body: "It **is** early." });
    await expect.poll(async () => await row(/First light/).innerText()).toMatch(/Bob Builder[\s\S]*It is early\./);
    await places()
      .getByRole("link", { name: /^Inbox , 1 unread/ })
      .waitFor();
    await expect.poll(async () => await page.title()).toBe("(1) Inbox – SMIMP Mail");
    expect(await violationsOn(page)).toEqual([]);
  });

  test("before the list is seen, nothing is fetched but what `npm run size` counts", async () => {
    await page.reload();
    await list().getByRole("row").first().waitFor();
    const [engine] = page.workers();
    if (engine === undefined) throw new TypeError("the page has no engine");
    const fetched = [...(await scriptsOf(page)), ...(await scriptsOf(engine)), scriptOf(engine.url())];
    const { page: frame, door, engine: core, cryptography } = firstLoad(BUILT, "en");
    const counted = [...frame, ...core, ...cryptography];
    // The door is fetched two seconds later, which may have gone by.
    const later = new Set(door.filter((name) => !counted.includes(name)));
    expect(new Set(fetched.filter((name) => name !== null && !later.has(name)))).toEqual(new Set(counted));
  });

  test("a message opens, counts as read, and can be made unread again", async () => {
    await row(/First light/).click();
    await page.getByRole("heading", { name: "First light" }).waitFor();
    expect(await page.getByRole("article").locator("strong").innerText()).toBe("is");
    await expect.poll(async () => await page.title()).toBe("Inbox – SMIMP Mail");
    expect(page.url()).toMatch(/#\/inbox\/m\/[0-9a-f]{64}$/);
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press("u");
    await page.getByText("Nothing is open").waitFor();
    await expect.poll(async () => await page.title()).toBe("(1) Inbox – SMIMP Mail");
  });

  test("what belongs together stands together, what was read closed", async () => {
    const first = await write(carol, { subject: "The door", body: "It squeaks." });
    await row(/The door/).click();
    await page.getByRole("article").getByText("It squeaks.").waitFor();
    await row(/The door/)
      .getByLabel("Unread")
      .waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await write(carol, { subject: "Re: The door", body: "It is oiled now.", replyTo: { ref: first.ref, threadId: null } });
    const thread = row(/Re: The door/);
    await thread.waitFor();
    expect(await thread.innerText()).toMatch(/\b2\b/);
    expect(
      await list()
        .getByRole("row", { name: /The door/ })
        .count(),
    ).toBe(1);
    await thread.click();
    const messages = page.getByRole("list", { name: "Messages" });
    await messages.getByText("It is oiled now.").waitFor();
    const earlier = messages.getByRole("button", { name: /^carol/ }).first();
    expect(await earlier.getAttribute("aria-expanded")).toBe("false");
    await earlier.click();
    await messages.getByText("It squeaks.").waitFor();
    await page.keyboard.press("Escape");
    // Who comes back goes on where they were.
    await expect.poll(async () => await thread.evaluate((element) => element === document.activeElement)).toBe(true);
  });
});

describe("attachments", () => {
  const PNG = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC",
    "base64",
  );

  test("pictures are shown, and everything can be stored under a safe name", async () => {
    await write(bob, {
      subject: "Files",
      attachments: [
        { name: "door.png", mediaType: "image/png", bytes: PNG },
        { name: "..plan: *secret*?.pdf", mediaType: "application/pdf", bytes: new TextEncoder().encode("%PDF-1.7 no more") },
        { name: "drawing.png", mediaType: "image/png", bytes: new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg'/>") },
        { name: "setup.exe", mediaType: "text/plain", bytes: Uint8Array.of(77, 90) },
      ],
    });
    await row(/Files.*Has attachments|Files/).click();
    const files = page.getByRole("region", { name: "4 attachments" });
    await files.getByRole("button", { name: "Show door.png" }).click();
    const large = page.getByRole("dialog", { name: "door.png" });
    await large.getByRole("img", { name: "door.png" }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    expect(await large.getByRole("img").evaluate((image: HTMLImageElement) => [image.naturalWidth, image.src.slice(0, 5)])).toEqual([
      10,
      "blob:",
    ]);
    await page.keyboard.press("Escape");
    // What only calls itself a picture is none.
    await files.getByText("This is no picture that can be shown.").waitFor();
    await files.getByText("can run a program").waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), files.getByRole("button", { name: /^Download plan/ }).click()]);
    expect(download.suggestedFilename()).toBe("plan_ _secret_.pdf");
    const bytes = await download.createReadStream().then(async (stream) => Buffer.concat(await stream.toArray()));
    expect(bytes.toString()).toBe("%PDF-1.7 no more");
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await row(/Files/).getByRole("img", { name: "Has attachments" }).count()).toBe(1);
  });
});

describe("filing", () => {
  test("archiving makes the archive; undo brings back", async () => {
    await row(/Files/).focus();
    await page.keyboard.press("e");
    await row(/Files/).waitFor({ state: "detached" });
    // The row in its place has the focus now.
    await expect.poll(async () => await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("row");
    await undo(/1 conversation archived/);
    await row(/Files/).focus();
    await page.keyboard.press("e");
    await row(/Files/).waitFor({ state: "detached" });
    await go("Archive");
    await row(/Files/).waitFor();
    // Wherever it is looked at, what was archived is not archived again, but goes back.
    await go("All mail");
    await row(/Files/).click();
    const toolbar = page.getByRole("toolbar", { name: "Messages", exact: true });
    await toolbar.getByRole("button", { name: "Move to the inbox" }).waitFor();
    expect(await toolbar.getByRole("button", { name: "Archive" }).count()).toBe(0);
    await toolbar.getByRole("button", { name: "Move to the inbox" }).click();
    await page.getByText("1 conversation moved to Inbox.").waitFor();
    await go(/^Inbox/);
    await row(/Files/).focus();
    await page.keyboard.press("e");
    await row(/Files/).waitFor({ state: "detached" });
  });

  test("deleting fills the trash; there it is gone for good only once nobody wants it back", async () => {
    await write(bob, { subject: "Out of date" });
    await row(/Out of date/).focus();
    await page.keyboard.press("#");
    await page.getByText("1 conversation moved to the trash.").waitFor();
    expect(await row(/Out of date/).count()).toBe(0);
    await go("All mail");
    await row(/First light/).waitFor();
    expect(await row(/Out of date/).count()).toBe(0);
    await go("Trash");
    await row(/Out of date/).focus();
    await page.keyboard.press("#");
    await row(/Out of date/).waitFor({ state: "detached" });
    await undo(/deleted for good/);
    await row(/Out of date/).waitFor();
    await page.getByRole("button", { name: "Empty the trash" }).click();
    const asked = page.getByRole("dialog", { name: "Empty the trash?" });
    await asked.getByText("1 message will be gone for good").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await asked.getByRole("button", { name: "Empty the trash" }).click();
    await page.getByText("The trash is empty", { exact: true }).waitFor();
    await go(/^Inbox/);
  });

  test("folders are made, filled by key and by hand, named anew, and deleted without loss", async () => {
    await places().getByRole("button", { name: "New folder" }).click();
    await page.getByLabel("Name of the folder").fill("House");
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Create" }).click();
    await places().getByRole("link", { name: "House" }).waitFor();
    await row(/First light/).dragTo(places().getByRole("link", { name: "House" }));
    await row(/First light/).waitFor({ state: "detached" });
    await row(/The door/).focus();
    await page.keyboard.press("v");
    const dialog = page.getByRole("dialog", { name: "Move to a folder" });
    await dialog.getByLabel("Find or make a folder").fill("hou");
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await row(/The door/).waitFor({ state: "detached" });
    await go(/^House/);
    await row(/The door/).waitFor();
    await row(/First light/).waitFor();
    await places()
      .getByRole("link", { name: /^House/ })
      .hover();
    await places().getByRole("button", { name: "Actions for House" }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByLabel("Name of the folder").fill("Home");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Home" }).waitFor();
    await places().getByRole("button", { name: "Actions for Home" }).click();
    await page.getByRole("menuitem", { name: "Delete folder" }).click();
    await page.getByText("The 3 messages in it go back to the inbox").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Delete folder" }).click();
    await places().getByRole("link", { name: "Home" }).waitFor({ state: "detached" });
    await row(/The door/).waitFor();
    await row(/First light/).waitFor();
    expect(page.url()).toMatch(/#\/inbox$/);
  });

  test("labels and stars lead to what bears them", async () => {
    await row(/The door/).focus();
    await page.keyboard.press("l");
    const dialog = page.getByRole("dialog", { name: "Labels" });
    await dialog.getByLabel("Find or make a label").fill("to do");
    await page.keyboard.press("Enter");
    await dialog.getByRole("checkbox", { name: "to do", checked: true }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Apply" }).click();
    await row(/The door/)
      .getByText("to do")
      .waitFor();
    await row(/First light/)
      .getByRole("button", { name: "Add star" })
      .click();
    await go(/^to do/);
    await expect.poll(async () => await list().getByRole("row").count()).toBe(1);
    // The browser's history learns nothing of what a label says; the place is there again all the same.
    expect(new URL(page.url()).hash).toMatch(/^#\/label\/[0-9a-f]{16}$/);
    await page.reload();
    await page.getByRole("heading", { name: "to do" }).waitFor();
    await row(/The door/).waitFor();
    await go("Starred");
    await row(/First light/).click();
    await page
      .getByRole("toolbar", { name: "Messages", exact: true })
      .getByRole("button", { name: "Take star away", pressed: true })
      .waitFor();
    expect(await list().getByRole("row").count()).toBe(1);
    await go(/^Inbox/);
  });

  test("several are selected by mouse and keys, and filed together", async () => {
    for (let number = 1; number <= 5; number++) await write(carol, { subject: `Leaf ${number}` });
    await expect.poll(async () => await row(/Leaf/).count()).toBe(5);
    const [top] = await row(/Leaf/).all();
    await top?.focus();
    await page.keyboard.press("x");
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowDown");
    await page.getByRole("toolbar", { name: "3 conversations" }).waitFor();
    expect(await list().getByRole("row", { selected: true }).count()).toBe(3);
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await list().getByRole("row", { selected: true }).count()).toBe(0);
    await page.keyboard.press("Control+a");
    await page.getByRole("toolbar", { name: "7 conversations" }).waitFor();
    for (const subject of [/First light/, /The door/]) await row(subject).getByRole("checkbox").click();
    await page.getByRole("toolbar", { name: "5 conversations" }).getByRole("button", { name: "Delete" }).click();
    await expect.poll(async () => await row(/Leaf/).count()).toBe(0);
    await undo(/5 conversations moved to the trash/);
    await expect.poll(async () => await row(/Leaf/).count()).toBe(5);
  });

  test("who is blocked reaches nobody here, until it is taken back", async () => {
    await row(/First light/).click();
    await page.getByRole("article").getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Block sender" }).click();
    // It stays as long as somebody points at it.
    await toast(/is blocked/).hover();
    const refused = await bob.client.send({ to: [ALICE], subject: "Not wanted", body: "", keepCopy: false });
    expect(refused.copies).toMatchObject([{ state: "failed", reason: "not_accepted" }]);
    await undo(/is blocked/);
    await expect
      .poll(async () => (await bob.client.send({ to: [ALICE], subject: "Wanted again", body: "", keepCopy: false })).copies)
      .toMatchObject([{ state: "sent" }]);
    await page.keyboard.press("Escape");
  });
});

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
    await places().getByRole("button", { name: "Keyboard shortcuts" }).click();
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
    await row(/Wanted again/).focus();
    const subjects = await list().getByRole("row").locator("bdi").allInnerTexts();
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
    await closeComposer();
  });
});

describe("without a network", () => {
  test("all is there to read, nothing is lost, and the connection comes back by itself", async () => {
    await visitor.context.setOffline(true);
    await page.getByText("You are offline").waitFor();
    await places().getByText("Offline").waitFor();
    await row(/The door/).click();
    await page.getByRole("heading", { name: "The door" }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press("e");
    await page.getByText("The server can’t be reached right now").waitFor();
    await row(/The door/).waitFor();
    await visitor.context.setOffline(false);
    await page.getByText("You are offline").waitFor({ state: "detached" });
    await places().getByText("Connected", { exact: true }).waitFor();
    await write(bob, { subject: "After the storm" });
    await row(/After the storm/).waitFor();
  });
});

describe("what is not as it should be", () => {
  test("a stranger's message stays closed until somebody vouches for it, and says so", async () => {
    const dora = await stage.person("dora#beta.example");
    await visitor.context.route("https://smimp.beta.example/**", async (route) => await route.abort());
    await write(dora, { subject: "Who am I?" });
    const waiting = row(/dora#beta.example/);
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
    await row(/First light/).waitFor();
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    });
    await write(bob, { subject: "Are you there?" });
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
    await row(/After the storm/).click();
    await page.getByRole("heading", { name: "After the storm" }).waitFor();
    expect(await list().count()).toBe(0);
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Back to Inbox" }).click();
    await row(/After the storm/).waitFor();
    await page.getByRole("button", { name: "Show places" }).click();
    await places().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await go("Sent");
    await page.getByText("Nothing sent yet").waitFor();
    await page.getByRole("navigation").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Write", exact: true }).click();
    await closeComposer();
    await page.setViewportSize({ width: 1440, height: 900 });
    await go(/^Inbox/);
  });
});

test("in German it is as complete, and nothing went wrong in all of this", async () => {
  await page.evaluate(() => localStorage.setItem("smimp-preferences", JSON.stringify({ language: "de" })));
  await page.reload();
  await page.getByRole("heading", { name: "Eingang" }).waitFor();
  await row(/The door/).click();
  await page.getByRole("button", { name: "Antworten" }).first().waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Tastenkürzel" }).waitFor();
  expect(visitor.faults).toEqual([]);
});
