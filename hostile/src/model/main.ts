// node hostile/src/model/main.ts: random operations against real servers and clients, held against a simple model.
// Its last line is `model: N steps in N runs, N failed, seed S, T s`, whatever befalls it.
import { parseArgs } from "node:util";
import { isSmimpError } from "@smimp/protocol";
import { longRun, readOptions, wholeNumber, type LongRun } from "@smimp/testkit/long-run";
import { createChooser } from "../chooser.ts";
import { runSteps, type Failure } from "./run.ts";
import { shrink } from "./shrink.ts";
import { chooseSteps, stepText, type Step } from "./steps.ts";
import { makeTemplate, type Template } from "./template.ts";

const USAGE = `Usage: npm run model [-- options]

  --steps N     steps in all, at least 1 (default 5000)
  --length N    steps of a run, at least 1 (default 60)
  --seed N      the first run's seed; another each time unless given
  --whole       shows a failing run as it is, without looking for the shortest
  --replay TEXT the steps of one run, as a failure prints them, and nothing else
  --help        this text
`;

/** Times that a shorter sequence is run before it counts as one that doesn't fail: some faults hang on chance. */
const LOOKS = 2;
const MAX_SEED = 2 ** 31;

interface Choice {
  readonly total: number;
  readonly length: number;
  readonly seed: number;
  readonly whole: boolean;
  /** The steps of the one run that is wanted. */
  readonly replay: readonly Step[] | null;
  readonly help: boolean;
}

function options(): Choice {
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
  const [total, length, seed] = [wholeNumber(values.steps, 1), wholeNumber(values.length, 1), wholeNumber(values.seed, 0)];
  if (total === null || length === null) throw new TypeError("--steps and --length take whole numbers from 1 on");
  if (seed === null) throw new TypeError("--seed takes a whole number");
  return {
    total,
    length,
    seed,
    whole: values.whole,
    replay: values.replay === undefined ? null : stepsOf(values.replay),
    help: values.help,
  };
}

function stepsOf(text: string): readonly Step[] {
  let steps: unknown;
  try {
    steps = JSON.parse(text);
  } catch {
    steps = null;
  }
  if (!Array.isArray(steps) || steps.length === 0) throw new TypeError("--replay takes the steps that a failure prints");
  return steps as readonly Step[];
}

/** What was tried so far. */
interface Tally {
  steps: number;
  runs: number;
}

async function playAll(choice: Choice): Promise<void> {
  const tally: Tally = { steps: 0, runs: 0 };
  await longRun({
    lastLine: (failed, seconds) => `model: ${tally.steps} steps in ${tally.runs} runs, ${failed} failed, seed ${choice.seed}, ${seconds} s`,
    play: async (run) => {
      const template = await makeTemplate();
      run.atEnd("removing what was made", () => template.remove());
      await (choice.replay === null ? playRuns(run, template, choice, tally) : replay(run, template, choice.replay, tally));
    },
  });
}

async function playRuns(run: LongRun, template: Template, { total, length, seed, whole }: Choice, tally: Tally): Promise<void> {
  while (tally.steps < total) {
    const of = seed + tally.runs++;
    const chosen = chooseSteps(createChooser(of), Math.min(length, total - tally.steps));
    tally.steps += chosen.length;
    const failure = await runSteps(template, chosen);
    if (failure === null) continue;
    const where = failure.step === null ? "at rest" : `after step ${failure.step + 1}`;
    run.fail(`seed ${of} fails ${where}`, describe(failure.error));
    if (!whole) await reportShortest(template, chosen, failure);
  }
}

async function reportShortest(template: Template, steps: readonly Step[], failure: Failure): Promise<void> {
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

async function replay(run: LongRun, template: Template, steps: readonly Step[], tally: Tally): Promise<void> {
  tally.runs++;
  tally.steps += steps.length;
  const failure = await runSteps(template, steps);
  process.stdout.write(steps.map((step) => `${stepText(step)}\n`).join(""));
  if (failure === null) process.stdout.write("holds\n");
  else run.fail("fails", describe(failure.error));
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

const choice = readOptions(USAGE, options);
if (choice.help) process.stdout.write(USAGE);
else await playAll(choice);
