import { openClient, type Client } from "@smimp/client";
import type { Fetch, FetchResponse } from "@smimp/identity";
import { isSmimpError, type Clock, type RandomBytes } from "@smimp/protocol";
import type { Ended } from "../invariants/demands.ts";
import { mountDisk, type Disk } from "./disk.ts";
import { createFuse, never, type Fault, type Fuse } from "./fuse.ts";

/** What a device needs of the world. */
export interface DeviceDeps {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** A request that really goes to a server. */
  readonly ask: Fetch;
  /** Kills the server that a URL leads to, and starts it again. */
  readonly crash: (url: string) => Promise<void>;
}

/** No waits to hide behind, and no threads for the little work that is asked for here. */
export const IMPATIENT = { jitter: 0, work: { threads: 0 } } as const;

/** A person's device: a disk, and at most one program on it. */
export interface Device {
  readonly name: string;
  readonly disk: Disk;
  /**
   * Lets the program do something, starting it where it doesn't run. What befalls it is `fault`. Anything that is neither
   * a result nor a `SmimpError` is thrown: it is the program's own fault.
   */
  act<Result>(work: (client: Client) => Promise<Result>, fault?: Fault | null): Promise<Ended<Result>>;
  /** Kills the program; the next act starts it again on what the disk holds. */
  kill(): void;
  /** Ends the program in good order. */
  close(): Promise<void>;
}

interface Program {
  readonly fuse: Fuse;
  readonly client: Promise<Client>;
  /** It is being ended: what it was at may end in any way. */
  closing: boolean;
}

/** Makes a device on a disk that holds an account. */
export function createDevice(name: string, disk: Disk, deps: DeviceDeps): Device {
  let program: Program | null = null;

  function running(): Program {
    if (program !== null && !program.fuse.isDead()) return program;
    const fuse = createFuse();
    const storage = mountDisk(disk, fuse);
    const { clock, random } = deps;
    program = {
      fuse,
      closing: false,
      client: openClient({ storage, deps: { ...IMPATIENT, fetch: brokenFetch(deps, fuse), clock, random } }),
    };
    return program;
  }

  return {
    name,
    disk,
    act: async (work, fault = null) => {
      const mine = running();
      const { fuse, client } = mine;
      fuse.lay(fault);
      const killed = fuse.death.then(() => ({ how: "killed" }) as const);
      const done = client.then(work).then(
        (result) => ({ how: "done", result }) as const,
        (error: unknown) => {
          if (mine.closing) return { how: "killed" } as const;
          if (!isSmimpError(error)) throw error;
          return { how: "refused", error } as const;
        },
      );
      const ended = await Promise.race([done, killed]);
      if (ended.how !== "killed") fuse.lay(null);
      return ended;
    },
    kill: () => {
      program?.fuse.kill();
      program = null;
    },
    close: async () => {
      const mine = program;
      program = null;
      if (mine === null || mine.fuse.isDead()) return;
      mine.closing = true;
      await (await mine.client).close();
    },
  };
}

/** Turns of the event loop that a server has with a request before it is killed. */
const TURNS_BEFORE_CRASH = 3;

/** A fetch that breaks as the fuse says, and with which a dead program's requests end. */
export function brokenFetch({ ask, crash }: DeviceDeps, fuse: Fuse): Fetch {
  const gone = new AbortController();
  void fuse.death.then(() => gone.abort());

  return async (url, init) => {
    const signal = init.signal === undefined ? gone.signal : AbortSignal.any([init.signal, gone.signal]);
    const request = async (): Promise<FetchResponse> => await ask(url, { ...init, signal });
    const before = fuse.burn("request");
    if (before === "dead") return await never();
    if (before === "cut") throw new TypeError("fetch failed: the line was cut");
    if (before === "crash") {
      void request().catch(() => undefined);
      for (let turn = 0; turn < TURNS_BEFORE_CRASH; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
      await crash(url);
      throw new TypeError("fetch failed: the server was killed");
    }
    let response: FetchResponse;
    try {
      response = await request();
    } catch (error) {
      if (fuse.isDead()) return await never();
      throw error;
    }
    const after = fuse.burn("answer");
    if (after === "dead") return await never();
    if (after === "crash") await crash(url);
    if (after !== "pass") throw new TypeError("fetch failed: the answer was lost");
    return response;
  };
}
