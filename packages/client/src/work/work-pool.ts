import type { Hex32, RandomBytes } from "@smimp/protocol";
import type { WorkSettings } from "../deps.ts";
import { createJob, type Job, type Puzzles, type SolveOptions } from "./job.ts";
import { plainKernel } from "./plain-kernel.ts";
import { startLocalThread, threadStarter, type SliceAnswer, type StartThread, type Thread } from "./thread.ts";

/** Threads that solve proofs of work: started when there is something to do, ended when there was nothing for a while. */
export interface WorkPool {
  /** The values in order. Proofs are solved one after the other, each by all threads. Throws the signal's reason. */
  solve(puzzles: Puzzles, options?: SolveOptions): Promise<readonly Hex32[]>;
  /** Ends all threads; what is still unsolved fails with a TypeError. */
  close(): void;
}

/** What a pool is made of. */
export interface WorkPoolOptions extends WorkSettings {
  readonly random: RandomBytes;
  /** Starts a thread; the platform's own or the settings' unless given. */
  readonly startThread?: StartThread;
}

/** More threads than these heat a machine more than they shorten a wait. */
const MOST_THREADS = 8;
/** Tries that are made here before a thread would have started. */
const SMALL_TRIES = 2 ** 18;
/** Threads that may fail before this platform is believed to have none that work. */
const MAX_FAILURES = 3;
/** How long threads wait for more work, milliseconds. */
const IDLE = 10_000;

type Outcome = { readonly values: readonly Hex32[] } | { readonly error: unknown };

interface Order {
  readonly job: Job;
  readonly settle: (outcome: Outcome) => void;
}

interface Member {
  readonly thread: Thread;
  readonly local: boolean;
  /** The slices that it has, oldest first. */
  readonly slices: { readonly order: Order; readonly index: number }[];
}

/** Makes a pool; nothing is started yet. */
export function createWorkPool({ random, threads = coreCount(), startWorker, ...rest }: WorkPoolOptions): WorkPool {
  const startThread = rest.startThread ?? threadStarter(startWorker);
  const proof = plainKernel();
  const orders: Order[] = [];
  const members = new Set<Member>();
  let failures = threads === 0 ? MAX_FAILURES : 0;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const count = (local: boolean): number => [...members].filter((each) => each.local === local).length;
  /** Small work is done here, and so is all of it where there are no threads. */
  const isFor = ({ job }: Order, local: boolean): boolean => local === (job.small || (failures >= MAX_FAILURES && count(false) === 0));

  function start(startOne: StartThread, local: boolean): void {
    const thread = startOne({ answer: (answer) => takeBack(member, answer), failed: () => lose(member) });
    const member: Member = { thread, local, slices: [] };
    members.add(member);
  }

  function staff(): void {
    while (failures < MAX_FAILURES && count(false) < threads && orders.some((each) => isFor(each, false))) {
      try {
        start(startThread, false);
      } catch {
        failures++;
      }
    }
    if (count(true) === 0 && orders.some((each) => isFor(each, true))) start(startLocalThread, true);
  }

  /** Hands out slices of the oldest work until every member has what it can take. */
  function pump(): void {
    clearTimeout(idle);
    staff();
    for (const { thread, local, slices } of members) {
      const order = orders.find((each) => isFor(each, local));
      thread.hold(order !== undefined);
      if (order === undefined) continue;
      while (slices.length < thread.ahead) {
        const { index, block } = order.job.take();
        slices.push({ order, index });
        thread.post({ block, zeroBits: order.job.zeroBits, tries: thread.sliceTries });
      }
    }
    if (orders.length > 0 || members.size === 0) return;
    idle = setTimeout(endAll, IDLE);
    if (typeof idle === "object") idle.unref();
  }

  function takeBack(member: Member, answer: SliceAnswer): void {
    const slice = members.has(member) ? member.slices.shift() : undefined;
    if (slice === undefined) return;
    const { order, index } = slice;
    // One that calls something solved that isn't costs more than it helps.
    if (answer.solved && !proof.search(answer.block.slice(), order.job.zeroBits, 1).solved) {
      order.job.giveBack(index, null);
      lose(member);
      return;
    }
    try {
      const values = order.job.giveBack(index, answer);
      if (values !== null) finish(order, { values });
    } catch (error) {
      finish(order, { error });
    }
    pump();
  }

  function lose(member: Member): void {
    if (!members.delete(member)) return;
    member.thread.end();
    failures++;
    for (const { order, index } of member.slices) order.job.giveBack(index, null);
    pump();
  }

  function finish(order: Order, outcome: Outcome): void {
    const place = orders.indexOf(order);
    if (place >= 0) orders.splice(place, 1);
    order.settle(outcome);
  }

  function endAll(): void {
    for (const { thread } of members) thread.end();
    members.clear();
  }

  return {
    solve: async (puzzles, { onTries, signal } = {}) => {
      signal?.throwIfAborted();
      if (closed) throw new TypeError("the client is closed");
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      const order: Order = { job: createJob(puzzles, random, onTries, count(false) === 0 ? SMALL_TRIES : 0), settle: resolve };
      const stop = (): void => {
        finish(order, { error: signal?.reason });
        pump();
      };
      signal?.addEventListener("abort", stop);
      orders.push(order);
      pump();
      const outcome = await promise;
      signal?.removeEventListener("abort", stop);
      if ("error" in outcome) throw outcome.error;
      return outcome.values;
    },
    close: () => {
      closed = true;
      clearTimeout(idle);
      endAll();
      for (const order of orders.splice(0)) finish(order, { error: new TypeError("the client was closed while it worked") });
    },
  };
}

function coreCount(): number {
  return Math.min(globalThis.navigator?.hardwareConcurrency ?? 1, MOST_THREADS);
}
