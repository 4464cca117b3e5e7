// node scripts/mutate.ts [--files statement,seal] [--share] [--fresh]: changes the protocol's sources in one place at a time, and finds
// out whether its tests notice. Without options every file; with --share one of those that all else rests on, which the commit's hash
// picks. What was tried before with the same source and tests is not tried again unless --fresh. Ends with
// `mutate: N tried, N killed, N survived, N failed, score S %, T s`, whatever befalls it, failed being what kept a file from being
// tried; such a failure, and a score that is not above 90, end the process with status 1.
import { longRun, readOptions, wholeNumber } from "@smimp/testkit/long-run";
import { Stryker } from "@stryker-mutator/core";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./checks/source-files.ts";
import { CORE, TARGETS } from "./mutation/plan.ts";
import { makeRoom, type Room } from "./mutation/room.ts";

/** The score must be above this, percent. */
const THRESHOLD = 90;
/** What was tried before, outside of what git sees. */
const MEMORY = join(ROOT, "node_modules/.cache/smimp-mutation");
/** Milliseconds that a test may take beyond what it took unmutated. */
const TIMEOUT = 10_000;

/** Mutants that are tried at once, at the most. */
const MAX_CONCURRENCY = 64;
const USAGE = `Usage: npm run mutate [-- options]

  --files NAMES       of ${Object.keys(TARGETS).join(", ")}; separated by commas (default: all)
  --share             one of ${CORE.join(", ")}, which the commit picks
  --fresh             forgets what was tried before
  --concurrency N     mutants that are tried at once (default 2)
`;

const { names, concurrency, fresh } = readOptions(USAGE, () => {
  const { values } = parseArgs({
    options: {
      files: { type: "string" },
      share: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      concurrency: { type: "string", default: "2" },
    },
  });
  const names = values.share ? [shareOf(CORE)] : (values.files?.split(",") ?? Object.keys(TARGETS));
  for (const name of names) if (TARGETS[name] === undefined) throw new TypeError(`--files: no file is called ${name}`);
  const concurrency = wholeNumber(values.concurrency, 1, MAX_CONCURRENCY);
  if (concurrency === null) throw new TypeError(`--concurrency takes a whole number from 1 to ${MAX_CONCURRENCY}`);
  return { names, concurrency, fresh: values.fresh };
});

const total = { tried: 0, killed: 0 };
await longRun({
  lastLine: (failed, took) => {
    const survived = total.tried - total.killed;
    return `mutate: ${total.tried} tried, ${total.killed} killed, ${survived} survived, ${failed} failed, score ${percent(total.killed, total.tried)} %, ${took} s`;
  },
  play: async (run) => {
    if (fresh) rmSync(MEMORY, { recursive: true, force: true });
    mkdirSync(MEMORY, { recursive: true });
    const room = makeRoom();
    run.atEnd("leaving the room", () => {
      process.chdir(ROOT);
      room.remove();
    });
    process.chdir(room.dir);
    for (const name of names) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        const { tried, killed, survivors } = await mutate(room, name);
        total.tried += tried;
        total.killed += killed;
        for (const survivor of survivors) console.log(`  ${survivor}`);
        console.log(`${name}: ${tried} tried, ${killed} killed, ${percent(killed, tried)} %`);
      } catch (error) {
        run.fail(name, error);
      }
    }
  },
});
if (total.tried === 0 || 100 * total.killed <= THRESHOLD * total.tried) process.exitCode = 1;

interface Mutated {
  readonly tried: number;
  readonly killed: number;
  readonly survivors: readonly string[];
}

async function mutate(room: Room, name: string): Promise<Mutated> {
  const target = TARGETS[name];
  if (target === undefined) throw new TypeError(`no file is called ${name}`);
  room.prepare(target);
  const file = `packages/protocol/src/${name}.ts`;
  // As an object, for some of its types are not exported.
  const options: object = {
    mutate: [file],
    inPlace: true,
    testRunner: "vitest",
    vitest: { configFile: "vitest.config.mjs", related: false },
    plugins: [import.meta.resolve("@stryker-mutator/vitest-runner"), import.meta.resolve("./mutation/error-texts.ts")],
    ignorers: ["error-texts"],
    coverageAnalysis: "perTest",
    disableTypeChecks: true,
    // There is none: Stryker would look for the workspaces of one.
    tsconfigFile: "none.json",
    incremental: true,
    // Stryker alone doesn't see that other tests may notice what nobody noticed before.
    incrementalFile: join(MEMORY, `${name.replaceAll("/", "-")}-${room.testsHash(target)}.json`),
    concurrency,
    timeoutMS: TIMEOUT,
    reporters: [],
    allowConsoleColors: false,
    logLevel: "error",
    warnings: false,
  };
  const results = await new Stryker(options).runMutationTest();
  const counted = results.filter(({ status }) => !["Ignored", "CompileError", "RuntimeError"].includes(status));
  const survived = counted.filter(({ status }) => status !== "Killed" && status !== "Timeout");
  return {
    tried: counted.length,
    killed: counted.length - survived.length,
    survivors: survived.map(
      ({ location, mutatorName, replacement, status }) =>
        `${file}:${location.start.line}:${location.start.column + 1} ${mutatorName} ${status === "NoCoverage" ? "(no test) " : ""}=> ${(replacement ?? "").replace(/\s+/g, " ").slice(0, 100)}`,
    ),
  };
}

function percent(part: number, whole: number): string {
  return (whole === 0 ? 0 : (100 * part) / whole).toFixed(1);
}

/** The one of a list that this commit picks: another commit, another one. */
function shareOf(list: readonly string[]): string {
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  return list[Number.parseInt(commit.slice(0, 8), 16) % list.length] ?? "";
}
