// node hostile/src/crash/main.ts: programs and servers are killed (SIGKILL) in the middle of what people do; nothing that was
// acknowledged is lost, nothing comes twice. Its last line is `crash: N rounds, N failed, seed S, T s`, whatever befalls it.
import { parseArgs } from "node:util";
import { longRun, readOptions, wholeNumber, type LongRun } from "@smimp/testkit/long-run";
import { createChooser } from "../chooser.ts";
import { assureAll } from "../invariants/demands.ts";
import { playJoin } from "./join.ts";
import { choosePlan, createPace, planText } from "./plan.ts";
import { startProgram, type Program } from "./program.ts";
import { playRound } from "./round.ts";
import { setStage, type Stage } from "./stage.ts";

const USAGE = `Usage: npm run crash [-- options]

  --rounds N    rounds, at least 1 (default 200)
  --seed N      repeats what is done and who is killed; not to the millisecond when
  --help        this text
`;
const MAX_SEED = 2 ** 31;
/** Rounds after which everything is looked at, contents too. */
const WHOLE_LOOK = 25;

interface Choice {
  readonly rounds: number;
  readonly seed: number;
  readonly help: boolean;
}

function options(): Choice {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "200" },
      seed: { type: "string", default: String(Math.floor(Math.random() * MAX_SEED)) },
      help: { type: "boolean", default: false },
    },
  });
  const [rounds, seed] = [wholeNumber(values.rounds, 1), wholeNumber(values.seed, 0)];
  if (rounds === null) throw new TypeError("--rounds takes a whole number from 1 on");
  if (seed === null) throw new TypeError("--seed takes a whole number");
  return { rounds, seed, help: values.help };
}

async function playAll({ rounds, seed }: Choice): Promise<void> {
  let played = 0;
  await longRun({
    lastLine: (failed, seconds) => `crash: ${played} rounds, ${failed} failed, seed ${seed}, ${seconds} s`,
    play: async (run) => await playRounds(run, { rounds, seed, onRound: () => played++ }),
  });
}

async function playRounds(run: LongRun, { rounds, seed, onRound }: Omit<Choice, "help"> & { onRound(): void }): Promise<void> {
  const chooser = createChooser(seed);
  const pace = createPace();
  let stage: Stage | null = null;
  const programs = new Set<Program>();
  run.atEnd("closing the stage", async () => await stage?.close());
  run.atEnd("ending the programs", async () => await Promise.all([...programs].map(async (each) => await each.kill())));
  const begin = (): Program => {
    const program = startProgram();
    programs.add(program);
    return program;
  };
  const end = async (program: Program): Promise<void> => {
    await program.kill();
    programs.delete(program);
  };
  let program = begin();
  for (let round = 1; round <= rounds; round++) {
    stage ??= await setStage();
    const plan = choosePlan(chooser);
    // The next one warms up meanwhile.
    const next = begin();
    onRound();
    try {
      await (plan.deed === null ? playJoin(stage, plan, `new${round}`, program, pace) : playRound(stage, plan, plan.deed, program, pace));
      if (round % WHOLE_LOOK === 0 || round === rounds) await assureAll(stage);
      programs.delete(program);
    } catch (error) {
      run.fail(`round ${round}: ${planText(plan)}`, error);
      await end(program);
      const failed = stage;
      stage = null;
      await failed.close();
    }
    program = next;
  }
}

const choice = readOptions(USAGE, options);
if (choice.help) process.stdout.write(USAGE);
else await playAll(choice);
