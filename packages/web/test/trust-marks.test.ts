import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createMemoryStorage, recoverAccount } from "@smimp/client";
import { randomBytes } from "@smimp/protocol";
import type { Person } from "@smimp/testkit";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { de } from "../src/messages/de/all.ts";
import type { Stage, Visitor } from "./stage.ts";
import { ALICE, PATIENCE, setTrustStage, stepsOn, writeToAlice, type TrustStage, type TrustSteps } from "./trust-steps.ts";

// What is said of messages whose sender is not certain, and what strangers make of themselves.

let trust: TrustStage;
let stage: Stage;
let alice: Visitor;
let page: Page;
let words: readonly string[];
let bob: Person;
let steps: TrustSteps;

beforeAll(async () => {
  trust = await setTrustStage();
  ({ stage, alice, words, bob } = trust);
  ({ page } = alice);
  steps = stepsOn(page);
  await steps.addPerson("bob#beta.example");
});
afterAll(async () => await trust.close());

describe("marks of messages", () => {
  test("mail from elsewhere: nobody has checked who wrote it, in the list and above the message", async () => {
    const deps = { fetch: stage.network.fetch, clock: stage.network.clock, random: randomBytes };
    const laptop = await recoverAccount({ storage: createMemoryStorage(), phrase: words.join(" "), address: ALICE, deps });
    const imported = { from: "Bank <bank@bank.example>", to: [], cc: [], date: null, messageId: null };
    await laptop.imports.add({ key: "1", imported, subject: "Old letter", body: "Dear customer", attachments: [], read: false });
    await laptop.close();
    const message = await steps.openMessage("Old letter");
    await message.getByText("Nobody has checked who wrote this.").waitFor();
    await page
      .getByRole("row", { name: /Old letter/ })
      .getByRole("img", { name: "Sender not checked" })
      .waitFor();
    await steps.look("message-imported");
  });

  test("mail that came through a bridge: nobody has checked who wrote it, wherever it is shown", async () => {
    await alice.context.grantPermissions(["notifications"]);
    await page.evaluate(async () => {
      localStorage.setItem("smimp-preferences", JSON.stringify({ notifications: true }));
      dispatchEvent(new StorageEvent("storage", { key: "smimp-preferences" }));
      await navigator.serviceWorker.ready;
      Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    });
    await alice.context.setOffline(true);
    const { ref, id } = await bob.client.send({ to: [ALICE], subject: "From the bridge", body: "Transfer the money.", keepCopy: false });
    await expect.poll(async () => (await bob.client.outbox.get(id))?.copies.map(({ state }) => state), PATIENCE).toEqual(["sent"]);
    await bob.client.sendShort(ALICE, "By bridge");
    // No bridge is part of this network: what it hands over looks like this.
    const database = new DatabaseSync(join(stage.network.server("alpha.example").config.dataDir, "smimp.sqlite"));
    for (const [type, bridge] of [
      ["email", "smtp_bridge"],
      ["short-message", "imap_bridge"],
    ] as const) {
      const newest = "SELECT message_id FROM messages WHERE recipient = ? AND message_type = ? ORDER BY created_state DESC LIMIT 1";
      database.prepare(`UPDATE messages SET received_via = ? WHERE message_id = (${newest})`).run(bridge, ALICE, type);
    }
    database.close();
    await alice.context.setOffline(false);
    const told = async (): Promise<readonly string[]> =>
      await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        return (await registration.getNotifications()).map(({ title, body }) => `${title}: ${body}`).toSorted();
      });
    await expect
      .poll(told, PATIENCE)
      .toEqual(["bob#beta.example: Sender not checked: By bridge", "bob#beta.example: Sender not checked: From the bridge"]);
    await page.evaluate(() => Reflect.deleteProperty(document, "visibilityState"));
    const message = await steps.openMessage("From the bridge");
    await message.getByText("It came through ordinary email").waitFor();
    await page
      .getByRole("row", { name: /From the bridge/ })
      .getByRole("img", { name: "Sender not checked" })
      .waitFor();
    await steps.look("message-bridged");
    await page.getByRole("searchbox").fill("transfer");
    await page
      .getByRole("list", { name: "What was found" })
      .getByRole("listitem")
      .filter({ hasText: "From the bridge" })
      .getByRole("img", { name: "Sender not checked" })
      .waitFor();
    await steps.look("found-bridged");
    // What answers it came from Bob himself: the conversation isn't only his for that.
    await bob.client.send({ to: [ALICE], subject: "Was not me", body: "Hm.", keepCopy: false, replyTo: { ref, threadId: ref } });
    await steps.to("inbox");
    await page
      .getByRole("row", { name: /Was not me/ })
      .getByRole("img", { name: "Sender not checked" })
      .waitFor();
    await steps.to("chat/bob#beta.example");
    await page.getByRole("log").getByText("By bridge").waitFor();
    await page.getByRole("log").getByText("It came through ordinary email").waitFor();
    await steps.look("chat-bridged");
  });

  test("what comes with keys that were changed before it came may have been late", async () => {
    const frank = await stage.person("frank#beta.example");
    await writeToAlice(frank, "Good morning");
    await steps.openMessage("Good morning");
    // Only the own server is away: what stands there is seen after the sender's new keys.
    await alice.context.route("https://smimp.alpha.example/**", async (route) => await route.abort());
    await writeToAlice(frank, "A late letter");
    await frank.client.keys.rotate();
    await steps.to("contacts/frank#beta.example/history");
    await page.getByText("The locks of the mailbox were renewed").waitFor();
    await alice.context.unroute("https://smimp.alpha.example/**");
    const message = await steps.openMessage("A late letter");
    await message.getByText("Signed with an old key.").waitFor();
    await page
      .getByRole("row", { name: /A late letter/ })
      .getByRole("img", { name: "Signed with an old key" })
      .waitFor();
    await steps.look("message-former");
  });

  test("what was signed with keys that were replaced with the recovery words may be somebody else's", async () => {
    const dave = await stage.person("dave#alpha.example");
    await alice.context.setOffline(true);
    await writeToAlice(dave, "Send the money");
    await dave.client.keys.changePhrase({ oldPhrase: dave.phrase, keepPhrase: async () => await Promise.resolve() });
    await alice.context.setOffline(false);
    const message = await steps.openMessage("Send the money");
    await message.getByRole("alert").getByText("Perhaps not from dave#alpha.example.").waitFor();
    await page
      .getByRole("row", { name: /Send the money/ })
      .getByRole("img", { name: "Perhaps not from the sender" })
      .waitFor();
    await steps.look("message-revoked");
  });
});

describe("what strangers make of themselves", () => {
  const NAMES = [
    ["eve#beta.example", "\u202Egro.elpmaxe#boB \u2066<img src=x onerror=alert(1)>\u2028"],
    ["long#beta.example", `${"W".repeat(400)}👩‍👩‍👧‍👦`],
    ["zalgo#beta.example", `Z${"\u0301\u0335\u0489".repeat(60)}algo`],
  ] as const;

  test("names with markup, other directions, endless or piled up are text on one line", async () => {
    for (const [address, name] of NAMES) {
      const stranger = await stage.person(address);
      await stranger.client.profile.set({ name, website: "https://user:pass@xn--80ak6aa92e.example/\u202Etxt.exe" });
      await steps.addPerson(address);
      const title = await steps.heading(/./).last().innerText();
      expect(title).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u2028]/);
      expect(await page.locator("h1 img, h1 script").count()).toBe(0);
      const box = await steps.heading(/./).last().boundingBox();
      expect(box?.width).toBeLessThan(1_000);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      const link = page.getByRole("link", { name: /example\// }).last();
      expect(await link.innerText()).toBe("https://xn--80ak6aa92e.example/%E2%80%AEtxt.exe");
    }
    await steps.look("contact-hostile");
    const people = page.getByRole("list", { name: "People" }).getByRole("link");
    await people.first().focus();
    await page.keyboard.press("ArrowDown");
    await expect.poll(async () => await people.nth(1).evaluate((link) => link === document.activeElement), PATIENCE).toBe(true);
    await page.keyboard.press("Enter");
    await expect.poll(async () => await people.nth(1).getAttribute("aria-current"), PATIENCE).toBe("page");
  });

  test("the first message says so quietly, and whom its sender could be taken for", async () => {
    const twin = await stage.person("b0b#beta.example");
    await writeToAlice(twin, "Money please");
    await steps.openMessage("Money please");
    await page.getByText("You had not written with each other before.").waitFor();
    await page.getByText("It looks like bob#beta.example, whom you know.").waitFor();
    await steps.look("message-first");
  });

  test("the same in German", async () => {
    await page.evaluate(() => {
      localStorage.setItem("smimp-preferences", JSON.stringify({ language: "de" }));
      dispatchEvent(new StorageEvent("storage", { key: "smimp-preferences" }));
    });
    await page.getByText("Sie hatten sich vorher noch nicht geschrieben.").waitFor();
    await steps.to("contacts/bob#beta.example");
    await page.getByText("Ist das die richtige Person?").waitFor();
    await steps.look("contact-german");
  });
});

test("an account that another device has deleted: what is here can be read, and be removed", async () => {
  const deps = { fetch: stage.network.fetch, clock: stage.network.clock, random: randomBytes };
  const laptop = await recoverAccount({ storage: createMemoryStorage(), phrase: words.join(" "), address: ALICE, deps });
  await laptop.account.remove({ phrase: words.join(" ") });
  await laptop.close();
  await page.getByRole("alert").getByText(de.shell.deleted.title).first().waitFor();
  await steps.look("account-deleted");
  await page.getByRole("alert").getByRole("button", { name: de.door.unlock.forget }).click();
  await page.getByRole("dialog").getByText(de.door.forget.last(ALICE)).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: de.door.forget.forget }).click();
  await steps.heading(de.door.welcome.title).waitFor();
});

test("nothing else happened", () => {
  expect(alice.faults).toEqual([]);
});
