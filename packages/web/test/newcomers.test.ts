import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromiumPath, HEADLESS_ARGUMENTS } from "@smimp/testkit";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { choosePassphrase, confirmWords, violationsOn, wordList, wordsShown } from "./steps.ts";
import { addTo, beginMessage, eventually, letGo, sendAtOnce, textOf, writing } from "./writing-steps.ts";

// What `npm start` promises to somebody who has never seen this: two people open the links that it prints, with the commands that it
// prints, and write to each other. They never meet the word "key".

const DEMO = fileURLToPath(new URL("../../../demo/src/main.ts", import.meta.url));
const SMIMP = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));
const REPORT = Buffer.from(`%PDF-1.4\n${"A page of it.\n".repeat(2_000)}`);

const started: ChildProcess[] = [];
const browsers: Browser[] = [];
let folder: string;
let data: string;
let said = "";
let carol: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "smimp-newcomers-"));
  data = join(folder, "demo");
  const demo = spawn(process.execPath, [DEMO, "--stay", "--data", data], { detached: true, env: { ...process.env, NO_COLOR: "1" } });
  started.push(demo);
  demo.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await eventually(async () => await Promise.resolve(said.includes("Each link is good for one account") ? true : null), 120_000);
});
afterAll(async () => {
  for (const browser of browsers) await browser.close();
  for (const { pid, exitCode } of started) if (pid !== undefined && exitCode === null) end(pid);
  await eventually(
    async () => await Promise.resolve(started.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null) || null),
  );
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

/** Ends a program with all that it started. */
function end(pid: number): void {
  try {
    process.kill(-pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Runs the command that the demo printed for a guest; resolves with the page that it opens, in a Chromium without a screen. */
async function comeIn(guest: string): Promise<Page> {
  const command = new RegExp(`^ {2}sh (\\S+) ${guest} `, "m").exec(said)?.[1] ?? "";
  const headless = join(folder, "chromium");
  const args = ["--headless=new", ...HEADLESS_ARGUMENTS, "--lang=en-GB", "--remote-debugging-port=0", "--window-size=1280,900"];
  await writeFile(headless, `#!/bin/sh\nexec '${chromiumPath()}' ${args.join(" ")} "$@"\n`, { mode: 0o700 });
  started.push(spawn("sh", [command, guest], { detached: true, stdio: "ignore", env: { ...process.env, CHROMIUM: headless } }));
  const port = await eventually(async () => {
    const text = await readFile(join(data, `browser-${guest}`, "DevToolsActivePort"), "utf8").catch(() => "");
    return /^\d+\n/.test(text) ? Number.parseInt(text, 10) : null;
  }, 120_000);
  // A browser that is only just there sometimes never answers the first who asks.
  const connected = async (): Promise<Browser | null> => {
    try {
      return await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { timeout: 10_000 });
    } catch {
      return null;
    }
  };
  const browser = await eventually(connected, 120_000);
  browsers.push(browser);
  return await eventually(
    async () =>
      await Promise.resolve(
        browser
          .contexts()[0]
          ?.pages()
          .find((page) => page.url().startsWith("https:")),
      ),
  );
}

/** What stands on the screen says nothing of keys; chance may have put the word among the recovery words. */
async function expectPlain(page: Page): Promise<void> {
  const words = await wordList(page).allInnerTexts();
  const text = (await page.locator("body").innerText()).replace(words.join(""), "");
  expect(/.*\bkeys?\b.*/i.exec(text)?.[0] ?? null).toBeNull();
}

async function joinAs(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your address").fill(name);
  await expectPlain(page);
  await page.getByRole("button", { name: "Create my mailbox" }).click();
  const words = await wordsShown(page);
  expect(words).toHaveLength(24);
  await expectPlain(page);
  await page.getByRole("button", { name: "I have written them down" }).click();
  await page
    .getByLabel(/^Word \d+$/)
    .first()
    .waitFor();
  await expectPlain(page);
  await confirmWords(page, words);
  await page.getByLabel("Passphrase", { exact: true }).waitFor();
  await expectPlain(page);
  await choosePassphrase(page);
  await page.getByRole("button", { name: "Write", exact: true }).waitFor();
  await expectPlain(page);
}

test("two people join with the links of the demo, one writes, the other answers with a file", async () => {
  const began = Date.now();
  carol = await comeIn("carol");
  await joinAs(carol, "carol");
  console.log(`in the mailbox ${Math.round((Date.now() - began) / 1_000)} s after the command, with somebody who types at once`);
  const dave = await comeIn("dave");
  await joinAs(dave, "dave");

  const window = await beginMessage(carol);
  await addTo(window, "dave#beta.example");
  await window.getByRole("textbox", { name: "Subject" }).fill("The report");
  await textOf(window).click();
  await carol.keyboard.type("Dear Dave,\ncould you send it to me?\nCarol");
  await expectPlain(carol);
  await sendAtOnce(carol);

  await dave.getByText("The report").first().click();
  const read = dave.getByRole("main");
  await read.getByText("could you send it to me?", { exact: true }).waitFor();
  await expectPlain(dave);
  await read.getByRole("button", { name: "Reply" }).first().click();
  const answer = writing(dave);
  await textOf(answer).getByText("could you send it to me?").waitFor();
  await dave.keyboard.type("Here it is.");
  await answer.locator("input[type=file]").setInputFiles([{ name: "report.pdf", mimeType: "application/pdf", buffer: REPORT }]);
  await answer.getByText("report.pdf").first().waitFor();
  await expectPlain(dave);
  await answer.getByRole("button", { name: "Send", exact: true }).click();
  await letGo(dave);

  await carol.getByText("Re: The report").first().click();
  await carol.getByText("Here it is.").last().waitFor();
  await expectPlain(carol);
  const coming = carol.waitForEvent("download");
  await carol.getByRole("button", { name: /Download.*report\.pdf/ }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe("report.pdf");
  expect(await readFile(await download.path())).toEqual(REPORT);
});

test("the webmail that they were given is the one that was built, which anybody can check", async () => {
  const args = [SMIMP, "doctor", "beta.example", "--home", folder, "--development-network", join(data, "network.json")];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toMatch(/✓ Its webmail is this program's, all \d+ files of it\.\n✓ Browsers are told to run nothing but the files/);
});

test("at 200 % zoom everything is there, and nothing is to be scrolled sideways", async () => {
  // A window of 1280 by 900 that shows everything twice as large.
  await carol.setViewportSize({ width: 640, height: 450 });
  const fits = async (what: string): Promise<void> => {
    const { width, wide } = await carol.evaluate(() => ({ width: innerWidth, wide: document.documentElement.scrollWidth }));
    expect([what, wide <= width]).toEqual([what, true]);
    expect(await violationsOn(carol)).toEqual([]);
  };
  const go = async (place: string): Promise<void> => await carol.evaluate((to) => void (location.hash = to), `#/${place}`);
  await go("inbox");
  await carol.getByRole("row", { name: /The report/ }).waitFor();
  await fits("the list");
  await carol.getByRole("row", { name: /The report/ }).click();
  await carol.getByText("Here it is.").last().waitFor();
  await carol.getByRole("button", { name: "Reply" }).last().scrollIntoViewIfNeeded();
  await fits("a message");
  await go("settings");
  await carol.getByRole("heading", { level: 1 }).first().waitFor();
  await fits("the settings");
  await go("inbox");
  const window = await beginMessage(carol);
  await addTo(window, "dave#beta.example");
  await textOf(window).click();
  await carol.keyboard.type("Large letters.");
  await window.getByRole("button", { name: "Send", exact: true }).click({ trial: true });
  await fits("the composer");
  await window.getByRole("button", { name: "Discard" }).click();
  await carol.keyboard.press("?");
  await carol.getByRole("dialog").waitFor();
  await fits("a dialog");
  await carol.keyboard.press("Escape");
});
