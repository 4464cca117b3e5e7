import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { STEPS } from "./report.ts";

/** Generous: everything that the demo does is real, and a busy machine is slow. Milliseconds. */
const TIMEOUT = 240_000;
const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

describe("npm run demo -- --json", { timeout: TIMEOUT }, () => {
  let temporary: string;
  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), "smimp-demo-test-"));
  });
  afterEach(async () => await rm(temporary, { recursive: true, force: true }));

  it("does every step, says nothing else, and leaves nothing behind", async () => {
    const { code, stdout, stderr } = await run(["--json"], { ...process.env, TMPDIR: temporary });
    const lines = stdout.trimEnd().split("\n");
    const steps = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(stderr).toBe("");
    expect(steps.map((each) => [each["step"], each["ok"]])).toEqual(STEPS.map((step) => [step, true]));
    for (const each of steps) {
      expect(Object.keys(each)).toEqual(["step", "ok", "ms", "round_trips", "bytes"]);
      for (const name of ["ms", "round_trips", "bytes"]) expect(Number.isSafeInteger(each[name])).toBe(true);
    }
    const byName = new Map(steps.map((each) => [each["step"], each]));
    expect(byName.get("send-known")?.["round_trips"]).toBe(2);
    expect(byName.get("attachment")?.["bytes"]).toBeGreaterThan(10_000_000);
    expect(byName.get("canary")?.["bytes"]).toBeGreaterThan(20_000_000);
    expect(code).toBe(0);
    expect(await readdir(temporary)).toEqual([]);
  });
});

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number; stdout: string; stderr: string }> {
  return await new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}
