import type { Client } from "@smimp/client";
import type { Person } from "@smimp/testkit";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Stage, Visitor } from "./stage.ts";
import { joinInBrowser, violationsOn } from "./steps.ts";
import {
  addTo,
  beginAnew,
  beginMessage,
  bytesOf,
  discard,
  eventually,
  expectNoFaults,
  goTo,
  letGo,
  received,
  sendAtOnce,
  setWritingStage,
  textOf,
  writing,
} from "./writing-steps.ts";

// What is written and sent. What is not sent yet is in drafts-and-outbox.test.ts.

const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

let stage: Stage;
let alice: Person;
let bob: Person;
let visitor: Visitor;
let page: Page;

beforeAll(async () => {
  ({ stage, alice, bob, visitor, page } = await setWritingStage());
});
afterAll(async () => await stage.close());
beforeEach(async () => await beginAnew(visitor));

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

  test("an answer to all goes to whoever wrote, and to everybody else who got it, but not to oneself", async () => {
    const dave = await stage.person("dave#beta.example");
    const erin = await stage.person("erin#alpha.example");
    const people = { to: [dave.address, alice.address], cc: [erin.address] };
    await bob.client.send({ ...people, subject: "For all of you", body: "Who comes?", keepCopy: false });
    await page.getByText("For all of you").first().click();
    await page.getByRole("button", { name: "Reply to all" }).first().click();
    const answer = writing(page);
    await textOf(answer).getByText("Who comes?").waitFor();
    await page.keyboard.type("I do.");
    await sendAtOnce(page);
    for (const { client } of [bob, dave, erin]) {
      const { to, cc } = await received(client, "Re: For all of you");
      expect([to, cc]).toEqual([[bob.address, dave.address], [erin.address]]);
    }
    expectNoFaults(visitor);
  });

  test("a large file says how far it is", async () => {
    const window = await beginMessage(page);
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(globalThis, { seen });
      const look = (): void => {
        const bar = document.querySelector("[role=dialog] li [role=progressbar]");
        if (bar !== null) seen.push(`${bar.getAttribute("aria-valuenow")} ${bar.closest("li")?.textContent}`);
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    });
    const buffer = Buffer.alloc(6_000_000, "a long film ");
    await window.locator("input[type=file]").setInputFiles([{ name: "film.mp4", mimeType: "video/mp4", buffer }]);
    await window.getByRole("button", { name: "Remove film.mp4" }).waitFor();
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: readonly string[] }).seen);
    const steps = [...new Set(seen.map((each) => Number.parseInt(each, 10)))];
    expect(seen[0]).toMatch(/^0 film\.mp40% of 6\sMB/);
    expect(steps.length).toBeGreaterThan(2);
    expect(steps).toEqual(steps.toSorted((one, other) => one - other));
    await discard(page);
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

describe("for everybody", () => {
  test("by keyboard alone: written, laid out and sent", async () => {
    await goTo(page, "inbox");
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
      await goTo(page, place);
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
