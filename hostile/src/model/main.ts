// node hostile/src/model/main.ts: random operations against real servers and clients, held against a simple model.
// Its last line is `model: N steps in N runs, N failed, seed S, T s`.
import { parseArgs } from "node:util";
import { isSmimpError } from "@smimp/protocol";
import { createChooser } from "../chooser.ts";
import { runSteps, type Failure } from "./run.ts";
import { shrink } from "./shrink.ts";
import { chooseSteps, stepText, type Step } from "./steps.ts";
import { makeTemplate, type Template } from "./template.ts";

const USAGE = `Usage: npm run model [-- options]

  --steps N     steps in all (default 5000)
  --length N    steps of a run (default 60)
  --seed N      the first run's seed; another each time unless given
  --whole       shows a failing run as it is, without looking for the shortest
  --replay TEXT the steps of one run, as a failure prints them, and nothing else
  --help        this text
`;

/** Times that a shorter sequence is run before it counts as one that doesn't fail: some faults hang on chance. */
const LOOKS = 2;
const MAX_SEED = 2 ** 31;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      steps: { type: "string", default: "5000" },
      length: { type: "string", default: "60" },
      seed: { type: "string", default: String(Math.floor(Math.random() * MAX_SEED)) },
      replay: { type: "string" },
      whole: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const [total, length, seed] = [values.steps, values.length, values.seed].map(Number);
  if (![total, length, seed].every(Number.isSafeInteger)) throw new TypeError("--steps, --length and --seed are integers");
  const template = await makeTemplate();
  try {
    await (values.replay === undefined
      ? runAll(template, { total: total ?? 0, length: length ?? 1, seed: seed ?? 0, whole: values.whole })
      : replay(template, JSON.parse(values.replay) as readonly Step[]));
  } finally {
    template.remove();
  }
}

interface Choice {
  readonly total: number;
  readonly length: number;
  readonly seed: number;
  readonly whole: boolean;
}

async function runAll(template: Template, { total, length, seed, whole }: Choice): Promise<void> {
  const started = performance.now();
  let [steps, runs, failed] = [0, 0, 0];
  for (; steps < total; runs++) {
    const chosen = chooseSteps(createChooser(seed + runs), Math.min(length, total - steps));
    steps += chosen.length;
    const failure = await runSteps(template, chosen);
    if (failure === null) continue;
    failed++;
    await report(template, seed + runs, chosen, failure, whole);
  }
  const seconds = Math.round((performance.now() - started) / 1_000);
  process.stdout.write(`model: ${steps} steps in ${runs} runs, ${failed} failed, seed ${seed}, ${seconds} s\n`);
  if (failed > 0) process.exitCode = 1;
}

async function report(template: Template, seed: number, steps: readonly Step[], failure: Failure, whole: boolean): Promise<void> {
  const where = failure.step === null ? "at rest" : `after step ${failure.step + 1}`;
  process.stdout.write(`seed ${seed} fails ${where}: ${describe(failure.error)}\n`);
  if (whole) return;
  const before = failure.step === null ? steps : steps.slice(0, failure.step + 1);
  const kind = kindOf(failure.error);
  let last = failure;
  const shortest = await shrink(before, async (candidate) => {
    for (let look = 0; look < LOOKS; look++) {
      const again = await runSteps(template, candidate);
      if (again === null || kindOf(again.error) !== kind) continue;
      last = again;
      return true;
    }
    return false;
  });
  process.stdout.write(`  shortest: ${describe(last.error)}\n${shortest.map((step) => `    ${stepText(step)}\n`).join("")}`);
  process.stdout.write(`  npm run model -- --replay '${JSON.stringify(shortest)}'\n`);
}

async function replay(template: Template, steps: readonly Step[]): Promise<void> {
  const failure = await runSteps(template, steps);
  process.stdout.write(steps.map((step) => `${stepText(step)}\n`).join(""));
  process.stdout.write(failure === null ? "holds\n" : `fails: ${describe(failure.error)}\n`);
  if (failure !== null) process.exitCode = 1;
}

/** What two failures have in common that are the same fault: their words without what differs from run to run. */
function kindOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/[0-9a-f]{16,}|"m[0-9]+"|\b(?:alice|bob|carol|dave|new[0-9])#\S+/g, "*");
}

function describe(error: unknown): string {
  if (isSmimpError(error)) return `${error.code}: ${error.stack ?? error.message}`;
  return error instanceof Error ? (error.name === "Violation" ? error.message : (error.stack ?? error.message)) : String(error);
}

await main();
