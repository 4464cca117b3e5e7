import {
  ASK_OWNER_WORK_BITS,
  createWorkSolver,
  expectedTries,
  MAX_WORK_BITS,
  SmimpError,
  type RandomBytes,
  type Work,
  type WorkParameters,
  type WorkSubject,
} from "@smimp/protocol";
import type { SendOptions } from "../model.ts";

/** Tries between two looks at the rest of the world: a few milliseconds. */
const SLICE_TRIES = 16_384;

/** Solves a proof of work without standing in anybody's way. Throws `pow_required` where the owner doesn't want to, or the signal's reason. */
export async function solveWork(
  subject: WorkSubject,
  parameters: WorkParameters,
  random: RandomBytes,
  { onProgress, askOwner, signal }: SendOptions,
): Promise<Work> {
  const total = expectedTries(parameters);
  // No server asks for more; one that does only wants to keep this machine busy (protocol section 7).
  if (total > 2 ** MAX_WORK_BITS) throw new SmimpError("pow_required", "the server asks for more work than the protocol allows");
  if (total > 2 ** ASK_OWNER_WORK_BITS && (await askOwner?.({ kind: "work", to: subject.to, expectedTries: total })) !== true) {
    throw new SmimpError("pow_required", "the server asks for much work, which was not agreed to");
  }
  const solver = createWorkSolver(subject, parameters, random);
  for (;;) {
    signal?.throwIfAborted();
    const work = solver.step(SLICE_TRIES);
    onProgress?.({ step: "work", to: subject.to, name: null, done: solver.progress.tries, total });
    if (work !== undefined) return work;
    await new Promise<void>((resolve) => void setTimeout(resolve, 0));
  }
}
