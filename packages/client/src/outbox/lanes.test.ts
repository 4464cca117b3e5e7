import { SmimpError } from "@smimp/protocol";
import { describe, expect, it } from "vitest";
import { createLanes, type Lanes } from "./lanes.ts";

const BOUNDS = { all: 4, each: 2, unknown: 3, patience: 2 };
const FAULT = new SmimpError("temporarily_unavailable", "out of order");

/** A server whose tasks end when the test says so. */
interface Server {
  readonly open: { readonly end: (fault: SmimpError | null) => void; readonly fail: (error: Error) => void }[];
  readonly skipped: number;
  task(signal?: AbortSignal): Promise<void>;
}

function serverOf(lanes: Lanes, name: string): Server {
  const open: Server["open"] = [];
  let skipped = 0;
  return {
    open,
    get skipped() {
      return skipped;
    },
    task: async (signal) => {
      const run = async (): Promise<SmimpError | null> => {
        const { promise, resolve, reject } = Promise.withResolvers<SmimpError | null>();
        open.push({ end: resolve, fail: reject });
        return await promise;
      };
      await lanes.run(name, { run, skip: async () => await Promise.resolve(void skipped++) }, signal);
    },
  };
}

const settled = async (): Promise<void> => await new Promise((resolve) => void setTimeout(resolve, 0));
const begin = (server: Server, tasks: number): readonly Promise<void>[] => Array.from({ length: tasks }, async () => await server.task());

describe("lanes", () => {
  it("try a server out with one task, and then have so many under way", async () => {
    const server = serverOf(createLanes(BOUNDS), "a");
    const all = begin(server, 5);
    await settled();
    expect(server.open).toHaveLength(1);
    server.open[0]?.end(null);
    await settled();
    expect(server.open).toHaveLength(3);
    for (let task = 1; task < 5; task++) {
      server.open[task]?.end(null);
      await settled();
    }
    await Promise.all(all);
    expect(server.skipped).toBe(0);
  });

  it("are bounded together, and take turns", async () => {
    const lanes = createLanes(BOUNDS);
    const order: string[] = [];
    const running = new Map<string, number>();
    let [most, mostOfOne] = [0, 0];
    const count = (name: string, by: number): void => {
      running.set(name, (running.get(name) ?? 0) + by);
      most = Math.max(
        most,
        [...running.values()].reduce((sum, each) => sum + each, 0),
      );
      mostOfOne = Math.max(mostOfOne, ...running.values());
    };
    const run = async (name: string): Promise<null> => {
      order.push(name);
      count(name, 1);
      await settled();
      count(name, -1);
      return null;
    };
    const names = ["a", "b", "c"].flatMap((name) => Array.from({ length: 20 }, () => name));
    const skip = async (): Promise<void> => await Promise.reject(new Error("nothing is out of order"));
    await Promise.all(names.map(async (name) => await lanes.run(name, { run: async () => await run(name), skip })));
    expect(mostOfOne).toBe(BOUNDS.each);
    expect(most).toBeGreaterThanOrEqual(BOUNDS.all);
    expect(most).toBeLessThan(BOUNDS.all + BOUNDS.unknown);
    expect(order).toHaveLength(60);
    // Nobody is far ahead at any time.
    for (let begun = 1; begun <= 60; begun++) {
      const each = ["a", "b", "c"].map((name) => order.slice(0, begun).filter((other) => other === name).length);
      expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(BOUNDS.each + 1);
    }
  });

  it("of servers that hang take no room from those that work", async () => {
    const lanes = createLanes(BOUNDS);
    const hanging = ["a", "b"].map((name) => serverOf(lanes, name));
    for (const server of hanging) void begin(server, 5);
    const working = serverOf(lanes, "c");
    const all = begin(working, 5);
    for (let task = 0; task < 5; task++) {
      await settled();
      working.open[task]?.end(null);
    }
    await Promise.all(all);
    expect(hanging.map(({ open }) => open.length)).toEqual([1, 1]);
  });

  it("leave a server alone that is out of order, and try it again later", async () => {
    const server = serverOf(createLanes(BOUNDS), "a");
    const all = begin(server, 6);
    for (let task = 0; task < BOUNDS.patience; task++) {
      await settled();
      expect(server.open).toHaveLength(task + 1);
      server.open[task]?.end(FAULT);
    }
    await Promise.all(all);
    expect(server.skipped).toBe(4);
    const later = server.task();
    await settled();
    server.open.at(-1)?.end(null);
    await later;
  });

  it("go on after a fault of one task, and after faults that were few", async () => {
    const server = serverOf(createLanes(BOUNDS), "a");
    const all = begin(server, 5);
    const [first, ...others] = all;
    const broken = first?.catch((error: unknown) => error);
    await settled();
    server.open[0]?.fail(new RangeError("broken"));
    await expect(broken).resolves.toBeInstanceOf(RangeError);
    for (let task = 1; task < 5; task++) {
      await settled();
      server.open[task]?.end(task % 2 === 0 ? null : FAULT);
    }
    await settled();
    for (const { end } of server.open) end(null);
    await Promise.all(others);
    expect(server.skipped).toBe(0);
  });

  it("let go of what waits when it is stopped", async () => {
    const server = serverOf(createLanes(BOUNDS), "a");
    const first = server.task();
    const stop = new AbortController();
    const stopped = server.task(stop.signal);
    stop.abort(new RangeError("enough"));
    await expect(stopped).rejects.toThrow(RangeError);
    await expect(server.task(stop.signal)).rejects.toThrow(RangeError);
    await settled();
    server.open[0]?.end(null);
    await first;
    expect(server.open).toHaveLength(1);
  });
});
