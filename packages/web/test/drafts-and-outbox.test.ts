import type { Person } from "@smimp/testkit";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Stage, Visitor } from "./stage.ts";
import { violationsOn } from "./steps.ts";
import {
  addTo,
  beginAnew,
  beginMessage,
  bytesOf,
  discard,
  closeToast,
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

// What is written and not sent yet: kept, too long, waiting, and seen by other devices. What is sent at once is in compose.test.ts.

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
    await goTo(page, "drafts");
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
    await goTo(page, "drafts");
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
    await goTo(page, "drafts");
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
    await goTo(page, "outbox");
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
    await goTo(page, "outbox");
    const list = page.getByRole("list", { name: "Messages in the outbox" });
    await list.getByText("From the train").waitFor();
    await list.getByText("waiting for a connection").first().waitFor();
    await visitor.context.setOffline(false);
    await page.getByText("Nothing is waiting").waitFor({ timeout: 60_000 });
    await received(bob.client, "From the train");
    // Its sealed copy is among what was sent.
    await goTo(page, "sent");
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
    await goTo(page, "outbox");
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
