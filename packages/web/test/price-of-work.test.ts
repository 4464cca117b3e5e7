import type { Person } from "@smimp/testkit";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setStage, type Stage, type Visitor } from "./stage.ts";
import { joinInBrowser, violationsOn } from "./steps.ts";
import { addTo, beginMessage, eventually, expectNoFaults, received, sendAtOnce, textOf, writing } from "./writing-steps.ts";

// As much work as is done unasked, 2^26 tries; twice as much; and so much that it is cancelled before it is done on any machine.
const WORK: Readonly<Record<string, number>> = { "beta.example": 26, "gamma.example": 27, "delta.example": 28 };

let stage: Stage;
let bob: Person;
let gail: Person;
let dan: Person;
let visitor: Visitor;
let page: Page;

beforeAll(async () => {
  stage = await setStage({
    domains: ["alpha.example", ...Object.keys(WORK)],
    config: (domain) => (WORK[domain] === undefined ? {} : { workPolicy: { strangerBits: WORK[domain] } }),
  });
  [bob, gail] = [await stage.person("bob#beta.example"), await stage.person("gail#gamma.example")];
  dan = await stage.person("dan#delta.example");
  visitor = await stage.open({ viewport: { width: 1280, height: 900 } });
  page = await joinInBrowser(visitor, stage, "alice#alpha.example");
});
afterAll(async () => await stage.close());

async function write(to: string, subject: string): Promise<void> {
  const window = await beginMessage(page);
  await addTo(window, to);
  await window.getByRole("textbox", { name: "Subject" }).fill(subject);
  await textOf(window).click();
  await page.keyboard.type("Hello");
  await sendAtOnce(page);
}

test("work is shown with its progress wherever somebody is, and can be cancelled: the message is a draft again", async () => {
  await write("dan#delta.example", "Worth it");
  await page.getByRole("dialog", { name: "This needs some computing" }).getByRole("button", { name: "Go on" }).click();
  const card = page.getByRole("status").filter({ hasText: "Proving that this is no spam" });
  await card.getByRole("progressbar").waitFor();
  await card.getByText("The server of dan#delta.example asks strangers for some computing.").waitFor();
  // Nothing else, so that there is still something to cancel.
  expect(await violationsOn(page, "[role=status]:has([role=progressbar])")).toEqual([]);
  await card.getByRole("button", { name: "Cancel" }).click();
  await textOf(writing(page)).getByText("Hello").waitFor();
  await card.waitFor({ state: "detached" });
  expect((await dan.client.sync()).messages).toEqual([]);
  await page.evaluate(() => void (location.hash = "#/outbox"));
  await page.getByText("Nothing is waiting").waitFor();
  await writing(page).getByRole("button", { name: "Remove dan#delta.example" }).click();
  await addTo(writing(page), "bob#beta.example");
  await sendAtOnce(page);
  await page.getByRole("list", { name: "Messages in the outbox" }).getByText("Proving that this is no spam").waitFor();
  await received(bob.client, "Worth it");
  await page.getByText("Nothing is waiting").waitFor();
  expectNoFaults(visitor);
});

test("much work is asked about in plain words; without it nothing is sent, and it can be agreed to later", async () => {
  await write("gail#gamma.example", "Dear");
  const question = page.getByRole("dialog", { name: "This needs some computing" });
  await question.getByText("the server of gail#gamma.example asks your device for unusually much computing").waitFor();
  expect(await violationsOn(page)).toEqual([]);
  await question.getByRole("button", { name: "Don’t send" }).click();
  await page.evaluate(() => void (location.hash = "#/outbox"));
  const list = page.getByRole("list", { name: "Messages in the outbox" });
  await list.getByText("Their server asks for more computing than you agreed to.").waitFor();
  await list.getByRole("button", { name: "Try again" }).click();
  await question.getByRole("button", { name: "Go on" }).click();
  await eventually(async () => await received(gail.client, "Dear").catch(() => null), 150_000);
  await page.getByText("Nothing is waiting").waitFor();
  expectNoFaults(visitor);
});
