import { AxeBuilder } from "@axe-core/playwright";
import { startMaliciousServer, tellJson, toldJson, type MaliciousServer, type Person } from "@smimp/testkit";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createMemoryStorage, recoverAccount } from "@smimp/client";
import { parseAddress, randomBytes } from "@smimp/protocol";
import type { Page } from "playwright-core";
import { encodeQR } from "qr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { de } from "../src/messages/de/all.ts";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { joinWithWords, settled } from "./steps.ts";

// Alice sits in the browser; Bob, Mallory and the others write with Node clients. Beta's server lies when it is told to.

const SHOTS = process.env["SMIMP_SHOTS"];
const WIDTHS = [390, 768, 1440] as const;

const ALICE = parseAddress("alice#alpha.example");
/** A red point. */
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==", "base64");

let stage: Stage;
let alice: Visitor;
let page: Page;
let words: readonly string[];
let bob: Person;
let beta: MaliciousServer;

beforeAll(async () => {
  stage = await setStage({
    prepare: async (network) => {
      beta = await startMaliciousServer(network, "beta.example");
    },
  });
  alice = await stage.open({ viewport: { width: 1280, height: 900 } });
  page = alice.page;
  words = await joinWithWords(alice, stage, ALICE);
  bob = await stage.person("bob#beta.example");
  await bob.client.profile.setAvatar(PNG, "image/png");
  await bob.client.profile.set({ name: "Bob Builder", website: "https://bob.example/" });
});
/** How a thing is waited for that comes by itself: nothing here depends on how fast the machine is. */
const PATIENCE = { timeout: 60_000, interval: 200 };

afterAll(async () => {
  await stage.close();
  await beta.close();
});

const to = async (path: string): Promise<void> => {
  await page.evaluate(
    (hash) => {
      location.hash = hash;
    },
    `#/${path.split("/").map(encodeURIComponent).join("/")}`,
  );
};
const heading = (name: string | RegExp) => page.getByRole("heading", { level: 1, name });

/** Says what a person sees to be accessible, in both themes; with SMIMP_SHOTS it keeps pictures too. */
async function look(name: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.evaluate((value) => void (document.documentElement.dataset["theme"] = value), theme);
    await settled(page);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${name} ${theme}: ${id} ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    if (SHOTS === undefined) continue;
    const before = page.viewportSize();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await page.screenshot({ path: `${SHOTS}/${name}-${width}-${theme}.png` });
    }
    if (before !== null) await page.setViewportSize(before);
  }
}

async function addPerson(address: string): Promise<void> {
  await to("contacts");
  await page.getByRole("button", { name: "Add a person" }).first().click();
  await page.getByRole("dialog").getByLabel("Address").fill(address);
  await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
  await heading(new RegExp(address)).waitFor();
}

describe("contacts", () => {
  test("nobody yet, one's own address with its code, an address that is none, one that nobody has", async () => {
    await to("contacts");
    await page.getByText("Nobody here yet").waitFor();
    await look("contacts-empty");
    await page.getByRole("link", { name: /Your address/ }).click();
    await heading("Your address").waitFor();
    await page.getByRole("img", { name: "Code of the address alice#alpha.example" }).waitFor();
    await look("own-address");
    await page.getByRole("link", { name: "What happened with your address so far" }).click();
    await heading("What happened with your address").waitFor();
    await page.getByText("The address was opened at smimp.alpha.example.").waitFor();

    await to("contacts");
    await page.getByRole("button", { name: "Add a person" }).first().click();
    const dialog = page.getByRole("dialog");
    for (const [wrong, says] of [
      ["bob", "That is no address."],
      ["nobody#beta.example", "There is nobody with that address."],
      ["alice#alpha.example", "That is your own address."],
    ]) {
      await dialog.getByLabel("Address").fill(wrong ?? "");
      await dialog.getByRole("button", { name: "Add" }).click();
      await dialog.getByText(says ?? "").waitFor();
    }
    await look("add-person");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });

  test("a link to somebody unknown asks their server nothing before somebody wants that", async () => {
    const asked: string[] = [];
    const hear = (request: { url(): string }): void => void (request.url().includes("smimp.beta.example") && asked.push(request.url()));
    alice.context.on("request", hear);
    for (const what of ["verify", "history"]) {
      await to(`contacts/stranger#beta.example/${what}`);
      await page.getByRole("button", { name: "Look up", exact: true }).waitFor();
    }
    expect(asked).toEqual([]);
    await page.getByRole("button", { name: "Look up", exact: true }).click();
    await expect.poll(() => asked.length).toBeGreaterThan(0);
    alice.context.off("request", hear);
  });

  test("somebody who is added: who they say they are, and who gets in", async () => {
    await addPerson("bob#beta.example");
    await heading(/Bob Builder/).waitFor();
    const picture = page.locator("h1 img");
    await picture.waitFor();
    expect(await picture.getAttribute("src")).toMatch(/^blob:https:\/\/smimp\.alpha\.example\//);
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
    const website = page.getByRole("link", { name: "https://bob.example/" });
    expect(await website.getAttribute("rel")).toContain("noopener");
    await page.getByText("Nobody has checked it.").waitFor();
    await page.getByRole("radio", { name: /Like anybody else/ }).waitFor();
    await look("contact");

    await page.getByText("Block", { exact: true }).click();
    await page.getByLabel("Note").fill("Too loud.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    const sent = await bob.client.send({ to: [ALICE], subject: "Hi", body: "Hi", keepCopy: false });
    expect(sent.copies).toMatchObject([{ state: "failed", reason: "not_accepted" }]);
    await page.getByText("Always let in", { exact: true }).click();
    await expect.poll(async () => await page.getByRole("radio", { name: /Always let in/ }).isChecked(), PATIENCE).toBe(true);

    await to("contacts");
    const search = page.getByRole("searchbox", { name: "Search contacts" });
    await search.fill("zzz");
    await page.getByText("Nobody found").waitFor();
    await search.fill("build");
    await page
      .getByRole("list", { name: "People" })
      .getByRole("link", { name: /Bob Builder/ })
      .waitFor();
    await search.fill("");
  });
});

describe("is it really them", () => {
  test("the number is compared, the mark stands where they write, and goes with a change of keys, visibly", async () => {
    await to("contacts/bob#beta.example");
    await page.getByRole("link", { name: "Compare safety number" }).click();
    await heading("Is it really Bob Builder (bob#beta.example)?").waitFor();
    const digits = await safetyNumber();
    await bob.client.contacts.resolve(ALICE);
    expect(digits).toBe((await bob.client.contacts.get(ALICE))?.safetyNumber);
    await look("verify");
    await page.getByRole("button", { name: "They are different" }).click();
    await page.getByRole("alert").getByText("The numbers are different").waitFor();
    await look("verify-different");
    await page.getByRole("button", { name: "Compare once more" }).click();
    await page.getByRole("button", { name: "They are the same" }).click();
    await page.getByText("It is really them.").waitFor();
    await look("contact-verified");

    await writeToAlice(bob, "Well met");
    const message = await openMessage("Well met");
    await message.getByRole("link", { name: "Verified" }).waitFor();

    await bob.client.keys.rotate();
    await writeToAlice(bob, "New phone");
    await openMessage("New phone");
    await page.getByText("bob#beta.example has new keys", { exact: true }).waitFor();
    await look("message-key-changed");
    await page.getByRole("button", { name: /^Notices, 1 wants/ }).click();
    const centre = page.getByRole("dialog", { name: "Notices" });
    await centre.getByText("Mostly it means that they have a new device").waitFor();
    await look("notices");
    await page.keyboard.press("Escape");

    await to("contacts/bob#beta.example");
    await page.getByText("You had compared the number. Since then the keys have changed").waitFor();
    expect(await page.getByText("Verified", { exact: true }).count()).toBe(0);
    await look("contact-lowered");
  });

  test("their code is scanned: another number is told, the right one marks them", async () => {
    await to("contacts/bob#beta.example/verify");
    await heading("Is it really Bob Builder (bob#beta.example)?").waitFor();
    await page.getByRole("button", { name: "Scan their code" }).click();
    // This browser has no camera.
    await page.getByText("There is no camera that could be used here.").waitFor();
    await look("verify-scanner");
    await page.getByRole("button", { name: "Stop scanning" }).click();
    const digits = await safetyNumber();
    expect(digits).toBe((await bob.client.contacts.get(ALICE))?.safetyNumber);

    await showCamera(digits.replace(/^./, (first) => String((Number(first) + 1) % 10)));
    await page.getByRole("button", { name: "Scan their code" }).click();
    await page.getByText("The numbers are different").waitFor();
    await page.getByRole("button", { name: "Compare once more" }).click();
    await showCamera(digits);
    await page.getByRole("button", { name: "Scan their code" }).click();
    await page.getByText("It is really them.").waitFor();
    await page.getByRole("button", { name: /^Got it: bob#beta.example has new keys/ }).click();
    await page.getByRole("button", { name: "Notices", exact: true }).waitFor();
  });

  test("what happened so far is a timeline, details folded away", async () => {
    await to("contacts/bob#beta.example/history");
    await heading("What happened with bob#beta.example").waitFor();
    await page.getByText("Everything fits together. Asked just now.").waitFor();
    const events = page.getByRole("list", { name: "Events, the latest first" }).getByRole("listitem");
    const texts = await events.allInnerTexts();
    expect(
      texts.map(
        (text) =>
          /The address was opened|profile was changed|The locks of the mailbox were renewed|first time|You compared/.exec(text)?.[0],
      ),
    ).toEqual([
      "You compared",
      "The locks of the mailbox were renewed",
      "first time",
      "profile was changed",
      "profile was changed",
      "The address was opened",
    ]);
    await events.nth(1).getByText("Details").click();
    await events
      .nth(1)
      .getByText(/^[0-9a-f]{64}$/)
      .waitFor();
    await look("history");
  });
});

describe("a server that shows another past", () => {
  test("is told in plain words, nothing is sent, and it passes once the server shows again what it did", async () => {
    beta.lie(async (request, truth) => {
      if (request.path.endsWith("/events")) return null;
      const told = await truth();
      if (!request.path.endsWith("/history")) return told;
      const { records } = toldJson<{ readonly records: readonly unknown[] }>(told);
      return { ...tellJson({ records: records.slice(0, 2), profile: null }), headers: told.headers };
    });
    await to("contacts");
    await to("contacts/bob#beta.example/history");
    await page.getByText("Their server shows something else at the moment.").waitFor();
    const alarm = page.getByRole("alert").filter({ hasText: "Another past of bob#beta.example was shown" });
    await alarm.getByText("Nothing is sent to bob#beta.example until this is cleared up.").waitFor();
    await look("history-rewritten");

    const asked = (): number => beta.requests.filter(({ path }) => /send_message|get_message_key/.test(path)).length;
    const before = asked();
    await sendShort("Are you there?");
    await page.getByText("Not sent").first().waitFor();
    await page.getByText("Another past of bob#beta.example was shown").first().waitFor();
    await look("chat-stopped");
    expect(asked()).toBe(before);

    await to("contacts/bob#beta.example");
    await alarm.waitFor();
    await alarm.getByRole("button", { name: "Check again" }).click();
    await page.getByText("Nothing has changed yet.").waitFor();

    // What was put away is put away; that nothing is sent stands there all the same.
    const gotIt = page.getByRole("button", { name: /^Got it/ });
    while ((await gotIt.count()) > 0) {
      const before = await gotIt.count();
      await gotIt.first().click();
      await expect.poll(async () => await gotIt.count(), PATIENCE).toBeLessThan(before);
    }
    await page.getByText("Nothing is sent to bob#beta.example right now").waitFor();
    await page.getByText("Right now nobody can say").waitFor();
    await look("contact-stopped");
    beta.lie(null);
    await page.getByRole("button", { name: "Check again" }).click();
    await page.getByText("You can write to bob#beta.example again.").waitFor();
    await page.getByText("Nothing is sent to bob#beta.example right now").waitFor({ state: "detached" });
    await sendShort("Here I am again.");
    await expect
      .poll(async () => {
        await bob.client.sync();
        const messages = await bob.client.inbox.conversation([ALICE]);
        return messages.map(({ preview }) => preview);
      }, PATIENCE)
      .toEqual(["Here I am again."]);
  });
});

describe("marks of messages", () => {
  test("mail from elsewhere: nobody has checked who wrote it, in the list and above the message", async () => {
    const deps = { fetch: stage.network.fetch, clock: stage.network.clock, random: randomBytes };
    const laptop = await recoverAccount({ storage: createMemoryStorage(), phrase: words.join(" "), address: ALICE, deps });
    const imported = { from: "Bank <bank@bank.example>", to: [], cc: [], date: null, messageId: null };
    await laptop.imports.add({ key: "1", imported, subject: "Old letter", body: "Dear customer", attachments: [], read: false });
    await laptop.close();
    const message = await openMessage("Old letter");
    await message.getByText("Nobody has checked who wrote this.").waitFor();
    await page
      .getByRole("row", { name: /Old letter/ })
      .getByRole("img", { name: "Sender not checked" })
      .waitFor();
    await look("message-imported");
  });

  test("mail that came through a bridge: nobody has checked who wrote it, in the list, above the message and in a chat", async () => {
    await alice.context.setOffline(true);
    await writeToAlice(bob, "From the bridge");
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
    const message = await openMessage("From the bridge");
    await message.getByText("It came through ordinary email").waitFor();
    await page
      .getByRole("row", { name: /From the bridge/ })
      .getByRole("img", { name: "Sender not checked" })
      .waitFor();
    await look("message-bridged");
    await to("chat/bob#beta.example");
    await page.getByRole("log").getByText("By bridge").waitFor();
    await page.getByRole("log").getByText("It came through ordinary email").waitFor();
    await look("chat-bridged");
  });

  test("what comes with keys that were changed before it came may have been late", async () => {
    const frank = await stage.person("frank#beta.example");
    await writeToAlice(frank, "Good morning");
    await openMessage("Good morning");
    // Only the own server is away: what stands there is seen after the sender's new keys.
    await alice.context.route("https://smimp.alpha.example/**", async (route) => await route.abort());
    await writeToAlice(frank, "A late letter");
    await frank.client.keys.rotate();
    await to("contacts/frank#beta.example/history");
    await page.getByText("The locks of the mailbox were renewed").waitFor();
    await alice.context.unroute("https://smimp.alpha.example/**");
    const message = await openMessage("A late letter");
    await message.getByText("Signed with an old key.").waitFor();
    await page
      .getByRole("row", { name: /A late letter/ })
      .getByRole("img", { name: "Signed with an old key" })
      .waitFor();
    await look("message-former");
  });

  test("what was signed with keys that were replaced with the recovery words may be somebody else's", async () => {
    const dave = await stage.person("dave#alpha.example");
    await alice.context.setOffline(true);
    await writeToAlice(dave, "Send the money");
    await dave.client.keys.changePhrase({ oldPhrase: dave.phrase, keepPhrase: async () => await Promise.resolve() });
    await alice.context.setOffline(false);
    const message = await openMessage("Send the money");
    await message.getByRole("alert").getByText("Perhaps not from dave#alpha.example.").waitFor();
    await page
      .getByRole("row", { name: /Send the money/ })
      .getByRole("img", { name: "Perhaps not from the sender" })
      .waitFor();
    await look("message-revoked");
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
      await addPerson(address);
      const title = await heading(/./).last().innerText();
      expect(title).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u2028]/);
      expect(await page.locator("h1 img, h1 script").count()).toBe(0);
      const box = await heading(/./).last().boundingBox();
      expect(box?.width).toBeLessThan(1_000);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      const link = page.getByRole("link", { name: /example\// }).last();
      expect(await link.innerText()).toBe("https://xn--80ak6aa92e.example/%E2%80%AEtxt.exe");
    }
    await look("contact-hostile");
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
    await openMessage("Money please");
    await page.getByText("You had not written with each other before.").waitFor();
    await page.getByText("It looks like bob#beta.example, whom you know.").waitFor();
    await look("message-first");
  });

  test("the same in German", async () => {
    await page.evaluate(() => {
      localStorage.setItem("smimp-preferences", JSON.stringify({ language: "de" }));
      dispatchEvent(new StorageEvent("storage", { key: "smimp-preferences" }));
    });
    await page.getByText("Sie hatten sich vorher noch nicht geschrieben.").waitFor();
    await to("contacts/bob#beta.example");
    await page.getByText("Ist das die richtige Person?").waitFor();
    await look("contact-german");
  });
});

test("an account that another device has deleted: what is here can be read, and be removed", async () => {
  const deps = { fetch: stage.network.fetch, clock: stage.network.clock, random: randomBytes };
  const laptop = await recoverAccount({ storage: createMemoryStorage(), phrase: words.join(" "), address: ALICE, deps });
  await laptop.account.remove({ phrase: words.join(" ") });
  await laptop.close();
  await page.getByRole("alert").getByText(de.shell.deleted.title).first().waitFor();
  await look("account-deleted");
  await page.getByRole("alert").getByRole("button", { name: de.door.unlock.forget }).click();
  await page.getByRole("dialog").getByText(de.door.forget.last(ALICE)).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: de.door.forget.forget }).click();
  await heading(de.door.welcome.title).waitFor();
});

test("nothing else happened", () => {
  expect(alice.faults).toEqual([]);
});

async function safetyNumber(): Promise<string> {
  const groups = page.getByRole("list", { name: "Safety number" }).locator("[aria-hidden=true]");
  await groups.first().waitFor();
  return (await groups.allInnerTexts()).join("");
}

/** Writes to Alice; her server may need a while to learn of new keys. */
async function writeToAlice({ client }: Person, subject: string): Promise<void> {
  const { id } = await client.send({ to: [ALICE], subject, body: "It is me.", keepCopy: false });
  await expect
    .poll(
      async () => {
        await client.outbox.flush({ id, force: true });
        return (await client.outbox.get(id))?.copies.map(({ state }) => state);
      },
      { timeout: 90_000, interval: 1_000 },
    )
    .toEqual(["sent"]);
}

/** Opens the message with a subject, as soon as it is there. */
async function openMessage(subject: string): Promise<ReturnType<Page["getByRole"]>> {
  await to("inbox");
  await page.getByText(subject).first().click();
  const message = page.getByRole("article").last();
  await message.waitFor();
  return message;
}

/** Says something in a chat. */
async function sendShort(text: string): Promise<void> {
  await to("chat/bob#beta.example");
  await page.getByRole("textbox", { name: "Write a short message" }).fill(text);
  await page.keyboard.press("Enter");
}

/** From now on the camera sees the code of a text. */
async function showCamera(text: string): Promise<void> {
  const rows = encodeQR(text, "raw", { border: 4, ecc: "medium" });
  await page.evaluate((modules) => {
    const scale = 12;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = modules.length * scale;
    const context = canvas.getContext("2d");
    const draw = (): void => {
      for (const [y, row] of modules.entries())
        for (const [x, dark] of row.entries()) {
          if (context === null) return;
          context.fillStyle = dark ? "black" : "white";
          context.fillRect(x * scale, y * scale, scale, scale);
        }
    };
    draw();
    setInterval(draw, 100);
    navigator.mediaDevices.getUserMedia = async () => await Promise.resolve(canvas.captureStream(10));
  }, rows);
}
