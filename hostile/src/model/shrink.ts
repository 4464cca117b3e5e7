import type { Step } from "./steps.ts";

/** Runs that looking for a shorter sequence may take. */
const MAX_TRIES = 150;

/**
 * The shortest sequence that still fails, as far as leaving out and simplifying steps finds it. `fails` runs a sequence; what
 * hangs on chance may need a second look, which is the caller's.
 */
export async function shrink(steps: readonly Step[], fails: (steps: readonly Step[]) => Promise<boolean>): Promise<readonly Step[]> {
  let tries = 0;
  const still = async (candidate: readonly Step[]): Promise<boolean> => tries++ < MAX_TRIES && (await fails(candidate));

  let current = steps;
  for (let size = Math.ceil(current.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < current.length;) {
      const without = [...current.slice(0, start), ...current.slice(start + size)];
      if (await still(without)) current = without;
      else start += size;
    }
  }
  for (const [index] of current.entries()) {
    for (const simpler of simplerSteps(current[index])) {
      const candidate = current.with(index, simpler);
      if (!(await still(candidate))) continue;
      current = candidate;
      break;
    }
  }
  return current;
}

/** A step with less in it, the simplest first. */
function simplerSteps(step: Step | undefined): readonly Step[] {
  if (step === undefined) return [];
  const { fault, beside } = step;
  const simpler: Step[] = [];
  if (fault !== null && beside !== null) simpler.push({ ...step, fault: null, beside: null });
  if (beside !== null) simpler.push({ ...step, beside: null }, beside);
  if (fault !== null) simpler.push({ ...step, fault: null });
  return simpler;
}
