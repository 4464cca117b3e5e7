import { concat, toHex32, type Hex32, type RandomBytes } from "@smimp/protocol";
import type { SliceAnswer } from "./thread.ts";

/** A proof of work as the solver sees it (protocol section 7). */
export interface Puzzles {
  /** 32 bytes. */
  readonly challenge: Uint8Array;
  /** 0 to 64. */
  readonly zeroBits: number;
  readonly count: number;
}

/** How a proof is solved. */
export interface SolveOptions {
  /** Told after each slice how many tries were made so far; what it throws ends the solving. */
  readonly onTries?: ((tries: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A proof that is being worked at, by any number of threads at once. */
export interface Job {
  readonly zeroBits: number;
  /** Whether it is small enough to be done before a thread would be there. */
  readonly small: boolean;
  /** The next block to start a slice from: of the value that the fewest work at. */
  take(): { readonly index: number; readonly block: Uint8Array };
  /** A slice came back, or (null) was lost. Returns all values once none is missing. */
  giveBack(index: number, answer: SliceAnswer | null): readonly Hex32[] | null;
}

const VALUE_BYTES = 32;
const INDEX_BYTES = 4;

/** Starts on a proof; a thread that starts takes about as long as `smallTries` tries. */
export function createJob(
  { challenge, zeroBits, count }: Puzzles,
  random: RandomBytes,
  onTries: SolveOptions["onTries"],
  smallTries: number,
): Job {
  const values = Array.from({ length: count }, (): { workers: number; solution: Hex32 | null } => ({ workers: 0, solution: null }));
  let tries = 0;
  return {
    zeroBits,
    small: count * 2 ** zeroBits <= smallTries,
    take: () => {
      const open = [...values.entries()].filter(([, { solution }]) => solution === null);
      const [index, value] = open.reduce((best, each) => (each[1].workers < best[1].workers ? each : best));
      value.workers++;
      // Random but for its number, and so different from where every other slice begins.
      const number = new Uint8Array(INDEX_BYTES);
      new DataView(number.buffer).setUint32(0, index);
      return { index, block: concat(challenge, number, random(VALUE_BYTES - INDEX_BYTES)) };
    },
    giveBack: (index, answer) => {
      const value = values[index];
      if (value === undefined) throw new RangeError(`there is no value ${index}`);
      value.workers--;
      if (answer === null) return null;
      tries += answer.tries;
      if (answer.solved) value.solution ??= toHex32(answer.block.slice(challenge.length));
      onTries?.(tries);
      const solutions = values.flatMap(({ solution }) => (solution === null ? [] : [solution]));
      return solutions.length === count ? solutions : null;
    },
  };
}
