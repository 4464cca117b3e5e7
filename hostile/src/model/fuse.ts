/**
 * What befalls one operation, at its `at`th event: a request that leaves or its answer that comes, a write to the device's disk
 * before or after it is made.
 */
export interface Fault {
  /**
   * `cut`: the request never leaves. `lose`: its answer never comes. `kill`: the client's program is killed. `crash`: the server
   * that is asked is killed, as the request is on its way or its answer is. `flaky`: each request is cut or lost, every third one or so.
   */
  readonly how: "cut" | "lose" | "kill" | "crash" | "flaky";
  /** From 1. */
  readonly at: number;
}

/** What an event is. */
export type FuseEvent = "request" | "answer" | "before-write" | "after-write";

/** What becomes of an event. `dead`: the program is gone; nothing of it happens any more. */
export type Fate = "pass" | "cut" | "lose" | "crash" | "dead";

/** Burns down with the events of one client's program, and strikes once. */
export interface Fuse {
  /** Tells of an event. */
  burn(event: FuseEvent): Fate;
  /** Whether the program is gone. */
  isDead(): boolean;
  /** Lays a fault for the events from now on; null: nothing befalls them. */
  lay(fault: Fault | null): void;
  /** Kills the program now. */
  kill(): void;
  /** Resolves when the program is killed. */
  readonly death: Promise<void>;
}

/** How far apart the events are that a flaky line breaks. */
const FLAKY = 3;

/** A fuse without a fault. */
export function createFuse(): Fuse {
  let fault: Fault | null = null;
  let events = 0;
  let dead = false;
  const death = Promise.withResolvers<void>();
  const kill = (): void => {
    dead = true;
    death.resolve();
  };

  function strike({ how, at }: Fault, event: FuseEvent): Fate {
    const network = event === "request" || event === "answer";
    if (how === "flaky") return network && (events + at) % FLAKY === 0 ? (event === "request" ? "cut" : "lose") : "pass";
    if (events < at) return "pass";
    // A fault of the network waits for the first event that it can befall.
    if (how === "cut" && event !== "request") return "pass";
    if (how === "lose" && event !== "answer") return "pass";
    if (how === "crash" && !network) return "pass";
    fault = null;
    if (how !== "kill") return how;
    kill();
    return "dead";
  }

  return {
    burn: (event) => {
      if (dead) return "dead";
      events++;
      return fault === null ? "pass" : strike(fault, event);
    },
    isDead: () => dead,
    lay: (next) => {
      fault = next;
      events = 0;
    },
    kill,
    death: death.promise,
  };
}

/** What a dead program waits for. */
export async function never(): Promise<never> {
  return await new Promise<never>(() => undefined);
}
