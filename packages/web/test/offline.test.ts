import { afterAll, beforeAll, expect, test } from "vitest";
import { setStage, type Stage } from "./stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(async () => await stage.close());

test("opens without a network once it was there, every file as it was built", async () => {
  const { page, context, faults } = await stage.open();
  await page.goto("https://smimp.alpha.example/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active?.state === "activated") return;
    await new Promise<void>((resolve) => active?.addEventListener("statechange", () => active.state === "activated" && resolve()));
  });
  await page.reload();
  await context.setOffline(true);
  await page.reload();
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(faults).toEqual([]);
});
