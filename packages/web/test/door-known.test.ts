import { createMemoryStorage, linkDevice } from "@smimp/client";
import { parseAddress, randomBytes } from "@smimp/protocol";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { en } from "../src/messages/en/all.ts";
import { pictureOf, readCode, writeCamera } from "./pictures.ts";
import { setStage, type Stage } from "./stage.ts";
import { choosePassphrase, joinInBrowser, violationsOn } from "./steps.ts";

// A mailbox that there is comes to a browser: with the recovery words, or from another device.

const { door } = en;
const HOME = "https://smimp.alpha.example/";
let stage: Stage;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "smimp-camera-"));
  await writeFile(join(dir, "camera.y4m"), "");
  stage = await setStage({}, [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${join(dir, "camera.y4m")}`,
  ]);
});
afterAll(async () => {
  await stage.close();
  await rm(dir, { recursive: true, force: true });
});

/** Types address and words. */
async function tellWords(page: Page, address: string, words: string): Promise<void> {
  await page.getByLabel("Your address").fill(address);
  await page.getByLabel("Word 1", { exact: true }).fill(words);
  await page.getByRole("button", { name: "Continue" }).click();
}

describe("restoring with the recovery words", () => {
  test("a new browser has the mailbox, and the other devices go on", async () => {
    const carol = await stage.person("carol#alpha.example");
    const bob = await stage.person("bob#beta.example");
    await bob.client.send({ to: [carol.address], subject: "From before", body: "Hello." });
    await carol.client.sync();
    const { page, faults } = await stage.open();
    await page.goto(HOME);
    await page.getByRole("heading", { name: door.welcome.title }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: /^I have recovery words/ }).click();
    // The window says where one is, in the door too.
    await expect.poll(async () => await page.title()).toBe(`${door.restore.title} – SMIMP Mail`);
    await page.getByLabel("Word 1", { exact: true }).fill("aban");
    await page.keyboard.press("Enter");
    await expect.poll(async () => await page.getByLabel("Word 1", { exact: true }).inputValue()).toBe("abandon");
    await page.keyboard.type("abot ");
    await page.getByText(door.restore.unknown).waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText(en.common.errors.bad_address).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await tellWords(page, "carol#alpha.example", carol.phrase);
    await page.getByRole("radio", { name: /^I just want to use it here/ }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Bring it back" }).click();
    await page.getByRole("heading", { name: door.choose.titleBack }).waitFor({ timeout: 60_000 });
    expect(await violationsOn(page)).toEqual([]);
    // The words are not asked for again, whatever happens now.
    await page.reload();
    await choosePassphrase(page);
    expect(new URL(page.url()).hash).not.toContain("restore");
    await page.getByText("From before").first().waitFor();
    const [first] = await carol.client.devices.list();
    await carol.client.devices.rename(first?.id ?? "", "Terminal");
    const devices = await carol.client.devices.list();
    expect(devices.map(({ name }) => name).toSorted()).toEqual(["Chrome, Linux", "Terminal"]);
    expect(faults).toEqual([]);
  });

  test("what was interrupted goes on where it was: with a network, after a closed page, as one device", async () => {
    const kurt = await stage.person("kurt#alpha.example");
    const { page, context, faults } = await stage.open();
    // The server takes what it is told, and its answer is lost.
    await context.route(/\/keystore$/, async (route) => {
      const request = route.request();
      if (request.method() !== "PUT") return await route.continue();
      const body = Uint8Array.from(request.postDataBuffer() ?? []);
      const headers = Object.fromEntries(
        Object.entries(await request.allHeaders()).filter(([name]) => /^(auth|content-type|if-)/.test(name)),
      );
      await stage.network.fetch(request.url(), { method: "PUT", headers, body, redirect: "manual" });
      await route.abort();
    });
    await page.goto(`${HOME}#/restore`);
    await tellWords(page, kurt.address, kurt.phrase);
    await page.getByRole("button", { name: "Bring it back" }).click();
    await page.getByText(door.errors.away).waitFor();
    await page.goto(HOME);
    await page.getByText(door.restore.interrupted).waitFor();
    await expect.poll(async () => await page.getByLabel("Your address").inputValue()).toBe(kurt.address);
    expect(await violationsOn(page)).toEqual([]);
    await context.unrouteAll();
    await tellWords(page, kurt.address, kurt.phrase);
    await page.getByRole("button", { name: "Bring it back" }).click();
    await choosePassphrase(page);
    await expect
      .poll(async () => {
        await kurt.client.keys.save();
        return (await kurt.client.devices.list()).length;
      })
      .toBe(2);
    expect(faults).toEqual([]);
  });

  test("an address that somebody has taken over is taken back", async () => {
    const thief = await stage.person("jana#alpha.example");
    await thief.client.keys.rotate();
    const { page, faults } = await stage.open();
    await page.goto(`${HOME}#/restore`);
    await tellWords(page, "jana#alpha.example", thief.phrase);
    await page.getByRole("radio", { name: /^Somebody has taken over my address/ }).check({ force: true });
    await page.getByRole("button", { name: "Bring it back" }).click();
    await page.getByRole("heading", { name: door.choose.titleBack }).waitFor({ timeout: 60_000 });
    await choosePassphrase(page);
    await expect(thief.client.sync()).rejects.toMatchObject({ code: "unauthenticated" });
    expect(faults).toEqual([]);
  });

  test("words that are not theirs, a device that was stolen", async () => {
    const dora = await stage.person("dora#alpha.example");
    const other = await stage.person("emil#alpha.example");
    const { page, faults } = await stage.open();
    await page.goto(`${HOME}#/restore`);
    await tellWords(page, "dora#alpha.example", other.phrase);
    await page.getByRole("button", { name: "Bring it back" }).click();
    await page.getByText(door.restore.notTheirs("dora#alpha.example")).waitFor();
    const [first = "", second = "", ...rest] = dora.phrase.split(" ");
    await tellWords(page, "dora#alpha.example", [second, first, ...rest].join(" "));
    await page.getByRole("button", { name: "Bring it back" }).click();
    // Two words that are swapped: the checksum tells, or the history does.
    await page.getByText(/^(These 24 words don’t belong together|These are not the words of)/).waitFor();
    await tellWords(page, "nobody#alpha.example", dora.phrase);
    await page.getByRole("button", { name: "Bring it back" }).click();
    await page.getByText(door.restore.nobody("nobody#alpha.example")).waitFor();
    expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).not.toContain("smimp-mailbox");
    await tellWords(page, "dora#alpha.example", dora.phrase);
    await page.getByRole("radio", { name: /^A device was lost or stolen/ }).check({ force: true });
    await page.getByRole("button", { name: "Bring it back" }).click();
    await page.getByRole("heading", { name: door.choose.titleBack }).waitFor({ timeout: 60_000 });
    await choosePassphrase(page);
    // What somebody else has now is worth nothing any more.
    await expect(dora.client.sync()).rejects.toMatchObject({ code: "unauthenticated" });
    expect(faults).toEqual([]);
  });
});

describe("linking another device", () => {
  test("one browser shows the code, the other types it", async () => {
    const old = await stage.open();
    await joinInBrowser(old, stage, "frida#alpha.example");
    const fresh = await stage.open();
    await fresh.page.goto(HOME);
    await fresh.page.getByRole("button", { name: /^I have a mailbox on another device/ }).click();
    await fresh.page.getByLabel("Your address").fill("nobody#gamma");
    await fresh.page.getByRole("button", { name: "Show the code" }).click();
    await fresh.page.getByText(en.common.errors.bad_address).waitFor();
    expect(await violationsOn(fresh.page)).toEqual([]);
    await fresh.page.getByLabel("Your address").fill("frida#alpha.example");
    await fresh.page.getByRole("button", { name: "Show the code" }).click();
    await fresh.page
      .getByRole("timer")
      .getByText(/^Good for (10:00|9:\d\d) more$/)
      .waitFor();
    expect(await violationsOn(fresh.page)).toEqual([]);
    // Cancelled, it is worth nothing; the next one is another.
    const first = await shownCode(fresh.page);
    await fresh.page.getByRole("button", { name: "Cancel" }).click();
    await fresh.page.getByRole("button", { name: "Show the code" }).click();
    const code = await shownCode(fresh.page);
    expect(code).toMatch(/^([A-Z2-7]{4} ){10}[A-Z2-7]{2}$/);
    expect(code).not.toBe(first);
    const picture = await fresh.page.getByRole("img", { name: door.link.qr }).screenshot();
    expect(readCode(await pictureOf(fresh.page, picture))).toBe(code.replaceAll(" ", ""));

    await old.page.goto(`${HOME}#/settings/devices`);
    const field = old.page.getByLabel(door.linkOther.code);
    await field.fill(code.slice(0, -1));
    await old.page.getByRole("button", { name: "Add the device" }).click();
    await old.page.getByText(door.linkOther.incomplete).waitFor();
    await field.fill(`${code.startsWith("A") ? "B" : "A"}${code.slice(1)}`);
    await old.page.getByRole("button", { name: "Add the device" }).click();
    await old.page.getByText(door.linkOther.unknown).waitFor();
    await field.fill(code.toLowerCase());
    await old.page.getByRole("button", { name: "Add the device" }).click();
    await old.page.getByText(door.linkOther.done).waitFor();
    await fresh.page.getByRole("heading", { name: door.choose.titleBack }).waitFor();
    await choosePassphrase(fresh.page);
    await fresh.page.getByText("frida#alpha.example").first().waitFor();
    expect([...old.faults, ...fresh.faults]).toEqual([]);
  });

  test("a code that has expired is said, and another one shown", async () => {
    await stage.person("ines#alpha.example");
    const { page, context, faults } = await stage.open();
    await page.goto(`${HOME}#/link`);
    await page.getByLabel("Your address").fill("nobody#alpha.example");
    await page.getByRole("button", { name: "Show the code" }).click();
    await page.getByText(door.link.nobody("nobody#alpha.example")).waitFor();
    await context.route(/device_links\/./, async (route) => {
      const problem = JSON.stringify({ type: "about:blank", status: 404, code: "not_found", title: "gone" });
      await route.fulfill({ status: 404, contentType: "application/problem+json", body: problem });
    });
    await page.getByLabel("Your address").fill("ines#alpha.example");
    await page.getByRole("button", { name: "Show the code" }).click();
    await page.getByText(door.link.expired).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await context.unrouteAll();
    await page.getByRole("button", { name: "Show a new code" }).click();
    expect(await shownCode(page)).toMatch(/^[A-Z2-7 ]+$/);
    expect(faults).toEqual([]);
  });

  test("the camera reads the code", async () => {
    const old = await stage.open();
    await joinInBrowser(old, stage, "gerd#alpha.example");
    const fresh = await stage.open();
    await fresh.page.goto(`${HOME}#/link`);
    await fresh.page.getByLabel("Your address").fill("gerd#alpha.example");
    await fresh.page.getByRole("button", { name: "Show the code" }).click();
    const png = await fresh.page.getByRole("img", { name: door.link.qr }).screenshot();
    await writeCamera(join(dir, "camera.y4m"), await pictureOf(fresh.page, png));
    await old.page.goto(`${HOME}#/settings/devices`);
    await old.page.getByRole("button", { name: "Scan instead" }).click();
    await old.page.getByText(door.linkOther.done).waitFor();
    await choosePassphrase(fresh.page);
    expect([...old.faults, ...fresh.faults]).toEqual([]);
  });

  test("a program on another machine is let in by the browser", async () => {
    const old = await stage.open();
    await joinInBrowser(old, stage, "hans#alpha.example");
    const { network } = stage;
    const linking = await linkDevice({
      storage: createMemoryStorage(),
      address: parseAddress("hans#alpha.example"),
      deps: { fetch: network.fetch, clock: network.clock, random: randomBytes },
      name: "Terminal",
    });
    await old.page.goto(`${HOME}#/settings/devices`);
    await old.page.getByLabel(door.linkOther.code).fill(linking.linkCode);
    const [client] = await Promise.all([linking.finish(), old.page.getByRole("button", { name: "Add the device" }).click()]);
    expect(client.address).toBe("hans#alpha.example");
    await client.close();
    expect(old.faults).toEqual([]);
  });
});

async function shownCode(page: Page): Promise<string> {
  const code = page.getByRole("group", { name: "Link code" });
  await code.waitFor();
  return (await code.innerText()).split(/\s+/).filter(Boolean).join(" ");
}
