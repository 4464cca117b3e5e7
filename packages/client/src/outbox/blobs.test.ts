import { CHUNK_BYTES, EMAIL, parseTimestamp, randomBytes, toHex32 } from "@smimp/protocol";
import { expect, test } from "vitest";
import { createMemoryStorage } from "../storage/memory.ts";
import { planBlobs } from "./blobs.ts";
import { outboxContents, type EntryDocument } from "./documents.ts";

const CHUNKS = 128;
const SIZE = CHUNKS * CHUNK_BYTES;

const now = parseTimestamp("2026-11-23T12:00:00Z");
const ref = toHex32(randomBytes(32));
const entry: EntryDocument = {
  id: "one",
  queuedAt: now,
  ref,
  messageType: EMAIL,
  subject: "",
  payload: { email: { ref, to: [], cc: [], subject: "", date_sent: now, body: "" } },
  automatic: false,
  attachments: [{ name: "large.bin", media_type: "application/octet-stream", size: SIZE }],
  copies: 1,
};

/** Counts the turns that others have. */
async function counting<Result>(
  work: (turn: () => number) => Promise<Result>,
): Promise<{ readonly result: Result; readonly turns: number }> {
  let turns = 0;
  let ended = false;
  const turn = (): void => {
    turns++;
    if (!ended) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    return { result: await work(() => turns), turns };
  } finally {
    ended = true;
  }
}

test("a large attachment is hashed in turns with everything else, and stopped at once", async () => {
  const storage = createMemoryStorage();
  await storage.transact(async (writer) => {
    for (let chunk = 0; chunk < CHUNKS; chunk++) outboxContents.put(writer, "one", 0, chunk, new Uint8Array(CHUNK_BYTES));
  });
  const parts = { storage, random: randomBytes };
  const { result, turns } = await counting(async () => await planBlobs(parts, entry, undefined));
  expect(result).toMatchObject([{ reference: { size: expect.any(Number) as number } }]);
  expect(turns).toBeGreaterThanOrEqual(SIZE / (1024 * 1024) - 1);

  const stop = new AbortController();
  const stopped = await counting(async (turn) => {
    const planning = planBlobs(parts, entry, stop.signal).catch((error: unknown) => error);
    setImmediate(() => stop.abort(new RangeError("enough")));
    expect(await planning).toBeInstanceOf(RangeError);
    return turn();
  });
  expect(stopped.result).toBeLessThan(4);

  // Another key for each recipient, so that nobody can tell by the blobs who else got it.
  const [first, second] = [await planBlobs(parts, entry, undefined), await planBlobs(parts, entry, undefined)];
  expect(first[0]?.key).not.toBe(second[0]?.key);
  expect(first[0]?.reference.hash).not.toBe(second[0]?.reference.hash);
});
