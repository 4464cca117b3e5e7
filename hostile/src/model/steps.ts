import type { Chooser } from "../chooser.ts";
import type { Fault } from "./fuse.ts";
import { OPERATIONS } from "./operations/all.ts";

/** One step of a run, written down so that it can be done again. */
export interface Step {
  readonly op: string;
  readonly args: readonly number[];
  readonly fault: Fault | null;
  /** Another step, at the same time. */
  readonly beside: Step | null;
}

/** Of so many operations one has a fault, and of so many steps one goes along with another. */
const FAULT_OF = 4;
const BESIDE_OF = 7;
/** Events of a long operation: a fault may come at any of them. */
const LAST_EVENT = 40;

/** Chooses a run's steps. */
export function chooseSteps(chooser: Chooser, count: number): readonly Step[] {
  return Array.from({ length: count }, () => {
    const step = chooseStep(chooser);
    return chooser.once(BESIDE_OF) ? { ...step, beside: chooseStep(chooser) } : step;
  });
}

function chooseStep(chooser: Chooser): Step {
  const operation = chooser.weighted(OPERATIONS);
  const args = operation.choose(chooser);
  const fault = chooser.once(FAULT_OF) ? chooseFault(chooser) : null;
  return { op: operation.name, args, fault, beside: null };
}

function chooseFault(chooser: Chooser): Fault {
  const how = chooser.one(["cut", "lose", "lose", "kill", "kill", "crash", "flaky"] as const);
  // Most operations are short: early events are likelier.
  return { how, at: 1 + chooser.integer(1 + chooser.integer(LAST_EVENT)) };
}

/** A step in words. */
export function stepText({ op, args, fault, beside }: Step): string {
  const own = `${op}(${args.join(", ")})${fault === null ? "" : ` ${fault.how} at ${fault.at}`}`;
  return beside === null ? own : `${own}  beside  ${stepText(beside)}`;
}
