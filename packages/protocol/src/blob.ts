import {
  assertBytes,
  concat,
  equalBytes,
  HASH_BYTES,
  hashStream,
  keyedHash,
  toHex32,
  utf8,
  wipe,
  type HashStream,
  type Hex32,
  type RandomBytes,
} from "./bytes.ts";
import type { BlobReference } from "./envelope.ts";
import { isPaddedLength, PADDING_MARKER, paddedLength } from "./padding.ts";
import { Collector, Unpadder } from "./pieces.ts";
import { SmimpError } from "./problem.ts";
import { wipeAndFree } from "./sodium-memory.ts";
import { sodium } from "./sodium.ts";

// Blobs of protocol section 6. Both directions stream: neither ever holds more than a chunk, whatever the attachment's size.

/** Bytes of a blob's key. */
export const BLOB_KEY_BYTES = 32;
/** Bytes of plaintext in every chunk but the last (protocol section 6). */
export const CHUNK_BYTES = 65_536;
/** Bytes of the secretstream's header. */
export const BLOB_HEADER_BYTES = 24;

const START_BYTES = HASH_BYTES + BLOB_HEADER_BYTES;
const CHUNK_OVERHEAD = sodium.crypto_secretstream_xchacha20poly1305_ABYTES;
const STATE_BYTES = 52;
const { crypto_secretstream_xchacha20poly1305_TAG_MESSAGE: MESSAGE, crypto_secretstream_xchacha20poly1305_TAG_FINAL: FINAL } = sodium;

/** Bytes of the blob of a content of `contentLength` bytes. */
export function sealedBlobSize(contentLength: number): number {
  const padded = paddedLength(contentLength);
  return START_BYTES + padded + Math.ceil(padded / CHUNK_BYTES) * CHUNK_OVERHEAD;
}

/** Makes a blob of a content that comes in pieces. */
export interface BlobSealer {
  /** Bytes that the blob will have. */
  readonly size: number;
  /** Takes a piece of the content, of any size; gives the pieces of the blob that are ready. */
  push(content: Uint8Array): Uint8Array[];
  /** Ends the content; gives the last pieces of the blob. Throws TypeError where the content is not as long as announced. */
  finish(): Uint8Array[];
  /** The blob as an envelope names it, once `finish` was called. */
  reference(): BlobReference;
  /** Frees what an unfinished blob holds; harmless otherwise. */
  close(): void;
}

/** Gives the content of a blob that comes in pieces. */
export interface BlobOpener {
  /** Takes a piece of the blob, of any size; gives pieces of the content, all authentic. Throws `commitment_mismatch`, `decryption_failed`. */
  push(blob: Uint8Array): Uint8Array[];
  /** Ends the blob. Throws `decryption_failed` unless it is whole. */
  finish(): OpenedBlob;
  /** Frees what an unfinished blob holds; harmless otherwise. */
  close(): void;
}

/** What is known of a blob once it is opened. */
export interface OpenedBlob {
  readonly contentLength: number;
  /** `H` of all bytes of the blob. */
  readonly hash: Hex32;
}

/** Starts a blob under a random key that is used for nothing else; `header` is 24 random bytes. */
export function createBlobSealer(key: Uint8Array, contentLength: number, header: Uint8Array): BlobSealer {
  return new Sealer(key, contentLength, header);
}

/** Starts to open a blob of `size` bytes, as the envelope says. Throws `decryption_failed` if no blob has that size. */
export function createBlobOpener(key: Uint8Array, size: number): BlobOpener {
  return new Opener(key, size);
}

/**
 * Seals a stream under `key`; what it returns is the blob as the envelope names it. Throws TypeError where the content is
 * not `contentLength` bytes long.
 */
export async function* sealBlob(
  key: Uint8Array,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  contentLength: number,
  random: RandomBytes,
): AsyncGenerator<Uint8Array, BlobReference, undefined> {
  const sealer = createBlobSealer(key, contentLength, random(BLOB_HEADER_BYTES));
  try {
    for await (const piece of content) yield* sealer.push(piece);
    yield* sealer.finish();
    return sealer.reference();
  } finally {
    sealer.close();
  }
}

/**
 * Opens a stream. Every piece is authentic when it is given; whether the blob is whole and the one that the envelope names
 * shows at the end only. Throws `commitment_mismatch` or `decryption_failed`.
 */
export async function* openBlob(
  key: Uint8Array,
  blob: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { hash, size }: BlobReference,
): AsyncGenerator<Uint8Array, OpenedBlob, undefined> {
  const opener = createBlobOpener(key, size);
  try {
    for await (const piece of blob) yield* opener.push(piece);
    const opened = opener.finish();
    if (opened.hash !== hash) throw failed("the blob is not the one that the message names");
    return opened;
  } finally {
    opener.close();
  }
}

function commitmentTo(key: Uint8Array, header: Uint8Array): Uint8Array {
  return keyedHash(key, concat(utf8("smimp/1.0 blob"), 0, header));
}

/** A secretstream's state, made once and freed once; both directions start from the same one. */
class Stream {
  #state: ReturnType<typeof sodium.crypto_secretstream_xchacha20poly1305_init_pull> | null;

  constructor(key: Uint8Array, header: Uint8Array) {
    const streamKey = keyedHash(key, utf8("smimp/1.0 blob stream"));
    this.#state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, streamKey);
    wipe(streamKey);
  }

  push(chunk: Uint8Array, tag: number): Uint8Array {
    return sodium.crypto_secretstream_xchacha20poly1305_push(this.#live(), chunk, null, tag);
  }

  pull(chunk: Uint8Array, tag: number): Uint8Array {
    const pulled = sodium.crypto_secretstream_xchacha20poly1305_pull(this.#live(), chunk, null);
    if (pulled === false || pulled.tag !== tag) throw failed("a chunk is not authentic, or not in its place");
    return pulled.message;
  }

  close(): void {
    // The wrapper leaves the state in WebAssembly's memory, which no garbage collector visits.
    if (this.#state !== null) wipeAndFree(this.#state as unknown as number, STATE_BYTES);
    this.#state = null;
  }

  #live(): ReturnType<typeof sodium.crypto_secretstream_xchacha20poly1305_init_pull> {
    if (this.#state === null) throw new TypeError("the blob is closed");
    return this.#state;
  }
}

class Sealer implements BlobSealer {
  readonly size: number;
  readonly #contentLength: number;
  readonly #padded: number;
  readonly #stream: Stream;
  readonly #hash: HashStream;
  readonly #collector = new Collector();
  #start: Uint8Array | null;
  #received = 0;
  #sealed = 0;
  #reference: BlobReference | null = null;

  constructor(key: Uint8Array, contentLength: number, header: Uint8Array) {
    assertBytes(key, "key", BLOB_KEY_BYTES);
    assertBytes(header, "header", BLOB_HEADER_BYTES);
    this.size = sealedBlobSize(contentLength);
    this.#contentLength = contentLength;
    this.#padded = paddedLength(contentLength);
    this.#start = concat(commitmentTo(key, header), header);
    this.#stream = new Stream(key, header);
    this.#hash = hashStream();
  }

  push(content: Uint8Array): Uint8Array[] {
    assertBytes(content, "content");
    this.#received += content.length;
    if (this.#received > this.#contentLength) throw new TypeError("the content is longer than announced");
    return this.#seal(content);
  }

  finish(): Uint8Array[] {
    if (this.#received !== this.#contentLength) throw new TypeError("the content is shorter than announced");
    const blob: Uint8Array[] = [];
    let padding = this.#padded - this.#contentLength;
    // Piece by piece: the padding of a large content is megabytes.
    const piece = new Uint8Array(Math.min(padding, CHUNK_BYTES));
    piece[0] = PADDING_MARKER;
    while (padding > 0) {
      blob.push(...this.#seal(piece.subarray(0, Math.min(padding, piece.length))));
      padding -= Math.min(padding, piece.length);
      piece[0] = 0;
    }
    this.#stream.close();
    this.#reference = { hash: toHex32(this.#hash.digest()), size: this.size };
    return blob;
  }

  reference(): BlobReference {
    if (this.#reference === null) throw new TypeError("the blob is not finished");
    return this.#reference;
  }

  close(): void {
    this.#stream.close();
    this.#hash.close();
  }

  #seal(bytes: Uint8Array): Uint8Array[] {
    const blob: Uint8Array[] = [];
    if (this.#start !== null) blob.push(this.#start);
    this.#start = null;
    let rest = bytes;
    while (rest.length > 0) {
      const wanted = Math.min(CHUNK_BYTES, this.#padded - this.#sealed);
      const { taken, whole } = this.#collector.take(rest, wanted);
      rest = rest.subarray(taken);
      if (whole === null) break;
      this.#sealed += whole.length;
      blob.push(this.#stream.push(whole, this.#sealed === this.#padded ? FINAL : MESSAGE));
    }
    for (const piece of blob) this.#hash.update(piece);
    return blob;
  }
}

class Opener implements BlobOpener {
  readonly #key: Uint8Array;
  readonly #size: number;
  readonly #hash: HashStream;
  readonly #collector = new Collector();
  readonly #unpadder: Unpadder;
  #stream: Stream | null = null;
  #received = 0;
  /** Bytes of the blob that were taken apart: start and whole chunks. */
  #opened = 0;
  #closed = false;

  constructor(key: Uint8Array, size: number) {
    assertBytes(key, "key", BLOB_KEY_BYTES);
    if (!Number.isSafeInteger(size) || size < 0) throw new TypeError("size must be a non-negative safe integer");
    const chunks = Math.ceil((size - START_BYTES) / (CHUNK_BYTES + CHUNK_OVERHEAD));
    const padded = size - START_BYTES - chunks * CHUNK_OVERHEAD;
    if (!isPaddedLength(padded) || sealedBlobSize(padded - 1) !== size) {
      throw failed("no blob has this size");
    }
    this.#key = key.slice();
    this.#size = size;
    this.#unpadder = new Unpadder(padded);
    this.#hash = hashStream();
  }

  push(blob: Uint8Array): Uint8Array[] {
    assertBytes(blob, "blob");
    if (this.#closed) throw new TypeError("the blob is closed");
    try {
      this.#received += blob.length;
      if (this.#received > this.#size) throw failed("there is data behind the end of the blob");
      this.#hash.update(blob);
      return this.#open(blob);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  finish(): OpenedBlob {
    if (this.#closed) throw new TypeError("the blob is closed");
    try {
      if (this.#opened !== this.#size) throw failed("the blob is cut off");
      return { contentLength: this.#unpadder.contentLength(), hash: toHex32(this.#hash.digest()) };
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#closed = true;
    this.#stream?.close();
    this.#hash.close();
    wipe(this.#key);
  }

  #open(blob: Uint8Array): Uint8Array[] {
    const content: Uint8Array[] = [];
    let rest = blob;
    while (rest.length > 0) {
      const wanted = this.#stream === null ? START_BYTES : Math.min(CHUNK_BYTES + CHUNK_OVERHEAD, this.#size - this.#opened);
      const { taken, whole } = this.#collector.take(rest, wanted);
      rest = rest.subarray(taken);
      if (whole === null) break;
      this.#opened += whole.length;
      if (this.#stream === null) this.#stream = this.#begin(whole);
      else content.push(...this.#unpadder.push(this.#stream.pull(whole, this.#opened === this.#size ? FINAL : MESSAGE)));
    }
    return content;
  }

  #begin(start: Uint8Array): Stream {
    const header = start.subarray(HASH_BYTES);
    // Compared in constant time before anything is decrypted.
    if (!equalBytes(start.subarray(0, HASH_BYTES), commitmentTo(this.#key, header))) {
      throw new SmimpError("commitment_mismatch", "the blob is not sealed under this key");
    }
    return new Stream(this.#key, header);
  }
}

function failed(detail: string): SmimpError {
  return new SmimpError("decryption_failed", detail);
}
