import type { Client } from "@smimp/client";
import type { Person } from "@smimp/testkit";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { joinInBrowser, violationsOn } from "./steps.ts";
import {
  addTo,
  beginMessage,
  bytesOf,
  discard,
  closeToast,
  eventually,
  expectNoFaults,
  letGo,
  linkInBrowser,
  received,
  sendAtOnce,
  textOf,
  writing,
} from "./writing-steps.ts";

const HOME = "https://smimp.alpha.example/";
const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

let stage: Stage;
let alice: Person;
let bob: Person;
let visitor: Visitor;
let page: Page;

beforeAll(async () => {
  stage = await setStage();
  [alice, bob] = [await stage.person("alice#alpha.example"), await stage.person("bob#beta.example")];
  visitor = await stage.open({ viewport: { width: 1280, height: 900 } });
  page = await linkInBrowser(visitor, alice.client, HOME);
  // Whoever leaves while a message is about to be sent is asked.
  page.on("dialog", (dialog) => void dialog.accept());
});
afterAll(async () => await stage.close());
beforeEach(async () => {
  await visitor.context.setOffline(false);
  await page.goto(`${HOME}#/inbox`);
  await page.reload();
  await page.getByRole("button", { name: "Write", exact: true }).waitFor();
});

const go = async (place: string): Promise<void> => await page.evaluate((to) => void (location.hash = to), `#/${place}`);
const bodyOf = async (client: Client, subject: string): Promise<string> => (await received(client, subject)).body;

describe("writing a message", () => {
  test("what was typed is what the other one reads; a file is attached; an answer quotes it, and it is handed on", async () => {
    const other = await stage.open();
    await joinInBrowser(other, stage, "carol#beta.example");
    const window = await beginMessage(page);
    await addTo(window, "carol#beta.example");
    await window.getByText("First message to carol#beta.example.").waitFor();
    await window.getByRole("textbox", { name: "Subject" }).fill("Our trip");
    await textOf(window).click();
    await page.keyboard.type("Dear Carol,\nthis is ");
    await page.keyboard.press("Control+b");
    await page.keyboard.type("important");
    await page.keyboard.press("Control+b");
    await page.keyboard.type(": 2 * 3 * 4, snake_case, <b> & [x](y).\n- one\ntwo");
    await window.locator("input[type=file]").setInputFiles([{ name: "photo.png", mimeType: "image/png", buffer: PICTURE }]);
    await window.getByRole("img", { name: "Picture photo.png" }).waitFor();
    await window.getByText("Saved", { exact: true }).waitFor();
    await sendAtOnce(page);

    await other.page.getByText("Our trip").first().click();
    const read = other.page.getByRole("main");
    await read.getByText("this is important: 2 * 3 * 4, snake_case, <b> & [x](y).").waitFor();
    expect(await read.locator("strong").allInnerTexts()).toContain("important");
    expect(await read.locator("li", { hasText: /^(one|two)$/ }).allInnerTexts()).toEqual(["one", "two"]);
    await read.getByText("photo.png").first().waitFor();

    await read.getByRole("button", { name: "Forward" }).first().click();
    const handedOn = writing(other.page);
    await addTo(handedOn, "bob#beta.example");
    await handedOn.getByText("photo.png").first().waitFor();
    await handedOn.getByRole("button", { name: "Send", exact: true }).click();
    await letGo(other.page);
    const forwarded = await received(bob.client, "Fwd: Our trip");
    expect(forwarded.body).toContain("**Subject:** Our trip");
    expect(await bytesOf(bob.client.inbox.attachment(forwarded.messageId, 0))).toEqual(PICTURE);

    await read.getByRole("button", { name: "Reply" }).first().click();
    const answer = writing(other.page);
    await textOf(answer)
      .getByText(/alice#alpha\.example wrote:/)
      .waitFor();
    await other.page.keyboard.type("I am in.");
    await answer.getByRole("button", { name: "Send", exact: true }).click();
    await letGo(other.page);
    const answered = await received(alice.client, "Re: Our trip");
    expect(answered.body).toMatch(/^I am in\.\n\nOn .*alice#alpha\.example wrote:\n\n> Dear Carol,\n>\n> this is \*\*important\*\*/);
    expect(answered.inReplyTo).not.toBeNull();
    expectNoFaults(visitor, other);
    await other.context.close();
  });

  test("recipients: from contacts, pasted by the dozen, and told of those who are not there", async () => {
    const window = await beginMessage(page);
    const field = window.getByRole("combobox", { name: "To" });
    await field.fill("car");
    await window.getByRole("option", { name: /carol#beta\.example/ }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await field.press("ArrowDown");
    await field.press("Enter");
    await window.getByRole("button", { name: "Remove carol#beta.example" }).waitFor();
    await page.evaluate(async () => {
      const data = new DataTransfer();
      data.setData("text/plain", "Bob <bob#beta.example>; nobody#beta.example,\ncarol#beta.example");
      document.activeElement?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await window.getByText("There is nobody with the address nobody#beta.example.").waitFor();
    expect(await window.getByRole("list", { name: "To" }).getByRole("listitem").allInnerTexts()).toEqual([
      "carol#beta.example",
      "bob#beta.example",
      "nobody#beta.example",
    ]);
    await field.fill("not an address");
    await field.press("Enter");
    await window.getByText("“not an address” is no address.").waitFor();
    await window.getByRole("button", { name: "Send", exact: true }).click();
    await window.getByRole("alert").getByText("1 address can’t be reached: correct it or remove it.").waitFor();
    expect(await window.getByRole("button", { name: "Remove not an address" }).evaluate((each) => each === document.activeElement)).toBe(
      true,
    );
    await field.fill("carol@beta.example");
    await field.press("Enter");
    await window.getByText("addresses have a # instead of an @. Did you mean carol#beta.example?").waitFor();
    await window.getByRole("button", { name: "Use carol#beta.example" }).click();
    await window.getByText("can’t be reached").waitFor({ state: "detached" });
    await window.getByRole("button", { name: "Remove carol@beta.example" }).waitFor({ state: "detached" });
    await field.press("Backspace");
    await field.press("ArrowLeft");
    await page.keyboard.press("Delete");
    await window.getByText("There is nobody with the address").waitFor({ state: "detached" });
    await window.getByRole("button", { name: "Bcc" }).click();
    await window.getByRole("combobox", { name: "Bcc" }).waitFor();
    await discard(page);
    expectNoFaults(visitor);
  });

  test("what is copied from a page becomes clean CommonMark, and nothing of it runs or is fetched", async () => {
    const window = await beginMessage(page);
    await textOf(window).click();
    const paste = async (data: Readonly<Record<string, string>>): Promise<void> =>
      await page.evaluate((all) => {
        const transfer = new DataTransfer();
        for (const [type, text] of Object.entries(all)) transfer.setData(type, text);
        document.activeElement?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
      }, data);
    await paste({
      "text/plain": "x",
      "text/html":
        '<h2 onclick="alert(1)">Plan</h2><p style="color:red">A <b>bold</b> <a href="https://a.example/x">link</a>, <a href="javascript:alert(1)">bad</a>' +
        '<img src="https://evil.example/t.gif" onerror="alert(1)"></p><script>alert(1)</script><ol><li>first</li></ol><table><tr><td>A1</td><td>B1</td></tr></table>',
    });
    await addTo(window, "bob#beta.example");
    await window.getByRole("textbox", { name: "Subject" }).fill("Pasted");
    await sendAtOnce(page);
    expect(await bodyOf(bob.client, "Pasted")).toBe("## Plan\n\nA **bold** [link](https://a.example/x), bad\n\n1. first\n\nA1 | B1");
    expectNoFaults(visitor);
  });

  test("takes files that are dropped or pasted, pictures too, and lets go of them again", async () => {
    const window = await beginMessage(page);
    await textOf(window).click();
    await page.evaluate((base64) => {
      const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      const pasted = new DataTransfer();
      pasted.items.add(new File([bytes], "image.png", { type: "image/png" }));
      document.activeElement?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: pasted, bubbles: true, cancelable: true }));
      const dropped = new DataTransfer();
      dropped.items.add(new File(["plan"], "plan.txt", { type: "text/plain" }));
      for (const kind of ["dragenter", "dragover", "drop"]) {
        document.activeElement?.dispatchEvent(new DragEvent(kind, { dataTransfer: dropped, bubbles: true, cancelable: true }));
      }
    }, PICTURE.toString("base64"));
    await window.getByRole("img", { name: /^Picture Picture/ }).waitFor();
    // Dropped beside it, a file leads nowhere: the browser would open it in place of the page.
    const [aside, text] = await page.evaluate(() => {
      const dropped = (content: File | string): boolean => {
        const data = new DataTransfer();
        if (content instanceof File) data.items.add(content);
        else data.setData("text/plain", content);
        return document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
      };
      return [dropped(new File(["plan"], "plan.txt")), dropped("plan")];
    });
    expect([aside, text]).toEqual([false, true]);
    await window.getByRole("button", { name: "Remove plan.txt" }).click();
    expect(await window.getByRole("list", { name: "Attachments" }).getByRole("listitem").count()).toBe(1);
    expect(await textOf(window).locator("img").count()).toBe(0);

    // Thrown away and taken back, it is whole again: with who gets a hidden copy, and with what is attached.
    await window.getByRole("button", { name: "Bcc" }).click();
    await window.getByRole("combobox", { name: "Bcc" }).fill("bob#beta.example");
    await window.getByRole("button", { name: "Discard" }).click();
    await page.getByText("Draft discarded.").locator("..").getByRole("button", { name: "Undo" }).click();
    await writing(page).getByRole("button", { name: "Remove bob#beta.example" }).waitFor();
    await writing(page)
      .getByRole("img", { name: /^Picture Picture/ })
      .waitFor();
    await discard(page);
    expectNoFaults(visitor);
  });

  test("asks where something may have been forgotten, and can be taken back for some seconds", async () => {
    const window = await beginMessage(page);
    await window.getByRole("button", { name: "Send", exact: true }).click();
    await window.getByText("Please say whom this is for.").waitFor();
    await addTo(window, "bob#beta.example");
    await textOf(window).click();
    await page.keyboard.type("See the attachment.");
    await page.keyboard.press("Control+Enter");
    const doubts = page.getByRole("dialog", { name: "Send as it is?" });
    await doubts.getByText("It has no subject.").waitFor();
    await doubts.getByText("nothing is attached").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await doubts.getByRole("button", { name: "Send anyway" }).click();
    const toast = page.getByText("Your message is about to be sent.").locator("..");
    // It stays as long as somebody points at it.
    await toast.hover();
    expect(await bob.client.sync()).toMatchObject({ messages: [] });
    await page.keyboard.press("z");
    await textOf(writing(page)).getByText("See the attachment.").waitFor();
    await discard(page);
    await writing(page).waitFor({ state: "detached" });
    expectNoFaults(visitor);
  });
});

describe("drafts", () => {
  test("are there after a reload, and on another device, with what is attached", async () => {
    const window = await beginMessage(page);
    await addTo(window, "bob#beta.example");
    await window.getByRole("textbox", { name: "Subject" }).fill("Half a thought");
    await textOf(window).click();
    await page.keyboard.type("It begins");
    await window.locator("input[type=file]").setInputFiles([{ name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("plan") }]);
    await window.getByText("Saved", { exact: true }).waitFor();
    await page.reload();
    await go("drafts");
    await page.getByRole("list", { name: "Drafts" }).getByText("Half a thought").click();
    await textOf(writing(page)).getByText("It begins").waitFor();
    await writing(page).getByText("plan.txt").waitFor();
    const there = await eventually(async () => {
      await alice.client.sync();
      return (await alice.client.drafts.list()).find(({ subject }) => subject === "Half a thought");
    });
    const { draft } = await alice.client.drafts.get(there.id);
    expect(draft.body).toBe("It begins");
    expect((await bytesOf(draft.attachments?.[0]?.open() ?? none())).toString()).toBe("plan");

    // The other device goes on with it: this one says so, and takes it over.
    await alice.client.drafts.save({ ...draft, body: "It goes on", attachments: [] }, there.id);
    await alice.client.sync();
    await writing(page).getByText("This draft was changed on another device.").waitFor();
    await writing(page).getByRole("button", { name: "Use the other one" }).click();
    await textOf(writing(page)).getByText("It goes on").waitFor();
    expectNoFaults(visitor);
  });

  test("that two devices write on at the same time are both kept", async () => {
    const there = await eventually(async () => (await alice.client.drafts.list()).find(({ subject }) => subject === "Half a thought"));
    await go("drafts");
    await page.getByRole("list", { name: "Drafts" }).getByText("Half a thought").click();
    await textOf(writing(page)).getByText("It goes on").waitFor();
    const { draft } = await alice.client.drafts.get(there.id);
    await alice.client.drafts.save({ ...draft, body: "It goes on there" }, there.id);
    await alice.client.sync();
    await writing(page).getByText("This draft was changed on another device.").waitFor();
    await textOf(writing(page)).click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(" here!");
    await writing(page).getByText("You wrote on this draft on another device as well.").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await writing(page).getByRole("button", { name: "Close and keep as draft" }).click();
    const bodies = async (): Promise<readonly string[]> =>
      (
        await Promise.all((await alice.client.drafts.list()).map(async ({ id }) => (await alice.client.drafts.get(id)).draft.body))
      ).toSorted();
    await expect
      .poll(
        async () => {
          await alice.client.sync();
          return await bodies();
        },
        { timeout: 30_000 },
      )
      .toEqual(["It goes on here!", "It goes on there"]);
    await go("drafts");
    for (let left = 2; left > 0; left--) {
      await page
        .getByRole("button", { name: /^Discard the draft/ })
        .first()
        .click();
      await closeToast(page, "Draft discarded.");
    }
    await page.getByText("No drafts").waitFor();
    expectNoFaults(visitor);
  });
});

describe("limits", () => {
  /** Puts a text where the cursor is, as it comes from elsewhere. */
  const paste = async (text: string): Promise<void> =>
    await page.evaluate((pasted) => {
      const data = new DataTransfer();
      data.setData("text/plain", pasted);
      document.activeElement?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, text);

  test("a message that is too long says so, and is saved once it is shorter", async () => {
    const window = await beginMessage(page);
    await textOf(window).click();
    await paste(`${"All work and no play makes a dull boy.\n".repeat(50)}\n`.repeat(560));
    await window.getByText("This message is too long to be kept or sent.").waitFor();
    await window.getByText("Could not be saved").waitFor();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("Shorter.");
    await window.getByText("Saved", { exact: true }).waitFor();
    expect(await window.getByRole("alert").count()).toBe(0);
    await discard(page);
    expectNoFaults(visitor);
  });

  test("to a thousand people: what became of it is told for each, some at a time", async () => {
    const window = await beginMessage(page);
    await window.getByRole("combobox", { name: "To" }).click();
    await paste(Array.from({ length: 999 }, (_, number) => `nobody${number}#beta.example`).join("\n"));
    await addTo(window, "bob#beta.example");
    await window.getByText("All 1,000 people see each other’s addresses.").waitFor();
    await window.getByRole("textbox", { name: "Subject" }).fill("To all");
    await window.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("dialog", { name: "Send as it is?" }).getByRole("button", { name: "Send anyway" }).click();
    await letGo(page);
    await go("outbox");
    const entry = page.getByRole("list", { name: "Messages in the outbox" }).getByRole("listitem").filter({ hasText: "To all" });
    await entry.getByText("Sent to 1 of 1000 people").waitFor({ timeout: 150_000 });
    await entry.getByText("Not sent", { exact: true }).waitFor();
    const copies = entry.getByRole("list", { name: "Recipients" }).getByRole("listitem");
    await expect.poll(async () => await copies.getByText("There is nobody with this address.").count()).toBe(3);
    await entry.getByRole("button", { name: "Show 50 people more" }).click();
    expect(await copies.count()).toBe(53);
    expect(await violationsOn(page)).toEqual([]);
    await entry.getByRole("button", { name: "Remove" }).click();
    await page.getByText("Nothing is waiting").waitFor();
    expectNoFaults(visitor);
  });
});

describe("the outbox", () => {
  test("keeps what is sent without a network, says so, and sends it as soon as there is one", async () => {
    await visitor.context.setOffline(true);
    const window = await beginMessage(page);
    await addTo(window, "bob#beta.example");
    await window.getByRole("textbox", { name: "Subject" }).fill("From the train");
    await sendAtOnce(page);
    await go("outbox");
    const list = page.getByRole("list", { name: "Messages in the outbox" });
    await list.getByText("From the train").waitFor();
    await list.getByText("waiting for a connection").first().waitFor();
    await visitor.context.setOffline(false);
    await page.getByText("Nothing is waiting").waitFor({ timeout: 60_000 });
    await received(bob.client, "From the train");
    // Its sealed copy is among what was sent.
    await go("sent");
    await page.getByText("From the train").first().waitFor();
    expectNoFaults(visitor);
  });

  test("says in plain words why something failed; it can be edited and sent again", async () => {
    const window = await beginMessage(page);
    await addTo(window, "bobb#beta.example");
    await window.getByRole("textbox", { name: "Subject" }).fill("Misspelt");
    await window.getByText("There is nobody with the address bobb#beta.example.").waitFor();
    await window.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("dialog", { name: "Send as it is?" }).getByRole("button", { name: "Send anyway" }).click();
    await letGo(page);
    await go("outbox");
    const list = page.getByRole("list", { name: "Messages in the outbox" });
    await list.getByText("There is nobody with this address.").waitFor();
    await list.getByRole("button", { name: "Edit again" }).click();
    await writing(page).getByRole("button", { name: "Remove bobb#beta.example" }).click();
    await addTo(writing(page), "bob#beta.example");
    await sendAtOnce(page);
    await received(bob.client, "Misspelt");
    await page.getByText("Nothing is waiting").waitFor();
    expectNoFaults(visitor);
  });
});

describe("for everybody", () => {
  test("by keyboard alone: written, laid out and sent", async () => {
    await go("inbox");
    await page.locator("body").focus();
    await page.keyboard.press("c");
    await writing(page).getByRole("combobox", { name: "To" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.type("bob#beta.example");
    await page.keyboard.press("Enter");
    await writing(page).getByRole("button", { name: "Remove bob#beta.example" }).waitFor();
    for (const name of ["Cc", "Bcc"]) {
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(name);
    }
    await page.keyboard.press("Tab");
    await page.keyboard.type("Keys");
    await page.keyboard.press("Tab");
    await page.keyboard.type("plain");
    await page.keyboard.press("Shift+Home");
    await page.keyboard.press("Tab");
    // Into the toolbar, and along it.
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    // Held down for long, it is sent once.
    await page.keyboard.down("Control");
    for (let times = 3; times > 0; times--) await page.keyboard.down("Enter");
    await page.keyboard.up("Enter");
    await page.keyboard.up("Control");
    await letGo(page);
    expect(await bodyOf(bob.client, "Keys")).toBe("*plain*");
    expectNoFaults(visitor);
  });

  test("has no fault that axe finds", async () => {
    const window = await beginMessage(page);
    await addTo(window, "bob#beta.example", "nobody2#beta.example");
    await window.getByText("There is nobody with the address nobody2#beta.example.").waitFor();
    await window.locator("input[type=file]").setInputFiles([{ name: "photo.png", mimeType: "image/png", buffer: PICTURE }]);
    await textOf(window).click();
    await page.keyboard.type("Text, and `code`.\n> A quote.");
    await window.getByText("Saved", { exact: true }).waitFor();
    await window.getByRole("button", { name: "Link" }).click();
    await page.getByRole("dialog", { name: "Link" }).getByLabel("Where it leads").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await textOf(window).click();
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await violationsOn(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await discard(page);
    for (const [place, title] of [
      ["drafts", "Drafts"],
      ["outbox", "Outbox"],
    ] as const) {
      await go(place);
      await page.getByRole("heading", { name: title, level: 1 }).waitFor();
      expect(await violationsOn(page)).toEqual([]);
    }
    expectNoFaults(visitor);
  });

  test("ends with the signature, which all devices share", async () => {
    const window = await beginMessage(page);
    await window.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Change signature" }).click();
    const dialog = page.getByRole("dialog", { name: "Signature" });
    expect(await violationsOn(page)).toEqual([]);
    await dialog.getByRole("textbox", { name: "Signature" }).click();
    await page.keyboard.type("**Alice**, at sea");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    await window.getByRole("button", { name: "Discard" }).click();
    expect(
      await eventually(async () => {
        await alice.client.sync();
        return await alice.client.signature.get();
      }),
    ).toBe("**Alice**, at sea");
    const next = await beginMessage(page);
    await textOf(next).getByText("Alice, at sea").waitFor();
    await next.getByRole("button", { name: "Discard" }).click();
    await alice.client.signature.set(null);
    await alice.client.sync();
    expectNoFaults(visitor);
  });

  test("speaks German", async () => {
    const other = await stage.open({ locale: "de-DE" });
    await joinInBrowser(other, stage, "gerda#alpha.example");
    const window = await beginMessage(other.page);
    await addTo(window, "bob#beta.example");
    await window.getByText("Erste Nachricht an bob#beta.example.").waitFor();
    await textOf(window).click();
    await other.page.keyboard.type("Siehe Anhang.");
    await window.getByText("Gesichert", { exact: true }).waitFor();
    await window.getByRole("button", { name: "Senden", exact: true }).click();
    const doubts = other.page.getByRole("dialog", { name: "So senden?" });
    await doubts.getByText("Sie hat keinen Betreff.").waitFor();
    await doubts.getByText("Sie schreiben von einem Anhang").waitFor();
    await doubts.getByRole("button", { name: "Weiterschreiben" }).click();
    await window.getByRole("button", { name: "Schließen und als Entwurf behalten" }).click();
    await other.page.getByText("Als Entwurf behalten.").waitFor();
    expectNoFaults(other);
    await other.context.close();
  });
});

describe("another device", () => {
  test("moves and deletes what is open here, and each is seen", async () => {
    await bob.client.send({ to: [alice.client.address], subject: "Open here", body: "Words.", keepCopy: false });
    await page.getByRole("row", { name: /Open here/ }).click();
    const { messageId } = await received(alice.client, "Open here");
    const { id } = await alice.client.folders.create({ name: "Done" });
    await alice.client.folders.move([messageId], id);
    await page.getByRole("row", { name: /Open here/ }).waitFor({ state: "detached" });
    await page.getByRole("article").getByText("Words.").waitFor();
    await alice.client.inbox.remove(messageId);
    await page.getByText("This message is gone").waitFor();
    expectNoFaults(visitor);
  });

  test("removes this one: it says so, and what to do", async () => {
    const others = (await alice.client.devices.list()).filter(({ thisOne }) => !thisOne);
    await alice.client.devices.remove(others[0]?.id ?? "");
    const told = page.getByRole("alert").filter({ hasText: "This device was removed from your mailbox" });
    await told.waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await told.getByRole("button", { name: "Remove from this browser" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("button", { name: /^I have a mailbox on another device/ }).waitFor();
    expectNoFaults(visitor);
  });
});

async function* none(): AsyncGenerator<Uint8Array> {}
