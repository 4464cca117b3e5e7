import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/** Generous: a busy machine is slow, and this test is not about how slow. Milliseconds. */
const TIMEOUT = 240_000;
const SMALL = ["--json", "--seconds", "0.1", "--messages", "2000", "--recipients", "40"];
const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

it("prints one figure a line and nothing else", { timeout: TIMEOUT }, async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...SMALL]);
  expect(stderr).toBe("");
  const figures = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(figures.map((each) => [each["name"], each["unit"]])).toEqual([
    ["seal 4 KiB", "1/s"],
    ["open 4 KiB", "1/s"],
    ["tries of work, two at a time", "1/s"],
    ["tries of work, one at a time", "1/s"],
    ["server ready", "s"],
    ["server resident, idle", "MB"],
    ["search: a rare word", "s"],
    ["search: a word and a sender", "s"],
    ["search: an unfinished word", "s"],
    ["search: a word of every message", "s"],
    ["search: messages indexed", "1/s"],
    ["search: open the sealed index", "s"],
    ["search: index, beside its texts", "MB"],
    ["copies to 40 on 2 servers", "1/s"],
    ["accept, 1 sender", "1/s"],
    ["accept, 10 senders", "1/s"],
    ["accept, 50 senders", "1/s"],
  ]);
  for (const each of figures) {
    expect(Object.keys(each)).toEqual(["name", "value", "unit", "reference", "ratio"]);
    for (const name of ["value", "reference", "ratio"]) expect(each[name]).toBeGreaterThan(0);
  }
});
