import type { Fetch } from "@smimp/identity";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sendSteadily } from "./steady.ts";

// Answers that are read as a stream, from servers that take their time. Time is simulated.

const URL = "https://smimp.alpha.example/1.0/events";
const PACE = { seconds: 60, step: 1_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Lets simulated time go by. */
async function after(seconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** A fetch whose answer brings `pieces` of so many bytes, one every so many seconds. */
function answers(pieces: number, bytes: number, seconds: number): Fetch {
  return async () => {
    await Promise.resolve();
    return {
      status: 200,
      headers: { get: () => null },
      body: (async function* () {
        for (let index = 0; index < pieces; index++) {
          await after(seconds);
          yield new Uint8Array(bytes);
        }
      })(),
    };
  };
}

/** Reads an answer whole, taking so many seconds over each piece; the bytes that came, and what it ended with. */
async function read(fetch: Fetch, pause = 0): Promise<{ readonly bytes: number; readonly code: unknown }> {
  let bytes = 0;
  const reading = (async () => {
    for await (const piece of (await sendSteadily(fetch, URL, {}, PACE)).body ?? []) {
      bytes += piece.length;
      if (pause > 0) await after(pause);
    }
    return null;
  })().catch((error: unknown) => (error as { readonly code?: unknown }).code);
  await vi.advanceTimersByTimeAsync(10_000_000);
  return { bytes, code: await reading };
}

describe("an answer that is read as a stream", () => {
  it("is given up where it is never begun, and the request is ended", async () => {
    let ended: unknown;
    const silent: Fetch = async (_url, { signal }) => {
      signal?.addEventListener("abort", () => (ended = signal.reason));
      return await new Promise(() => undefined);
    };
    expect(await read(silent)).toEqual({ bytes: 0, code: "temporarily_unavailable" });
    expect(ended).toMatchObject({ code: "temporarily_unavailable" });
  });

  it("is given up where it drips", async () => {
    expect(await read(answers(100_000, 1, 0.7))).toEqual({ bytes: 85, code: "temporarily_unavailable" });
  });

  it("is read to its end, however long that is, where it keeps the pace", async () => {
    expect(await read(answers(1_000, 20, 1))).toEqual({ bytes: 20_000, code: null });
  });

  it("may be read slowly", async () => {
    expect(await read(answers(50, 1, 0.001), 100)).toEqual({ bytes: 50, code: null });
  });
});
