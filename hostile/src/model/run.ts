import { fakeClock } from "@smimp/testkit";
import { watchPins, type PinWatch } from "./invariants/pins.ts";
import { observe } from "./observe.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations/all.ts";
import { allDevices, settle } from "./settle.ts";
import type { Step } from "./steps.ts";
import { enter, type Template } from "./template.ts";
import { Violation } from "../violation.ts";
import type { Betrayal, World } from "./world.ts";

/** What went wrong in a run. */
export interface Failure {
  /** The number of the step after which it was found; null: when all had come to rest. */
  readonly step: number | null;
  readonly error: unknown;
}

/** How long a step may take, milliseconds: far more than any does. */
const STEP_LIMIT = 60_000;
/** How long coming to rest may take, milliseconds. */
const SETTLE_LIMIT = 120_000;

/** Goes through the steps in a world of its own, then lets all come to rest. Null: everything that must hold held. */
export async function runSteps(template: Template, steps: readonly Step[], betray?: Betrayal): Promise<Failure | null> {
  const clock = fakeClock(template.startedAt);
  const { world, leave } = await enter(template, clock, betray);
  const pins = watchPins();
  let at: number | null = 0;
  // What nobody awaits is somebody's fault as well.
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", note);
  try {
    for (const [index, step] of steps.entries()) {
      at = index;
      await within(STEP_LIMIT, `${step.op} does not end`, goStep(world, step, pins));
    }
    at = null;
    await within(SETTLE_LIMIT, "nothing comes to rest", settle(world));
    world.wiretap.assure();
    if (unhandled.length > 0) return { step: null, error: unhandled[0] };
    return null;
  } catch (error) {
    return { step: at, error };
  } finally {
    await leave();
    process.off("unhandledRejection", note);
  }
}

async function goStep(world: World, step: Step, pins: PinWatch): Promise<void> {
  const together = step.beside === null ? [step] : [step, step.beside];
  const crowded = together.length > 1;
  if (together.some(({ op, fault }) => fault !== null || op.endsWith("-server"))) world.troubleAt = world.clock();
  const done = await Promise.allSettled(
    together.map(async ({ op, args, fault }) => await operationOf(op).run(world, args, { fault, crowded })),
  );
  for (const each of done) if (each.status === "rejected") throw each.reason;
  world.wiretap.assure();
  for (const acting of allDevices(world)) await observe(world, acting, pins);
}

function operationOf(name: string): Operation {
  const found = OPERATIONS.find((each) => each.name === name);
  if (found === undefined) throw new TypeError(`there is no operation ${name}`);
  return found;
}

async function within(milliseconds: number, otherwise: string, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Violation(otherwise)), milliseconds);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
