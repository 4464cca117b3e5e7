// node hostile/src/crash/main.ts: programs and servers are killed (SIGKILL) in the middle of what people do; nothing that was
// acknowledged is lost, nothing comes twice. Its last line is `crash: N rounds, N failed, seed S, T s`.
import { parseArgs } from "node:util";
import { createChooser } from "../chooser.ts";
import { assureAll } from "../invariants/demands.ts";
import { playJoin } from "./join.ts";
import { choosePlan, createPace, planText, type Plan } from "./plan.ts";
import { startProgram, type Program } from "./program.ts";
import { playRound } from "./round.ts";
import { setStage, type Stage } from "./stage.ts";

const USAGE = `Usage: npm run crash [-- options]

  --rounds N    rounds (default 200)
  --seed N      repeats what is done and who is killed; not to the millisecond when
  --help        this text
`;
const MAX_SEED = 2 ** 31;
/** Rounds after which everything is looked at, contents too. */
const WHOLE_LOOK = 25;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "200" },
      seed: { type: "string", default: String(Math.floor(Math.random() * MAX_SEED)) },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const [rounds = 0, seed = 0] = [values.rounds, values.seed].map(Number);
  if (!Number.isSafeInteger(rounds) || !Number.isSafeInteger(seed)) throw new TypeError("--rounds and --seed are integers");
  const started = performance.now();
  const chooser = createChooser(seed);
  const pace = createPace();
  let failed = 0;
  let stage = await setStage();
  let program = startProgram();
  try {
    for (let round = 1; round <= rounds; round++) {
      const plan = choosePlan(chooser);
      // The next one warms up meanwhile.
      const next = startProgram();
      try {
        await play(stage, plan, `new${round}`, program);
        if (round % WHOLE_LOOK === 0 || round === rounds) await assureAll(stage);
      } catch (error) {
        failed++;
        process.stdout.write(
          `round ${round}: ${planText(plan)}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
        );
        await program.kill();
        await stage.close();
        stage = await setStage();
      }
      program = next;
    }
  } finally {
    await program.kill();
    await stage.close();
  }
  process.stdout.write(`crash: ${rounds} rounds, ${failed} failed, seed ${seed}, ${Math.round((performance.now() - started) / 1_000)} s\n`);
  if (failed > 0) process.exitCode = 1;

  async function play(on: Stage, plan: Plan, name: string, by: Program): Promise<void> {
    await (plan.deed === null ? playJoin(on, plan, name, by, pace) : playRound(on, plan, plan.deed, by, pace));
  }
}

await main();
