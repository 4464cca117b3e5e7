import { execFile } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import {
  checkWork,
  parseAddress,
  parseBaseUrl,
  parseMessageType,
  parseTimestamp,
  randomBytes,
  toHex32,
  workChallenge,
  type Hex32,
} from "@smimp/protocol";
import { afterEach, describe, expect, it, test, vi } from "vitest";
import { threadStarter, type StartThread, type ThreadListener } from "./thread.ts";
import { createWorkPool, type WorkPool, type WorkPoolOptions } from "./work-pool.ts";

const subject = {
  server: parseBaseUrl("https://smimp.beta.example/"),
  from: parseAddress("alice#alpha.example"),
  to: parseAddress("bob#beta.example"),
  messageType: parseMessageType("email"),
};
const nonce = toHex32(randomBytes(32));
const challenge = workChallenge(subject, nonce);
/** More than is done without threads. */
const BIG = { challenge, zeroBits: 16, count: 8 };
const SMALL = { challenge, zeroBits: 8, count: 4 };
/** What nobody ever solves. */
const ENDLESS = { challenge, zeroBits: 64, count: 1 };

const pools: WorkPool[] = [];
function poolOf(options: Partial<WorkPoolOptions> = {}): WorkPool {
  const pool = createWorkPool({ random: randomBytes, threads: 2, ...options });
  pools.push(pool);
  return pool;
}
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

/** Checks values by the protocol's own rules. */
function check(values: readonly Hex32[], { zeroBits, count }: typeof BIG): void {
  const parameters = {
    algorithm: "blake2b",
    zero_bits: zeroBits,
    count,
    nonce,
    expires_at: parseTimestamp("2026-11-23T12:10:00Z"),
  } as const;
  const pow = { nonce, values: [...values] };
  expect(checkWork({ ...subject, parameters, pow, now: parseTimestamp("2026-11-23T12:00:00Z") }).works).toHaveLength(count);
}

/** Threads of Node that run something else than they should. */
function brokenThread(code: string): StartThread {
  return (listener) => {
    const worker = new Worker(code, { eval: true });
    worker.on("error", listener.failed);
    worker.on("exit", listener.failed);
    worker.unref();
    return {
      sliceTries: 1_000,
      ahead: 2,
      post: (slice) => worker.postMessage(slice),
      hold: (held) => (held ? worker.ref() : worker.unref()),
      end: () => void worker.terminate(),
    };
  };
}

describe("a pool", () => {
  it.each([
    ["in threads", 2, BIG],
    ["in one thread", 1, { challenge, zeroBits: 19, count: 1 }],
    ["in turns, where there are no threads", 0, BIG],
    ["in turns, where it is little", 2, SMALL],
    ["without any work", 2, { challenge, zeroBits: 0, count: 64 }],
  ])("solves %s", async (_, threads, puzzles) => {
    check(await poolOf({ threads }).solve(puzzles), puzzles);
  });

  it("solves several proofs that come at once, and later ones with the same threads", async () => {
    let started = 0;
    const start = threadStarter(undefined);
    const pool = poolOf({ startThread: (listener) => (started++, start(listener)) });
    const puzzles = [BIG, SMALL, BIG, { ...BIG, count: 3 }];
    const solved = await Promise.all(puzzles.map(async (each) => await pool.solve(each)));
    for (const [index, values] of solved.entries()) check(values, puzzles[index] ?? BIG);
    check(await pool.solve(SMALL), SMALL);
    expect(started).toBe(2);
  });

  it("tells how far it is, in steps that only grow", async () => {
    const seen: number[] = [];
    const puzzles = { ...BIG, zeroBits: 19 };
    check(await poolOf().solve(puzzles, { onTries: (tries) => seen.push(tries) }), puzzles);
    expect(seen.length).toBeGreaterThan(4);
    expect(seen).toEqual(seen.toSorted((left, right) => left - right));
  });

  it("ends at once when it is told to, and goes on with other work", async () => {
    const pool = poolOf();
    const stop = new AbortController();
    const stopped = pool.solve(ENDLESS, { signal: stop.signal, onTries: () => stop.abort(new RangeError("enough")) });
    const behind = pool.solve(BIG);
    await expect(stopped).rejects.toThrow(RangeError);
    check(await behind, BIG);
    await expect(pool.solve(BIG, { signal: AbortSignal.abort(new RangeError("before it began")) })).rejects.toThrow(RangeError);
  });

  it("stops where progress is shown in vain", async () => {
    const onTries = (): void => {
      throw new RangeError("no");
    };
    for (const threads of [0, 2]) await expect(poolOf({ threads }).solve(ENDLESS, { onTries })).rejects.toThrow(RangeError);
  });

  it("ends what is under way when it is closed, and begins nothing after", async () => {
    const pool = poolOf();
    const both = [pool.solve(ENDLESS), pool.solve(BIG)];
    pool.close();
    for (const each of both) await expect(each).rejects.toThrow(TypeError);
    await expect(pool.solve(SMALL)).rejects.toThrow(TypeError);
  });
});

describe("threads", () => {
  /** Threads that are started meanwhile, each with its end. */
  async function threadsOf(work: () => Promise<void>): Promise<readonly Promise<unknown>[]> {
    const ends: Promise<unknown>[] = [];
    const note = (worker: Worker): void => void ends.push(once(worker, "exit"));
    // Those that a test before has started are told of a moment later.
    await new Promise((resolve) => void setImmediate(resolve));
    process.on("worker", note);
    await work();
    process.off("worker", note);
    return ends;
  }

  it("end with the pool", async () => {
    const pool = poolOf();
    const ends = await threadsOf(async () => check(await pool.solve(BIG), BIG));
    expect(ends).toHaveLength(2);
    pool.close();
    await Promise.all(ends);
  });

  it("end when there was nothing to do for a while, and are there again when there is", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const pool = poolOf();
      const ends = await threadsOf(async () => check(await pool.solve(BIG), BIG));
      vi.advanceTimersByTime(60_000);
      await Promise.all(ends);
      expect(await threadsOf(async () => check(await pool.solve(BIG), BIG))).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("threads that fail", () => {
  const CRASHES = {
    "that throw": "throw new Error('broken')",
    "that exit": "process.exit(3)",
    "that exit at their first slice": "require('node:worker_threads').parentPort.on('message', () => process.exit(0))",
    "that throw at their first slice": "require('node:worker_threads').parentPort.on('message', () => { throw new Error('broken') })",
  };
  it.each(Object.entries(CRASHES))("%s leave the work to the others", async (_, code) => {
    let started = 0;
    const [good, broken] = [threadStarter(undefined), brokenThread(code)];
    const startThread = (listener: ThreadListener): ReturnType<StartThread> => (started++ === 0 ? broken(listener) : good(listener));
    check(await poolOf({ startThread }).solve(BIG), BIG);
  });

  it.each(Object.entries(CRASHES))("%s, one and all, leave it to this event loop", async (_, code) => {
    const pool = poolOf({ startThread: brokenThread(code) });
    check(await pool.solve(BIG), BIG);
    check(await pool.solve(BIG), BIG);
  });

  it("that can't even be started do so too", async () => {
    const startThread = (): never => {
      throw new TypeError("no threads here");
    };
    check(await poolOf({ startThread }).solve(BIG), BIG);
  });

  it("that call solved what isn't are not believed", async () => {
    const startThread: StartThread = (listener) => ({
      sliceTries: 1_000,
      ahead: 2,
      post: ({ block }) => void setImmediate(() => listener.answer({ block, solved: true, tries: 1 })),
      hold: () => undefined,
      end: () => undefined,
    });
    check(await poolOf({ startThread }).solve(BIG), BIG);
  });
});

describe("a browser's Worker", () => {
  it("is used as it is", async () => {
    const messages: unknown[] = [];
    const listeners = new Map<string, (event: { readonly data?: unknown }) => void>();
    const startWorker = (): Parameters<typeof threadStarter>[0] extends (() => infer Like) | undefined ? Like : never => ({
      postMessage: (message) => messages.push(message),
      addEventListener: (type, listener) => void listeners.set(type, listener),
      terminate: () => undefined,
    });
    const pool = poolOf({ startWorker, threads: 1 });
    const solving = pool.solve(BIG);
    expect(messages).toHaveLength(2);
    // A script that is not there.
    for (let failure = 0; failure < 3; failure++) listeners.get("error")?.({});
    check(await solving, BIG);
  });
});

describe("the event loop", () => {
  /** A second or so of work. */
  const LONG = { challenge, zeroBits: 18, count: 64 };

  it.each([
    ["in turns", 0],
    ["in threads", 2],
  ])("has its turns while work is done %s", async (_, threads) => {
    const held: number[] = [];
    let [tries, triesBefore, mostTries, before, over] = [0, 0, 0, performance.now(), false];
    const turn = (): void => {
      const now = performance.now();
      held.push(now - before);
      mostTries = Math.max(mostTries, tries - triesBefore);
      [triesBefore, before] = [tries, now];
      if (over) return;
      // Turns without a pause would take the threads' time.
      if (threads === 0) setImmediate(turn);
      else setTimeout(turn, 1);
    };
    setImmediate(turn);
    check(await poolOf({ threads }).solve(LONG, { onTries: (made) => void (tries = made) }), LONG);
    over = true;
    turn();
    expect(tries).toBeGreaterThan(2 ** 22);
    // However busy the machine is: where work is done here, little is tried between two turns; and for half of the time turns are close.
    if (threads === 0) expect(mostTries).toBeLessThanOrEqual(2 ** 16);
    expect(halfOfTimeWithin(held)).toBeLessThan(250);
  });

  /** The longest of the shortest waits that together are half of all the time. */
  function halfOfTimeWithin(waits: readonly number[]): number {
    const whole = waits.reduce((sum, each) => sum + each, 0);
    let sum = 0;
    return waits.toSorted((left, right) => left - right).find((each) => (sum += each) >= whole / 2) ?? 0;
  }
});

test("a program ends with its work, whether or not it closes its pool, and not before", async () => {
  const script = fileURLToPath(new URL("../../test/solve-and-leave.ts", import.meta.url));
  for (const how of ["close", "leave"]) {
    const { stdout } = await promisify(execFile)(process.execPath, [script, how]);
    expect(stdout).toBe("solved 8\n");
  }
});
