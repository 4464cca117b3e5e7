import { afterAll, beforeAll, expect, test } from "vitest";
import { setStage, type Stage } from "./stage.ts";
import { joinInBrowser } from "./steps.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(async () => await stage.close());

test("a person joins with an invite link and is in the mailbox", async () => {
  const visitor = await stage.open();
  const page = await joinInBrowser(visitor, stage, "alice#alpha.example");
  expect(new URL(page.url()).pathname).toBe("/");
  expect(visitor.faults).toEqual([]);
});
