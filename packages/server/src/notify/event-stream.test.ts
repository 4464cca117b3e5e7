import { parseAddress, parseHex32 } from "@smimp/protocol";
import { describe, expect, it } from "vitest";
import type { Services } from "../services.ts";
import { openEventStream } from "./event-stream.ts";
import { createStateBus } from "./state-bus.ts";

// A storm of new states, and somebody who doesn't read.

const ADDRESS = parseAddress("alice#alpha.example");

describe("an event stream that nobody reads", () => {
  it("holds a bounded number of states however many come, and tells the last one to who reads again", async () => {
    const bus = createStateBus();
    const store = { read: async () => await Promise.resolve(0) };
    const settings = { limits: { eventStreams: 1 } };
    const stream = await openEventStream({ store, bus, settings } as unknown as Pick<Services, "store" | "bus" | "settings">, {
      address: ADDRESS,
      session: parseHex32("0".repeat(64)),
      stillAdmitted: async () => await Promise.resolve(true),
    });
    const last = 100_000;
    for (let state = 1; state <= last; state++) bus.publish(ADDRESS, state);
    expect(stream.readableLength).toBeLessThanOrEqual(2 * stream.readableHighWaterMark);
    let text = "";
    for await (const piece of stream) {
      text += String(piece);
      if (text.includes(`"${last}"`)) break;
    }
    const states = [...text.matchAll(/"state":"(\d+)"/g)].map(([, state]) => Number(state));
    expect(states.at(-1)).toBe(last);
    expect(states.length).toBeLessThan(last / 10);
    expect(bus.countOf(ADDRESS)).toBe(0);
  });
});
