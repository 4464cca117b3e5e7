import { tellJson, toldJson, type MaliciousServer, type Person } from "@smimp/testkit";
import type { Page } from "playwright-core";
import { encodeQR } from "qr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Visitor } from "./stage.ts";
import { ALICE, PATIENCE, setTrustStage, stepsOn, writeToAlice, type TrustStage, type TrustSteps } from "./trust-steps.ts";

// Who somebody is, and what a server says they were. Marks of messages and what strangers make of themselves are in
// trust-marks.test.ts.

let trust: TrustStage;
let alice: Visitor;
let page: Page;
let bob: Person;
let beta: MaliciousServer;
let steps: TrustSteps;

beforeAll(async () => {
  trust = await setTrustStage();
  ({ alice, bob, beta } = trust);
  ({ page } = alice);
  steps = stepsOn(page);
});
afterAll(async () => await trust.close());

describe("contacts", () => {
  test("nobody yet, one's own address with its code, an address that is none, one that nobody has", async () => {
    await steps.to("contacts");
    await page.getByText("Nobody here yet").waitFor();
    await steps.look("contacts-empty");
    await page.getByRole("link", { name: /Your address/ }).click();
    await steps.heading("Your address").waitFor();
    await page.getByRole("img", { name: "Code of the address alice#alpha.example" }).waitFor();
    await steps.look("own-address");
    await page.getByRole("link", { name: "What happened with your address so far" }).click();
    await steps.heading("What happened with your address").waitFor();
    await page.getByText("The address was opened at smimp.alpha.example.").waitFor();

    await steps.to("contacts");
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
    await steps.look("add-person");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });

  test("a link to somebody unknown asks their server nothing before somebody wants that", async () => {
    const asked: string[] = [];
    const hear = (request: { url(): string }): void => void (request.url().includes("smimp.beta.example") && asked.push(request.url()));
    alice.context.on("request", hear);
    for (const what of ["verify", "history"]) {
      await steps.to(`contacts/stranger#beta.example/${what}`);
      await page.getByRole("button", { name: "Look up", exact: true }).waitFor();
    }
    expect(asked).toEqual([]);
    await page.getByRole("button", { name: "Look up", exact: true }).click();
    await expect.poll(() => asked.length).toBeGreaterThan(0);
    alice.context.off("request", hear);
  });

  test("somebody who is added: who they say they are, and who gets in", async () => {
    await steps.addPerson("bob#beta.example");
    await steps.heading(/Bob Builder/).waitFor();
    const picture = page.locator("h1 img");
    await picture.waitFor();
    expect(await picture.getAttribute("src")).toMatch(/^blob:https:\/\/smimp\.alpha\.example\//);
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
    const website = page.getByRole("link", { name: "https://bob.example/" });
    expect(await website.getAttribute("rel")).toContain("noopener");
    await page.getByText("Nobody has checked it.").waitFor();
    await page.getByRole("radio", { name: /Like anybody else/ }).waitFor();
    await steps.look("contact");

    await page.getByText("Block", { exact: true }).click();
    await page.getByLabel("Note").fill("Too loud.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    const sent = await bob.client.send({ to: [ALICE], subject: "Hi", body: "Hi", keepCopy: false });
    expect(sent.copies).toMatchObject([{ state: "failed", reason: "not_accepted" }]);
    await page.getByText("Always let in", { exact: true }).click();
    await expect.poll(async () => await page.getByRole("radio", { name: /Always let in/ }).isChecked(), PATIENCE).toBe(true);

    await steps.to("contacts");
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
    await steps.to("contacts/bob#beta.example");
    await page.getByRole("link", { name: "Compare safety number" }).click();
    await steps.heading("Is it really Bob Builder (bob#beta.example)?").waitFor();
    const digits = await safetyNumber();
    await bob.client.contacts.resolve(ALICE);
    expect(digits).toBe((await bob.client.contacts.get(ALICE))?.safetyNumber);
    await steps.look("verify");
    await page.getByRole("button", { name: "They are different" }).click();
    await page.getByRole("alert").getByText("The numbers are different").waitFor();
    await steps.look("verify-different");
    await page.getByRole("button", { name: "Compare once more" }).click();
    await page.getByRole("button", { name: "They are the same" }).click();
    await page.getByText("It is really them.").waitFor();
    await steps.look("contact-verified");

    await writeToAlice(bob, "Well met");
    const message = await steps.openMessage("Well met");
    await message.getByRole("link", { name: "Verified" }).waitFor();

    await bob.client.keys.rotate();
    await writeToAlice(bob, "New phone");
    await steps.openMessage("New phone");
    await page.getByText("bob#beta.example has new keys", { exact: true }).waitFor();
    await steps.look("message-key-changed");
    await page.getByRole("button", { name: /^Notices, 1 wants/ }).click();
    const centre = page.getByRole("dialog", { name: "Notices" });
    await centre.getByText("Mostly it means that they have a new device").waitFor();
    await steps.look("notices");
    await page.keyboard.press("Escape");

    await steps.to("contacts/bob#beta.example");
    await page.getByText("You had compared the number. Since then the keys have changed").waitFor();
    expect(await page.getByText("Verified", { exact: true }).count()).toBe(0);
    await steps.look("contact-lowered");
  });

  test("their code is scanned: another number is told, the right one marks them", async () => {
    await steps.to("contacts/bob#beta.example/verify");
    await steps.heading("Is it really Bob Builder (bob#beta.example)?").waitFor();
    await page.getByRole("button", { name: "Scan their code" }).click();
    // This browser has no camera.
    await page.getByText("There is no camera that could be used here.").waitFor();
    await steps.look("verify-scanner");
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
    await steps.to("contacts/bob#beta.example/history");
    await steps.heading("What happened with bob#beta.example").waitFor();
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
    await steps.look("history");
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
    await steps.to("contacts");
    await steps.to("contacts/bob#beta.example/history");
    await page.getByText("Their server shows something else at the moment.").waitFor();
    const alarm = page.getByRole("alert").filter({ hasText: "Another past of bob#beta.example was shown" });
    await alarm.getByText("Nothing is sent to bob#beta.example until this is cleared up.").waitFor();
    await steps.look("history-rewritten");

    const asked = (): number => beta.requests.filter(({ path }) => /send_message|get_message_key/.test(path)).length;
    const before = asked();
    await sendShort("Are you there?");
    await page.getByText("Not sent").first().waitFor();
    await page.getByText("Another past of bob#beta.example was shown").first().waitFor();
    await steps.look("chat-stopped");
    expect(asked()).toBe(before);

    await steps.to("contacts/bob#beta.example");
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
    await steps.look("contact-stopped");
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

test("nothing else happened", () => {
  expect(alice.faults).toEqual([]);
});

async function safetyNumber(): Promise<string> {
  const groups = page.getByRole("list", { name: "Safety number" }).locator("[aria-hidden=true]");
  await groups.first().waitFor();
  return (await groups.allInnerTexts()).join("");
}

/** Says something in a chat. */
async function sendShort(text: string): Promise<void> {
  await steps.to("chat/bob#beta.example");
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
