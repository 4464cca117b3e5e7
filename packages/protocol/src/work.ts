import type { Address } from "./address.ts";
import type { BaseUrl } from "./base-url.ts";
import { concat, fromHex, hash, HASH_BYTES, toHex32, utf8, type Hex32, type RandomBytes } from "./bytes.ts";
import { SmimpError } from "./problem.ts";
import type { MessageType } from "./schema.ts";
import { rawSodium } from "./sodium-memory.ts";
import type { Timestamp } from "./time.ts";
import type { Work, WorkParameters } from "./wire.ts";

/** What a proof of work is bound to (protocol section 7). */
export interface WorkSubject {
  /** Base URL of the recipient's server. */
  readonly server: BaseUrl;
  readonly from: Address;
  readonly to: Address;
  /** A message type, or `registration` for an account opened without a code. */
  readonly messageType: MessageType | "registration";
}

const VALUE_BYTES = 32;
const CHALLENGE_BYTES = 32;

/** `challenge` of protocol section 7, 32 bytes. */
export function workChallenge({ server, from, to, messageType }: WorkSubject, nonce: Hex32): Uint8Array {
  return hash(concat(utf8("smimp/1.0 pow"), 0, utf8(`${server}\n${from}\n${to}\n${messageType}`), 0, fromHex(nonce, 32)));
}

/** Tries that a solution takes on average. */
export function expectedTries({ count, zero_bits }: Pick<WorkParameters, "count" | "zero_bits">): number {
  return count * 2 ** zero_bits;
}

/** What a proof is checked against. */
export interface WorkCheck extends WorkSubject {
  readonly parameters: WorkParameters;
  readonly pow: Work;
  readonly now: Timestamp;
}

/**
 * Checks a proof of work (protocol section 7): that it answers these parameters, unexpired, and only then its hashes.
 * That the parameters are known and unspent is the server's to know. Returns challenge and hashes. Throws `pow_invalid`
 * or `pow_expired`.
 */
export function checkWork(check: WorkCheck): { readonly challenge: Uint8Array; readonly works: readonly Uint8Array[] } {
  const { parameters, pow, now } = check;
  if (pow.nonce !== parameters.nonce) throw new SmimpError("pow_invalid", "this work answers other parameters");
  if (pow.values.length !== parameters.count) throw new SmimpError("pow_invalid", "this work has the wrong number of values");
  if (parameters.expires_at <= now) throw new SmimpError("pow_expired", "the parameters of this work have expired");
  const challenge = workChallenge(check, parameters.nonce);
  const works = pow.values.map((value, index) => {
    const bytes = fromHex(value, VALUE_BYTES);
    if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) !== index)
      throw new SmimpError("pow_invalid", "the values are out of order");
    const work = hash(concat(challenge, bytes));
    if (!startsWithZeroBits(work, parameters.zero_bits)) throw new SmimpError("pow_invalid", "this work is not done");
    return work;
  });
  return { challenge, works };
}

/** Whether a hash begins with so many zeros, 64 at the most. */
function startsWithZeroBits(bytes: Uint8Array, zeroBits: number): boolean {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0) >> BigInt(64 - zeroBits) === 0n;
}

/** Works at a puzzle piece by piece, so that whoever calls can show progress, cancel, and let others run in between. */
export interface WorkSolver {
  /** Makes so many tries at the most; the solution once it is complete. */
  step(tries: number): Work | undefined;
  /** Puzzles solved and tries made so far. */
  readonly progress: { readonly solved: number; readonly tries: number };
}

/** Starts on a proof of work (protocol section 7); `random` makes the values of two solvers differ. */
export function createWorkSolver(subject: WorkSubject, parameters: WorkParameters, random: RandomBytes): WorkSolver {
  const { zero_bits: zeroBits, count, nonce } = parameters;
  const input = concat(workChallenge(subject, nonce), new Uint8Array(VALUE_BYTES));
  const values: Hex32[] = [];
  let tries = 0;
  const start = (): void => {
    input.set(random(VALUE_BYTES), CHALLENGE_BYTES);
    new DataView(input.buffer).setUint32(CHALLENGE_BYTES, values.length);
  };
  start();
  return {
    step(budget) {
      for (let left = budget; left > 0 && values.length < count;) {
        const made = solveOne(input, zeroBits, left);
        tries += made.tries;
        left -= made.tries;
        if (!made.solved) break;
        values.push(toHex32(input.slice(CHALLENGE_BYTES)));
        if (values.length < count) start();
      }
      return values.length === count ? { nonce, values } : undefined;
    },
    get progress() {
      return { solved: values.length, tries };
    },
  };
}

// Input and output of a try stay in libsodium's memory: copying them in and out costs several times the hash itself.
const INPUT = rawSodium._malloc(CHALLENGE_BYTES + VALUE_BYTES);
const OUTPUT = rawSodium._malloc(HASH_BYTES);
/** Where in the input the counter is; the 20 random bytes before it keep two solvers apart. */
const COUNTER = CHALLENGE_BYTES + VALUE_BYTES - 8;

/** Tries one puzzle at most `budget` times, counting up in `input`, which holds the solution or the place to go on from. */
function solveOne(input: Uint8Array, zeroBits: number, budget: number): { readonly tries: number; readonly solved: boolean } {
  const heap = rawSodium.HEAPU8;
  const counter = new DataView(input.buffer).getBigUint64(COUNTER);
  heap.set(input, INPUT);
  const view = new DataView(heap.buffer, heap.byteOffset);
  let [high, low] = [Number(counter >> 32n), Number(counter & 0xffff_ffffn)];
  // Nearly every try fails by its first 32 bits, which are one number.
  const shift = Math.max(0, 32 - zeroBits);
  let tries = 0;
  let solved = false;
  while (!solved && tries < budget) {
    low = (low + 1) >>> 0;
    if (low === 0) high = (high + 1) >>> 0;
    view.setUint32(INPUT + COUNTER, high);
    view.setUint32(INPUT + COUNTER + 4, low);
    rawSodium._crypto_generichash(OUTPUT, HASH_BYTES, INPUT, CHALLENGE_BYTES + VALUE_BYTES, 0, 0, 0);
    tries++;
    const first = view.getUint32(OUTPUT);
    if (shift < 32 && first >>> shift !== 0) continue;
    solved = startsWithZeroBits(heap.subarray(OUTPUT, OUTPUT + HASH_BYTES), zeroBits);
  }
  input.set(heap.subarray(INPUT, INPUT + input.length));
  return { tries, solved };
}
