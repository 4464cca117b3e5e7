import type { SmimpError } from "@smimp/protocol";

/** Something to do at a server. */
export interface Task {
  /** Resolves with what shows that the server itself is out of order, or null; throws what ends the task alone. */
  run(): Promise<SmimpError | null>;
  /** Called in place of `run` where others just found the server out of order. */
  skip(fault: SmimpError): Promise<void>;
}

/** Lets tasks run side by side, none of them waiting for a server that is not its own. */
export interface Lanes {
  /** Runs a task in its turn. Throws what it throws, or the signal's reason if that aborts before it began. */
  run(lane: string, task: Task, signal?: AbortSignal): Promise<void>;
}

/** Bounds of lanes. */
export interface LaneBounds {
  /** Tasks at a time in lanes that work, and in one of them. */
  readonly all: number;
  readonly each: number;
  /** Lanes at a time of which it isn't known yet whether they work; each has one task. They take no place from the others. */
  readonly unknown: number;
  /** Faults of a server one after the other, after which the rest of its lane is skipped. */
  readonly patience: number;
}

interface Waiting {
  readonly task: Task;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Lane {
  readonly waiting: Set<Waiting>;
  running: number;
  works: boolean;
  faults: number;
}

/** Makes lanes: the oldest task of each goes first, lanes take turns. */
export function createLanes({ all, each, unknown, patience }: LaneBounds): Lanes {
  const lanes = new Map<string, Lane>();
  const running = { known: 0, unknown: 0 };

  const hasRoom = ({ works, running: own }: Lane): boolean =>
    works ? own < each && running.known < all : own === 0 && running.unknown < unknown;

  function start(): void {
    for (;;) {
      const next = [...lanes].find(([, lane]) => lane.waiting.size > 0 && hasRoom(lane));
      if (next === undefined) return;
      const [name, lane] = next;
      const [waiting] = lane.waiting;
      if (waiting === undefined) return;
      // To the end of the line.
      lanes.delete(name);
      lanes.set(name, lane);
      lane.waiting.delete(waiting);
      void execute(name, lane, waiting);
    }
  }

  async function execute(name: string, lane: Lane, { task, resolve, reject }: Waiting): Promise<void> {
    const kind = lane.works ? "known" : "unknown";
    running[kind]++;
    lane.running++;
    try {
      const fault = await task.run();
      lane.works = fault === null;
      lane.faults = fault === null ? 0 : lane.faults + 1;
      if (fault !== null && lane.faults >= patience) await skipRest(lane, fault);
      resolve();
    } catch (error) {
      reject(error);
    } finally {
      running[kind]--;
      lane.running--;
      forgetIdle(name, lane);
      start();
    }
  }

  /** What comes later finds out anew how the server is. */
  function forgetIdle(name: string, lane: Lane): void {
    if (lane.running === 0 && lane.waiting.size === 0 && lanes.get(name) === lane) lanes.delete(name);
  }

  async function skipRest(lane: Lane, fault: SmimpError): Promise<void> {
    const rest = [...lane.waiting];
    lane.waiting.clear();
    for (const { task, resolve, reject } of rest) {
      await task.skip(fault).then(resolve, reject);
    }
  }

  return {
    run: async (name, task, signal) => {
      signal?.throwIfAborted();
      const lane = lanes.get(name) ?? { waiting: new Set(), running: 0, works: false, faults: 0 };
      lanes.set(name, lane);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const waiting = { task, resolve, reject };
      lane.waiting.add(waiting);
      const stop = (): void => {
        if (lane.waiting.delete(waiting)) reject(signal?.reason);
        forgetIdle(name, lane);
      };
      signal?.addEventListener("abort", stop);
      start();
      try {
        await promise;
      } finally {
        signal?.removeEventListener("abort", stop);
      }
    },
  };
}
