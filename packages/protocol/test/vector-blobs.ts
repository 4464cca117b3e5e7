import {
  concat,
  createBlobOpener,
  createBlobSealer,
  fromB64,
  fromHex,
  hash,
  sealedBlobSize,
  SmimpError,
  toB64,
  toHex,
} from "@smimp/protocol";
import { fields, must, text, type Fields, type Operation } from "./vector-format.ts";

// Contents and blobs of vectors/README.md: large data is described, not stored.

interface Edit {
  readonly edit: "truncate" | "append" | "flip" | "remove" | "move" | "copy";
  readonly length: number;
  readonly offset: number;
  readonly mask: number;
  readonly to: number;
  readonly bytes: string;
}

/** Bytes that a stream brings at a time; no divisor of a chunk. */
const PIECE = 50_000;

/** The bytes that a `content` describes. */
function contentOf(content: Fields): Uint8Array {
  const seed = fromHex(text(content, "seed"), 32);
  const length = content["length"] as number;
  const bytes = new Uint8Array(Math.ceil(length / 32) * 32);
  const counter = new Uint8Array(4);
  for (let block = 0; block * 32 < length; block++) {
    new DataView(counter.buffer).setUint32(0, block, true);
    bytes.set(hash(concat(seed, counter)), block * 32);
  }
  return bytes.subarray(0, length);
}

function sealed(key: Uint8Array, header: Uint8Array, content: Uint8Array): Uint8Array {
  const sealer = createBlobSealer(key, content.length, header);
  // In uneven pieces, as a stream brings them.
  const parts: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += PIECE) parts.push(...sealer.push(content.subarray(at, at + PIECE)));
  parts.push(...sealer.finish());
  return concat(...parts);
}

function opened(key: Uint8Array, blob: Uint8Array): { content: Uint8Array; hash: string } {
  const opener = createBlobOpener(key, blob.length);
  try {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < blob.length; at += PIECE) parts.push(...opener.push(blob.subarray(at, at + PIECE)));
    const whole = opener.finish();
    const content = concat(...parts);
    must(whole.contentLength === content.length, "the opener counts what it gives");
    return { content, hash: whole.hash };
  } finally {
    opener.close();
  }
}

function blobOf(blob: Fields): Uint8Array {
  if (typeof blob["bytes"] === "string") return fromB64(blob["bytes"]);
  const bytes = sealed(fromB64(text(blob, "key"), 32), fromB64(text(blob, "header"), 24), contentOf(fields(blob, "content")));
  return ((blob["edits"] ?? []) as readonly Edit[]).reduce(edited, bytes);
}

function edited(bytes: Uint8Array, { edit, offset, length, to, mask, bytes: added }: Edit): Uint8Array {
  const insert = (into: Uint8Array, part: Uint8Array): Uint8Array => concat(into.subarray(0, to), part, into.subarray(to));
  const part = bytes.subarray(offset, offset + length);
  const rest = concat(bytes.subarray(0, offset), bytes.subarray(offset + length));
  switch (edit) {
    case "truncate":
      return bytes.subarray(0, length);
    case "append":
      return concat(bytes, fromB64(added));
    case "flip": {
      const copy = Uint8Array.from(bytes);
      copy[offset] = (copy[offset] ?? 0) ^ mask;
      return copy;
    }
    case "remove":
      return rest;
    case "move":
      return insert(rest, part);
    case "copy":
      return insert(bytes, part);
    default:
      throw new Error(`unknown edit ${String(edit)}`);
  }
}

/** Operations on blobs. */
export const blobOperations: Readonly<Record<string, Operation>> = {
  "blob.seal"(input, expected = {}) {
    const key = fromB64(text(input, "key"), 32);
    const content = contentOf(fields(input, "content"));
    const blob = sealed(key, fromB64(text(input, "header"), 24), content);
    must(toHex(opened(key, blob).content) === toHex(content), "the blob must also open");
    must(blob.length === sealedBlobSize(content.length), "the size is known beforehand");
    // Only small blobs stand in the vectors byte by byte.
    const bytes = "bytes" in expected ? { bytes: toB64(blob) } : {};
    return { size: blob.length, hash: toHex(hash(blob)), content_hash: toHex(hash(content)), ...bytes };
  },
  "blob.open"(input) {
    const blob = blobOf(fields(input, "blob"));
    const { content, hash: blobHash } = opened(fromB64(text(input, "key"), 32), blob);
    if (input["hash"] !== undefined && input["hash"] !== blobHash) throw new SmimpError("decryption_failed", "another blob");
    return { size: content.length, content_hash: toHex(hash(content)) };
  },
};
