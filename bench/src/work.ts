import { openKernel } from "@smimp/client/kernel";
import { createWorkSolver, parseAddress, parseBaseUrl, parseMessageType, parseTimestamp, randomBytes, toHex32 } from "@smimp/protocol";
import { figure, type Figure } from "./figures.ts";
import { ratePerSecond } from "./rate.ts";

/** Tries between two looks at the clock. */
const TRIES = 2 ** 13;

/** How often the sides take turns, so that a machine that is busy now and then is so for all. */
const ROUNDS = 5;

/** Tries of a proof of work a second on one core: the kernels beside the reference, which calls libsodium for each. */
export function benchWork(seconds: number): readonly Figure[] {
  const sides = [referenceSearch(), kernelSearch("simd"), kernelSearch("scalar")];
  const rates = sides.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, search] of sides.entries()) {
      rates[index] = (rates[index] ?? 0) + (TRIES * ratePerSecond(seconds / ROUNDS, search)) / ROUNDS;
    }
  }
  const [reference = 0, simd = 0, scalar = 0] = rates;
  return [figure("tries of work, two at a time", simd, "1/s", reference), figure("tries of work, one at a time", scalar, "1/s", reference)];
}

function kernelSearch(kind: "simd" | "scalar"): () => void {
  const kernel = openKernel(kind);
  const block = randomBytes(64);
  return () => void kernel.search(block, 64, TRIES);
}

function referenceSearch(): () => void {
  const subject = {
    server: parseBaseUrl("https://smimp.beta.example/"),
    from: parseAddress("alice#alpha.example"),
    to: parseAddress("bob#beta.example"),
    messageType: parseMessageType("email"),
  };
  const parameters = {
    algorithm: "blake2b",
    zero_bits: 64,
    count: 1,
    nonce: toHex32(randomBytes(32)),
    expires_at: parseTimestamp("2026-11-23T12:10:00Z"),
  } as const;
  const solver = createWorkSolver(subject, parameters, randomBytes);
  return () => void solver.step(TRIES);
}
