import { randomBytes } from "node:crypto";
import { hashStream, toHex32, type Hex32 } from "@smimp/protocol";
import type { Canary } from "./canary.ts";

/** Bytes of the attachment. */
export const ATTACHMENT_BYTES = 10_000_000;

const TILE_BYTES = 50_000;
/** The canary stands in every so manieth tile. */
const CANARY_EVERY = 10;

/** The content of a big file: random bytes, and the canary again and again, at every alignment of base64. */
export function makeContent(canary: Canary): Uint8Array {
  const content = randomBytes(ATTACHMENT_BYTES);
  const text = Buffer.from(canary.text);
  for (let tile = 0; tile * TILE_BYTES < ATTACHMENT_BYTES; tile += CANARY_EVERY) text.copy(content, tile * TILE_BYTES + (tile % 7));
  return content;
}

/** Content as a stream of pieces. */
export async function* inPieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += TILE_BYTES) {
    // A stream that never waits would keep everything else in this process from running.
    // oxlint-disable-next-line no-await-in-loop
    await new Promise(setImmediate);
    yield content.subarray(start, start + TILE_BYTES);
  }
}

/** Hash and size of a stream, read piece by piece. */
export async function digestOf(pieces: AsyncIterable<Uint8Array>): Promise<{ readonly hash: Hex32; readonly size: number }> {
  const hash = hashStream();
  let size = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    size += piece.length;
  }
  return { hash: toHex32(hash.digest()), size };
}
