import {
  ASK_OWNER_WORK_BITS,
  expectedTries,
  isSmimpError,
  MAX_WORK_BITS,
  parseShape,
  powRequired,
  secondsBetween,
  SmimpError,
  WORK_PARAMETERS_LIFE,
  workChallenge,
  type Clock,
  type Work,
  type WorkParameters,
  type WorkSubject,
} from "@smimp/protocol";
import type { SendOptions } from "../model.ts";
import type { WorkPool } from "../work/work-pool.ts";

/** Times that a server may ask for work anew before it is believed to be out of order. */
const MAX_WORK_ROUNDS = 3;

/** What solving works with. */
export interface WorkParts {
  readonly workPool: WorkPool;
  readonly clock: Clock;
}

/** Does the work for one purpose: undefined where it took longer than the parameters are good for, so that new ones are due. */
export type DoWork = (parameters: WorkParameters) => Promise<Work | undefined>;

/**
 * Works without standing in anybody's way; to be called as soon as parameters came. The owner is asked once before more than 2^26
 * tries (protocol section 7). Throws `pow_required` where more is asked for than the owner or the protocol allows, and the
 * signal's reason.
 */
export function workFor({ workPool, clock }: WorkParts, subject: WorkSubject, { onProgress, askOwner, signal }: SendOptions): DoWork {
  let agreed: number = 2 ** ASK_OWNER_WORK_BITS;
  return async (parameters) => {
    const total = expectedTries(parameters);
    // No server asks for more; one that does only wants to keep this machine busy (protocol section 7).
    if (total > 2 ** MAX_WORK_BITS) throw new SmimpError("pow_required", "the server asks for more work than the protocol allows");
    const began = clock();
    const question = { kind: "work", to: subject.to, expectedTries: total } as const;
    if (total > agreed && (await answered(askOwner?.(question), signal)) !== true) {
      throw new SmimpError("pow_required", "the server asks for much work, which was not agreed to");
    }
    agreed = Math.max(agreed, total);
    const { zero_bits: zeroBits, count, nonce } = parameters;
    const onTries = (done: number): void => {
      onProgress?.({ step: "work", to: subject.to, name: null, done, total });
      // Counted from when they came, whatever the time of day is here.
      if (secondsBetween(began, clock()) >= WORK_PARAMETERS_LIFE) throw new SmimpError("pow_expired", "the work took too long");
    };
    try {
      const values = await workPool.solve({ challenge: workChallenge(subject, nonce), zeroBits, count }, { onTries, signal });
      return { nonce, values: [...values] };
    } catch (error) {
      if (isSmimpError(error, "pow_expired")) return undefined;
      throw error;
    }
  };
}

/** Asks a server for what may cost work, does the work that it wants, and asks for other work where it came too late. */
export async function askWithWork<Answer>(work: DoWork, ask: (pow: Work | undefined) => Promise<Answer>): Promise<Answer> {
  let pow: Work | undefined;
  for (let round = 0; ; round++) {
    try {
      return await ask(pow);
    } catch (error) {
      if (!isSmimpError(error) || round >= MAX_WORK_ROUNDS) throw error;
      if (error.code === "pow_required") pow = await work(parseShape(powRequired, error.members).pow);
      else if (error.code === "pow_expired" || error.code === "pow_invalid") pow = undefined;
      else throw error;
    }
  }
}

/** An owner's answer; nobody waits for it any more once the signal aborts: it may never come. */
async function answered(answer: Promise<boolean> | undefined, signal: AbortSignal | undefined): Promise<boolean | undefined> {
  if (answer === undefined || signal === undefined) return await answer;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
