import {
  addSeconds,
  isSmimpError,
  parseAddress,
  parseBaseUrl,
  parseMessageType,
  parseTimestamp,
  randomBytes,
  SmimpError,
  toHex32,
  WORK_PARAMETERS_LIFE,
  type ProblemCode,
  type Work,
  type WorkParameters,
} from "@smimp/protocol";
import { afterAll, describe, expect, it } from "vitest";
import type { OwnerQuestion, Progress } from "../model.ts";
import { createWorkPool, type WorkPool } from "../work/work-pool.ts";
import { askWithWork, workFor } from "./work.ts";

const pool = createWorkPool({ random: randomBytes, threads: 1 });
afterAll(() => pool.close());

const subject = {
  server: parseBaseUrl("https://smimp.beta.example/"),
  from: parseAddress("alice#alpha.example"),
  to: parseAddress("bob#beta.example"),
  messageType: parseMessageType("email"),
};
const start = parseTimestamp("2026-11-23T12:00:00Z");
const clock = (): typeof start => start;

function parametersOf(zeroBits: number, count: number): WorkParameters {
  // As if this machine's clock were a day ahead: what counts is how long the work took.
  const expired = addSeconds(start, -WORK_PARAMETERS_LIFE);
  return { algorithm: "blake2b", zero_bits: zeroBits, count, nonce: toHex32(randomBytes(32)), expires_at: expired };
}
const code = (expected: ProblemCode) => (error: unknown) => isSmimpError(error, expected);
/** A pool that counts what it is asked for and solves nothing really. */
function recording(): { readonly workPool: WorkPool; readonly asked: number[] } {
  const asked: number[] = [];
  const solve: WorkPool["solve"] = async ({ zeroBits, count }) => {
    asked.push(count * 2 ** zeroBits);
    return Array.from({ length: count }, () => toHex32(randomBytes(32)));
  };
  return { workPool: { solve, close: () => undefined }, asked };
}

describe("work that a server asks for", () => {
  it("is done and shown", async () => {
    const seen: Progress[] = [];
    const parameters = parametersOf(10, 4);
    const work = await workFor({ workPool: pool, clock }, subject, { onProgress: (each) => seen.push(each) })(parameters);
    expect(work).toMatchObject({ nonce: parameters.nonce });
    expect(work?.values).toHaveLength(4);
    expect(seen.at(-1)).toMatchObject({ step: "work", to: subject.to, total: 4_096 });
  });

  it.each([
    ["2^26 tries are done unasked", 23, 8, undefined, true, []],
    ["one puzzle more is refused where nobody can be asked", 20, 65, undefined, false, []],
    ["and where the owner says no", 20, 65, false, false, [65 * 2 ** 20]],
    ["and done where the owner says yes", 20, 65, true, true, [65 * 2 ** 20]],
    ["2^28 tries too", 25, 8, true, true, [2 ** 28]],
    ["more than that is refused, and not even asked about", 22, 65, true, false, []],
    ["the most that parameters can say as well", 64, 64, true, false, []],
  ] as const)("%s", async (_, zeroBits, count, answer, done, questions) => {
    const { workPool, asked } = recording();
    const heard: OwnerQuestion[] = [];
    const askOwner = async (question: OwnerQuestion): Promise<boolean> => {
      heard.push(question);
      return await Promise.resolve(answer === true);
    };
    const work = workFor({ workPool, clock }, subject, answer === undefined ? {} : { askOwner })(parametersOf(zeroBits, count));
    if (done) await expect(work).resolves.toMatchObject({ values: { length: count } });
    else await expect(work).rejects.toSatisfy(code("pow_required"));
    expect(asked).toHaveLength(done ? 1 : 0);
    expect(heard.map(({ expectedTries }) => expectedTries)).toEqual(questions);
  });

  it("is given up once it can't be of use any more", async () => {
    let now = start;
    const late = workFor({ workPool: pool, clock: () => now }, subject, {
      onProgress: () => void (now = addSeconds(start, WORK_PARAMETERS_LIFE)),
    });
    await expect(late(parametersOf(26, 1))).resolves.toBeUndefined();
  });

  it("stops with the signal's reason", async () => {
    const signal = AbortSignal.abort(new RangeError("enough"));
    await expect(workFor({ workPool: pool, clock }, subject, { signal })(parametersOf(1, 1))).rejects.toThrow(RangeError);
  });

  it("stops although its owner never answers", async () => {
    const stop = new AbortController();
    const askOwner = async (): Promise<boolean> => {
      stop.abort(new RangeError("enough"));
      return await new Promise(() => undefined);
    };
    const work = workFor({ workPool: recording().workPool, clock }, subject, { askOwner, signal: stop.signal });
    await expect(work(parametersOf(24, 8))).rejects.toThrow(RangeError);
  });
});

describe("asking for what costs work", () => {
  /** A server that refuses with these codes, one after the other, and then agrees. */
  function server(refusals: readonly ProblemCode[]): { readonly ask: (pow: Work | undefined) => Promise<string>; readonly got: boolean[] } {
    const got: boolean[] = [];
    const ask = async (pow: Work | undefined): Promise<string> => {
      const refusal = refusals[got.length];
      got.push(pow !== undefined);
      if (refusal === undefined) return await Promise.resolve("yes");
      throw new SmimpError(refusal, "no", { members: { pow: parametersOf(4, 2) } });
    };
    return { ask, got };
  }
  const doWork = workFor({ workPool: recording().workPool, clock }, subject, {});

  it.each([
    ["nothing is due", [], [false]],
    ["work is due", ["pow_required"], [false, true]],
    ["it came too late", ["pow_required", "pow_expired", "pow_required"], [false, true, false, true]],
    ["it was lost", ["pow_required", "pow_invalid", "pow_required"], [false, true, false, true]],
  ] as const)("succeeds where %s", async (_, refusals, handedIn) => {
    const { ask, got } = server(refusals);
    await expect(askWithWork(doWork, ask)).resolves.toBe("yes");
    expect(got).toEqual(handedIn);
  });

  it("asks anew where the work took too long", async () => {
    const { ask, got } = server(["pow_required", "pow_required"]);
    let rounds = 0;
    const slow = async (parameters: WorkParameters): Promise<Work | undefined> => (rounds++ === 0 ? undefined : await doWork(parameters));
    await expect(askWithWork(slow, ask)).resolves.toBe("yes");
    expect(got).toEqual([false, false, true]);
  });

  it("believes no server that only ever wants more, and passes on every other refusal", async () => {
    const { ask, got } = server(Array.from({ length: 9 }, () => "pow_required" as const));
    await expect(askWithWork(doWork, ask)).rejects.toSatisfy(code("pow_required"));
    expect(got).toHaveLength(4);
    await expect(askWithWork(doWork, server(["rate_limited"]).ask)).rejects.toSatisfy(code("rate_limited"));
  });

  it("asks the owner once, however often it takes", async () => {
    const { ask } = server(["pow_required", "pow_invalid", "pow_required"]);
    let questions = 0;
    const askOwner = async (): Promise<boolean> => await Promise.resolve(++questions > 0);
    const dear = async (parameters: WorkParameters): Promise<Work | undefined> => await agreed({ ...parameters, zero_bits: 24, count: 8 });
    const agreed = workFor({ workPool: recording().workPool, clock }, subject, { askOwner });
    await expect(askWithWork(dear, ask)).resolves.toBe("yes");
    expect(questions).toBe(1);
  });
});
