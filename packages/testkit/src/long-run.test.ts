import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readOptions, wholeNumber } from "./long-run.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** What a program prints, a line each, and its status. */
async function ran(
  ...args: readonly string[]
): Promise<{ readonly lines: readonly string[]; readonly stderr: string; readonly status: unknown }> {
  return await new Promise((resolve) => {
    const env = { ...process.env, TMPDIR: "/nonexistent", NODE_OPTIONS: "" };
    execFile(process.execPath, args, { cwd: ROOT, env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ lines: stdout.trimEnd().split("\n"), stderr, status: error?.code ?? 0 }),
    );
  });
}

/** A run whose body is given. */
async function played(body: string): ReturnType<typeof ran> {
  const module = JSON.stringify(new URL("long-run.ts", import.meta.url).href);
  const script = `const { longRun } = await import(${module});
    await longRun({ lastLine: (failed) => \`run: \${failed} failed\`, play: async (run) => { ${body} } });`;
  return await ran("--input-type=module", "-e", script);
}

describe("a long run", () => {
  it.each([
    ["that goes well", "", 0, 0],
    ["in which something fails", "run.fail('a', new Error('b')); run.fail('c', 'd');", 2, 1],
    ["that throws", "throw new Error('b');", 1, 1],
    ["that throws what is no error", "throw null;", 1, 1],
    ["that throws while something holds the process", "setInterval(() => {}, 1_000); throw new Error('b');", 1, 1],
    [
      "with an exception that nobody catches",
      "setTimeout(() => { throw new Error('b'); }); await new Promise(() => setInterval(() => {}, 1_000));",
      1,
      1,
    ],
    [
      "with a promise that nobody awaits",
      "void Promise.reject(new Error('b')); await new Promise(() => setInterval(() => {}, 1_000));",
      1,
      1,
    ],
    ["that waits for nothing", "await new Promise(() => {});", 1, 1],
    ["that is ended", "process.exit(0);", 1, 1],
    ["that can't be closed", "run.atEnd('closing', () => { throw new Error('b'); });", 1, 1],
    [
      "that neither goes well nor can be closed",
      "run.atEnd('closing', async () => { throw new Error('b'); }); throw new Error('c');",
      2,
      1,
    ],
  ])("%s ends with its line and status", async (_name, body, failed, status) => {
    const ended = await played(body);
    expect([ended.lines.at(-1), ended.status]).toEqual([`run: ${failed} failed`, status]);
    expect(ended.lines.filter((line) => line.startsWith("run:"))).toHaveLength(1);
  });

  it("closes what was opened last first, whatever came before", async () => {
    const { lines } = await played("run.atEnd('a', () => console.log('a')); run.atEnd('b', () => console.log('b')); throw new Error('c');");
    expect(lines.slice(-3)).toEqual(["b", "a", "run: 1 failed"]);
  });
});

describe("the programs that run for long", () => {
  it.each([
    ["hostile/src/crash/main.ts", "--rounds=0"],
    ["hostile/src/crash/main.ts", "--rounds=-3"],
    ["hostile/src/crash/main.ts", "--rounds="],
    ["hostile/src/crash/main.ts", "--seed=x"],
    ["hostile/src/model/main.ts", "--steps=0"],
    ["hostile/src/model/main.ts", "--steps="],
    ["hostile/src/model/main.ts", "--steps=1e3"],
    ["hostile/src/model/main.ts", "--length=0"],
    ["hostile/src/model/main.ts", "--replay=nonsense"],
    ["scripts/fuzz.ts", "--seconds="],
    ["scripts/fuzz.ts", "--only=nothing"],
    ["scripts/mutate.ts", "--files=nothing"],
    ["scripts/mutate.ts", "--more"],
  ])("%s %s is refused", async (program, option) => {
    const { stderr, status } = await ran(program, option);
    expect(status).toBe(2);
    expect(stderr).toContain("Usage: npm run ");
  });

  it.each([
    ["hostile/src/crash/main.ts", "--rounds=1", /^crash: 0 rounds, 1 failed, seed \d+, \d+ s$/],
    ["scripts/fuzz.ts", "--seconds=1", /^fuzz: 0 cases, 1 failed, seed \d+, \d+ s$/],
    ["scripts/mutate.ts", "--files=time", /^mutate: 0 tried, 0 killed, 0 survived, 1 failed, score 0\.0 %, \d+ s$/],
  ])("%s %s, where it can't even begin, ends with its line and status", async (program, option, line) => {
    const { lines, status } = await ran(program, option);
    expect(lines.at(-1)).toMatch(line);
    expect(status).toBe(1);
  });
});

describe("options", () => {
  it.each([
    ["0", 0, 0],
    ["1", 1, 1],
    ["200", 1, 200],
    ["0", 1, null],
    ["-3", 0, null],
    ["", 0, null],
    [" 1", 0, null],
    ["1.5", 0, null],
    ["01", 0, null],
    ["1e3", 0, null],
    ["9999999999999999", 0, null],
  ])("%j, at least %i, is %s", (text, least, expected) => expect(wholeNumber(text, least)).toBe(expected));

  it("have a most, too", () => expect([wholeNumber("7", 0, 7), wholeNumber("8", 0, 7)]).toEqual([7, null]));

  it("that are well are read; a fault of the reader's is no misuse", () => {
    expect(readOptions("Usage", () => 1)).toBe(1);
    expect(() =>
      readOptions("Usage", () => {
        throw new RangeError("a fault");
      }),
    ).toThrow(RangeError);
  });
});
