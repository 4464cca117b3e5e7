import { describe, expect, it } from "vitest";
import { parseAddress } from "./address.ts";
import { parseBaseUrl } from "./base-url.ts";
import { randomBytes, toHex32 } from "./bytes.ts";
import { parseMessageType } from "./schema.ts";
import { parseTimestamp } from "./time.ts";
import type { WorkParameters } from "./wire.ts";
import { checkWork, createWorkSolver, expectedTries } from "./work.ts";

const subject = {
  server: parseBaseUrl("https://smimp.beta.example/"),
  from: parseAddress("alice#alpha.example"),
  to: parseAddress("bob#beta.example"),
  messageType: parseMessageType("email"),
};
const now = parseTimestamp("2026-11-23T12:00:00Z");

function parametersOf(zeroBits: number, count: number): WorkParameters {
  return {
    algorithm: "blake2b",
    zero_bits: zeroBits,
    count,
    nonce: toHex32(randomBytes(32)),
    expires_at: parseTimestamp("2026-11-23T12:10:00Z"),
  };
}

describe("createWorkSolver", () => {
  it.each([
    [0, 1],
    [0, 64],
    [1, 8],
    [9, 4],
    [12, 8],
  ])("solves %i bits, %i times, in small steps", (zeroBits, count) => {
    const parameters = parametersOf(zeroBits, count);
    const solver = createWorkSolver(subject, parameters, randomBytes);
    let pow = solver.step(7);
    while (pow === undefined) pow = solver.step(7);
    expect(solver.progress.solved).toBe(count);
    expect(checkWork({ ...subject, parameters, pow, now }).works).toHaveLength(count);
  });

  it("makes no more tries than asked, and goes on where it was", () => {
    const solver = createWorkSolver(subject, parametersOf(40, 1), randomBytes);
    expect(solver.step(10)).toBeUndefined();
    expect(solver.step(5)).toBeUndefined();
    expect(solver.progress).toEqual({ solved: 0, tries: 15 });
  });

  it("counts on beyond 32 bits", () => {
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(0xff);
    const pow = createWorkSolver(subject, parametersOf(0, 1), random).step(1);
    // The puzzle's number in front, the counter behind: it was full, and one more is zero.
    expect(pow?.values).toEqual([`00000000${"ff".repeat(20)}${"00".repeat(8)}`]);
    const half = (length: number): Uint8Array => Uint8Array.of(...new Uint8Array(length - 4), 0xff, 0xff, 0xff, 0xff);
    expect(createWorkSolver(subject, parametersOf(0, 1), half).step(1)?.values).toEqual([`${"00".repeat(27)}0100000000`]);
  });

  it("keeps two solvers apart that take turns", () => {
    const parameters = parametersOf(8, 4);
    const solvers = [1, 2].map(() => createWorkSolver(subject, parameters, randomBytes));
    const solved = solvers.map(() => undefined as ReturnType<(typeof solvers)[0]["step"]>);
    while (solved.includes(undefined)) solvers.forEach((solver, index) => (solved[index] ??= solver.step(20)));
    for (const pow of solved) expect(() => checkWork({ ...subject, parameters, pow: pow!, now })).not.toThrow();
    expect(solved[0]?.values).not.toEqual(solved[1]?.values);
  });
});

describe("expectedTries", () => {
  it("counts every puzzle", () => expect(expectedTries({ zero_bits: 12, count: 8 })).toBe(32_768));
});
