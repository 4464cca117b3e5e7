import { parseAddress } from "@smimp/protocol";
import type { Person } from "@smimp/testkit";
import type { Page, Worker } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { firstLoad } from "../node/first-load.ts";
import { mailboxOf, writeTo, type MailboxParts } from "./mailbox-steps.ts";
import { joinInBrowser, violationsOn } from "./steps.ts";
import { BUILT, setStage, type Stage, type Visitor } from "./stage.ts";

// What comes is read and filed. The same by keyboard, without a network, on a phone and in German is in mailbox-ways.test.ts.

const ALICE = parseAddress("alice#alpha.example");
let stage: Stage;
let visitor: Visitor;
let page: Page;
let mailbox: MailboxParts;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  stage = await setStage();
  visitor = await stage.open({ viewport: { width: 1440, height: 900 }, acceptDownloads: true });
  ({ page } = visitor);
  mailbox = mailboxOf(page);
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
    await writeTo(ALICE, bob, { subject: "First light", body: "It **is** early." });
    await expect.poll(async () => await mailbox.row(/First light/).innerText()).toMatch(/Bob Builder[\s\S]*It is early\./);
    await mailbox
      .places()
      .getByRole("link", { name: /^Inbox , 1 unread/ })
      .waitFor();
    await expect.poll(async () => await page.title()).toBe("(1) Inbox – SMIMP Mail");
    expect(await violationsOn(page)).toEqual([]);
  });

  test("before the list is seen, nothing is fetched but what `npm run size` counts", async () => {
    await page.reload();
    await mailbox.list().getByRole("row").first().waitFor();
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
    await mailbox.row(/First light/).click();
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
    const first = await writeTo(ALICE, carol, { subject: "The door", body: "It squeaks." });
    await mailbox.row(/The door/).click();
    await page.getByRole("article").getByText("It squeaks.").waitFor();
    await mailbox
      .row(/The door/)
      .getByLabel("Unread")
      .waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await writeTo(ALICE, carol, { subject: "Re: The door", body: "It is oiled now.", replyTo: { ref: first.ref, threadId: null } });
    const thread = mailbox.row(/Re: The door/);
    await thread.waitFor();
    expect(await thread.innerText()).toMatch(/\b2\b/);
    expect(
      await mailbox
        .list()
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
    await writeTo(ALICE, bob, {
      subject: "Files",
      attachments: [
        { name: "door.png", mediaType: "image/png", bytes: PNG },
        { name: "..plan: *secret*?.pdf", mediaType: "application/pdf", bytes: new TextEncoder().encode("%PDF-1.7 no more") },
        { name: "drawing.png", mediaType: "image/png", bytes: new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg'/>") },
        { name: "setup.exe", mediaType: "text/plain", bytes: Uint8Array.of(77, 90) },
      ],
    });
    await mailbox.row(/Files.*Has attachments|Files/).click();
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
    expect(await mailbox.row(/Files/).getByRole("img", { name: "Has attachments" }).count()).toBe(1);
  });
});

describe("filing", () => {
  test("archiving makes the archive; undo brings back", async () => {
    await mailbox.row(/Files/).focus();
    await page.keyboard.press("e");
    await mailbox.row(/Files/).waitFor({ state: "detached" });
    // The row in its place has the focus now.
    await expect.poll(async () => await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("row");
    await mailbox.undo(/1 conversation archived/);
    await mailbox.row(/Files/).focus();
    await page.keyboard.press("e");
    await mailbox.row(/Files/).waitFor({ state: "detached" });
    await mailbox.go("Archive");
    await mailbox.row(/Files/).waitFor();
    // Wherever it is looked at, what was archived is not archived again, but goes back.
    await mailbox.go("All mail");
    await mailbox.row(/Files/).focus();
    await page.keyboard.press("x");
    const selected = page.getByRole("toolbar", { name: /^\d conversations?$/ });
    await selected.getByRole("button", { name: "Move to the inbox" }).waitFor();
    expect(await selected.getByRole("button", { name: "Archive" }).count()).toBe(0);
    await mailbox.row(/The door/).focus();
    await page.keyboard.press("x");
    await selected.getByRole("button", { name: "Archive" }).waitFor();
    expect(await selected.getByRole("button", { name: "Move to the inbox" }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await mailbox.row(/Files/).click();
    const toolbar = page.getByRole("toolbar", { name: "Messages", exact: true });
    await toolbar.getByRole("button", { name: "Move to the inbox" }).waitFor();
    expect(await toolbar.getByRole("button", { name: "Archive" }).count()).toBe(0);
    await toolbar.getByRole("button", { name: "Move to the inbox" }).click();
    await page.getByText("1 conversation moved to Inbox.").waitFor();
    await mailbox.go(/^Inbox/);
    await mailbox.row(/Files/).focus();
    await page.keyboard.press("e");
    await mailbox.row(/Files/).waitFor({ state: "detached" });
  });

  test("deleting fills the trash; there it is gone for good only once nobody wants it back", async () => {
    await writeTo(ALICE, bob, { subject: "Out of date" });
    await mailbox.row(/Out of date/).focus();
    await page.keyboard.press("#");
    await page.getByText("1 conversation moved to the trash.").waitFor();
    expect(await mailbox.row(/Out of date/).count()).toBe(0);
    await mailbox.go("All mail");
    await mailbox.row(/First light/).waitFor();
    expect(await mailbox.row(/Out of date/).count()).toBe(0);
    await mailbox.go("Trash");
    await mailbox.row(/Out of date/).focus();
    await page.keyboard.press("#");
    await mailbox.row(/Out of date/).waitFor({ state: "detached" });
    await mailbox.undo(/deleted for good/);
    await mailbox.row(/Out of date/).waitFor();
    await page.getByRole("button", { name: "Empty the trash" }).click();
    const asked = page.getByRole("dialog", { name: "Empty the trash?" });
    await asked.getByText("1 message will be gone for good").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await asked.getByRole("button", { name: "Empty the trash" }).click();
    await page.getByText("The trash is empty", { exact: true }).waitFor();
    await mailbox.go(/^Inbox/);
  });

  test("folders are made, filled by key and by hand, named anew, and deleted without loss", async () => {
    await mailbox.places().getByRole("button", { name: "New folder" }).click();
    await page.getByLabel("Name of the folder").fill("House");
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Create" }).click();
    await mailbox.places().getByRole("link", { name: "House" }).waitFor();
    await mailbox.row(/First light/).dragTo(mailbox.places().getByRole("link", { name: "House" }));
    await mailbox.row(/First light/).waitFor({ state: "detached" });
    await mailbox.row(/The door/).focus();
    await page.keyboard.press("v");
    const dialog = page.getByRole("dialog", { name: "Move to a folder" });
    await dialog.getByLabel("Find or make a folder").fill("hou");
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await mailbox.row(/The door/).waitFor({ state: "detached" });
    await mailbox.go(/^House/);
    await mailbox.row(/The door/).waitFor();
    await mailbox.row(/First light/).waitFor();
    await mailbox
      .places()
      .getByRole("link", { name: /^House/ })
      .hover();
    await mailbox.places().getByRole("button", { name: "Actions for House" }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByLabel("Name of the folder").fill("Home");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Home" }).waitFor();
    await mailbox.places().getByRole("button", { name: "Actions for Home" }).click();
    await page.getByRole("menuitem", { name: "Delete folder" }).click();
    await page.getByText("The 3 messages in it go back to the inbox").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Delete folder" }).click();
    await mailbox.places().getByRole("link", { name: "Home" }).waitFor({ state: "detached" });
    await mailbox.row(/The door/).waitFor();
    await mailbox.row(/First light/).waitFor();
    expect(page.url()).toMatch(/#\/inbox$/);
  });

  test("labels and stars lead to what bears them", async () => {
    await mailbox.row(/The door/).focus();
    await page.keyboard.press("l");
    const dialog = page.getByRole("dialog", { name: "Labels" });
    await dialog.getByLabel("Find or make a label").fill("to do");
    await page.keyboard.press("Enter");
    await dialog.getByRole("checkbox", { name: "to do", checked: true }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Apply" }).click();
    await mailbox
      .row(/The door/)
      .getByText("to do")
      .waitFor();
    await mailbox
      .row(/First light/)
      .getByRole("button", { name: "Add star" })
      .click();
    await mailbox.go(/^to do/);
    await expect.poll(async () => await mailbox.list().getByRole("row").count()).toBe(1);
    // The browser's history learns nothing of what a label says; the place is there again all the same.
    expect(new URL(page.url()).hash).toMatch(/^#\/label\/[0-9a-f]{16}$/);
    await page.reload();
    await page.getByRole("heading", { name: "to do" }).waitFor();
    await mailbox.row(/The door/).waitFor();
    await mailbox.go("Starred");
    await mailbox.row(/First light/).click();
    await page
      .getByRole("toolbar", { name: "Messages", exact: true })
      .getByRole("button", { name: "Take star away", pressed: true })
      .waitFor();
    expect(await mailbox.list().getByRole("row").count()).toBe(1);
    await mailbox.go(/^Inbox/);
  });

  test("several are selected by mouse and keys, and filed together", async () => {
    for (let number = 1; number <= 5; number++) await writeTo(ALICE, carol, { subject: `Leaf ${number}` });
    await expect.poll(async () => await mailbox.row(/Leaf/).count()).toBe(5);
    const [top] = await mailbox.row(/Leaf/).all();
    await top?.focus();
    await page.keyboard.press("x");
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowDown");
    await page.getByRole("toolbar", { name: "3 conversations" }).waitFor();
    expect(await mailbox.list().getByRole("row", { selected: true }).count()).toBe(3);
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await mailbox.list().getByRole("row", { selected: true }).count()).toBe(0);
    await page.keyboard.press("Control+a");
    await page.getByRole("toolbar", { name: "7 conversations" }).waitFor();
    for (const subject of [/First light/, /The door/]) await mailbox.row(subject).getByRole("checkbox").click();
    await page.getByRole("toolbar", { name: "5 conversations" }).getByRole("button", { name: "Delete" }).click();
    await expect.poll(async () => await mailbox.row(/Leaf/).count()).toBe(0);
    await mailbox.undo(/5 conversations moved to the trash/);
    await expect.poll(async () => await mailbox.row(/Leaf/).count()).toBe(5);
  });

  test("who is blocked reaches nobody here, until it is taken back", async () => {
    await mailbox.row(/First light/).click();
    await page.getByRole("article").getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Block sender" }).click();
    // It stays as long as somebody points at it.
    await mailbox.toast(/is blocked/).hover();
    const refused = await bob.client.send({ to: [ALICE], subject: "Not wanted", body: "", keepCopy: false });
    expect(refused.copies).toMatchObject([{ state: "failed", reason: "not_accepted" }]);
    await mailbox.undo(/is blocked/);
    await expect
      .poll(async () => (await bob.client.send({ to: [ALICE], subject: "Wanted again", body: "", keepCopy: false })).copies)
      .toMatchObject([{ state: "sent" }]);
    await page.keyboard.press("Escape");
  });
});

test("a server that can't be reached is told of, and comes back by itself", async () => {
  const home = "https://smimp.alpha.example/**";
  // The page is there, and there is a network; nothing that is asked of the server is answered.
  await visitor.context.route(home, async (route) => {
    const request = route.request();
    await (request.resourceType() === "fetch" && !request.url().includes("/assets/") ? route.abort() : route.continue());
  });
  await page.reload();
  await page.getByText("Your server can’t be reached").waitFor();
  await page.getByRole("button", { name: "Try now" }).waitFor();
  await visitor.context.unroute(home);
  await page.getByText("Your server can’t be reached").waitFor({ state: "detached" });
  await writeTo(ALICE, bob, { subject: "There you are again" });
  await mailbox.row(/There you are again/).waitFor();
});

test("nothing went wrong in all of this", () => {
  expect(visitor.faults).toEqual([]);
});
