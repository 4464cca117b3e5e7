import type { CountingFetch } from "@smimp/testkit";
import { STEPS, type Report, type Step } from "./report.ts";

/** What a step showed, in words for people; `bytes` where it is not what people's programs sent and received. */
export interface Shown {
  readonly proven: string;
  readonly bytes?: number;
}

/** Runs steps one after the other and reports each; once one has failed, the rest is reported as not done. */
export interface Runner {
  /**
   * Runs a step. It is not ok when `work` throws. `counted` are the programs whose requests belong to it; the list is looked
   * at after the step, so that a person who joins in it counts as well.
   */
  run(step: Step, doing: string, counted: () => readonly CountingFetch[], work: () => Promise<Shown>): Promise<void>;
  /** Reports the steps that never ran. Returns whether all were ok. */
  finish(): boolean;
}

/** Makes a runner. */
export function createRunner(report: Report): Runner {
  const done = new Map<Step, boolean>();
  let failed = false;
  return {
    run: async (step, doing, counted, work) => {
      if (failed) return;
      report.begin(step, doing);
      for (const each of counted()) each.reset();
      const started = performance.now();
      let shown: Shown;
      try {
        shown = await work();
      } catch (error) {
        failed = true;
        shown = { proven: explain(error) };
      }
      const ms = Math.round(performance.now() - started);
      const programs = counted();
      const bytes = shown.bytes ?? programs.reduce((sum, each) => sum + each.bytes(), 0);
      const roundTrips = programs.reduce((sum, each) => sum + each.requests(), 0);
      report.end({ step, ok: !failed, ms, round_trips: roundTrips, bytes }, shown.proven);
      done.set(step, !failed);
    },
    finish: () => {
      for (const step of STEPS) {
        if (done.has(step)) continue;
        report.begin(step, step);
        report.end({ step, ok: false, ms: 0, round_trips: 0, bytes: 0 }, "not done, because a step before it failed");
        done.set(step, false);
      }
      return [...done.values()].every(Boolean);
    },
  };
}

/** Throws where something that the demo promises does not hold. */
export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
  return `${error.message}${code}`;
}
