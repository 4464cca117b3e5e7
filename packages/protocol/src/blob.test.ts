import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { CHUNK_BYTES, createBlobOpener, createBlobSealer, openBlob, sealBlob, sealedBlobSize } from "./blob.ts";
import { concat, hash, keyedHash, randomBytes, toHex32, utf8 } from "./bytes.ts";
import { paddedLength } from "./padding.ts";
import { isSmimpError, type ProblemCode } from "./problem.ts";
import { rawSodium } from "./sodium-memory.ts";
import { sodium } from "./sodium.ts";

const key = randomBytes(32);
const header = randomBytes(24);
const START_BYTES = 56;
const SEALED_CHUNK_BYTES = CHUNK_BYTES + 17;

/** Cuts bytes into pieces of these sizes, over and over; 0 gives an empty piece. */
function pieces(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let at = 0, next = 0; at < bytes.length; next++) {
    const size = sizes[next % sizes.length] ?? bytes.length;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}

function sealed(content: Uint8Array, sizes: readonly number[] = [50_000]): Uint8Array {
  const sealer = createBlobSealer(key, content.length, header);
  const parts = pieces(content, sizes).flatMap((piece) => sealer.push(piece));
  const blob = concat(...parts, ...sealer.finish());
  expect(sealer.reference()).toEqual({ hash: toHex32(hash(blob)), size: blob.length });
  return blob;
}

/** What was given out before the end or a refusal, and which refusal. */
function opened(blob: Uint8Array, sizes: readonly number[] = [50_000], size = blob.length) {
  const given: Uint8Array[] = [];
  let contentLength: number | null = null;
  const code = codeOf(() => {
    const opener = createBlobOpener(key, size);
    for (const piece of pieces(blob, sizes)) given.push(...opener.push(piece));
    ({ contentLength } = opener.finish());
  });
  return { content: concat(...given), contentLength, code };
}

/** Any content, often one that ends like padding, around the chunks' borders. */
const contents = fc
  .tuple(
    fc.oneof(fc.nat(600), fc.integer({ min: CHUNK_BYTES - 300, max: CHUNK_BYTES + 300 }), fc.nat(3 * CHUNK_BYTES)),
    fc.constantFrom(0, 0x80, 0xff),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(0x80, 1)), { maxLength: 3 }),
  )
  .map(([length, fill, marks]) => {
    const content = new Uint8Array(length).fill(fill);
    for (const [at, mark] of marks) if (length > 0) content[at % length] = mark;
    return content;
  });
const sizes = fc
  .array(fc.oneof(fc.nat(100_000), fc.constantFrom(0, 56, 57, CHUNK_BYTES, SEALED_CHUNK_BYTES)), { minLength: 1, maxLength: 4 })
  .filter((all) => all.some((size) => size > 500));

describe("blobs", () => {
  it("open to what was sealed, however both are cut", () => {
    fc.assert(
      fc.property(contents, sizes, sizes, (content, sealing, opening) => {
        const blob = sealed(content, sealing);
        expect(blob.length).toBe(sealedBlobSize(content.length));
        const result = opened(blob, opening);
        expect(result.code).toBeNull();
        expect(result.contentLength).toBe(content.length);
        expect(Buffer.compare(result.content, content)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("open byte by byte", () => {
    const content = new Uint8Array(300).fill(0x80);
    expect(opened(sealed(content, [1]), [1])).toEqual({ content, contentLength: 300, code: null });
  });

  it("give out nothing of a chunk in which a bit was changed, nor of any behind it", () => {
    const content = randomBytes(200_000);
    const blob = sealed(content);
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const changed = Uint8Array.from(blob);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const { code, content: given } = opened(changed);
        expect(code).toBe(at < START_BYTES ? "commitment_mismatch" : "decryption_failed");
        const chunk = Math.max(0, Math.floor((at - START_BYTES) / SEALED_CHUNK_BYTES));
        expect(Buffer.compare(given, content.subarray(0, chunk * CHUNK_BYTES))).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it("are refused when cut off anywhere, though the size is as announced", () => {
    const content = randomBytes(140_000);
    const blob = sealed(content);
    for (const length of [0, 55, 56, 57, START_BYTES + SEALED_CHUNK_BYTES, START_BYTES + 2 * SEALED_CHUNK_BYTES, blob.length - 1]) {
      expect(opened(blob.subarray(0, length), [50_000], blob.length).code).toBe("decryption_failed");
    }
  });

  it("are refused with a byte behind the end, or of a size that no blob has", () => {
    const blob = sealed(randomBytes(1_000));
    expect(opened(concat(blob, 0), [50_000], blob.length).code).toBe("decryption_failed");
    for (const size of [0, START_BYTES, START_BYTES + 17, blob.length - 1, blob.length + 1]) {
      expect(opened(blob, [50_000], size).code).toBe("decryption_failed");
    }
  });

  it("hold what another sender tags or pads otherwise to be no blob", () => {
    const { TAG_MESSAGE, TAG_FINAL, TAG_PUSH } = tags;
    const whole = new Uint8Array(CHUNK_BYTES).fill(1);
    const last = new Uint8Array(CHUNK_BYTES);
    last[0] = 0x80;
    const two: readonly [Uint8Array, number][] = [
      [whole, TAG_MESSAGE],
      [last, TAG_FINAL],
    ];
    // 65,536 bytes of content pad to 67,584, so these two chunks are padded too long; the same framing, rightly padded, opens.
    expect(opened(handmade(two)).code).toBe("decryption_failed");
    const right = last.subarray(0, paddedLength(CHUNK_BYTES) - CHUNK_BYTES);
    expect(
      opened(
        handmade([
          [whole, TAG_MESSAGE],
          [right, TAG_FINAL],
        ]),
      ).code,
    ).toBeNull();
    expect(
      opened(
        handmade([
          [whole, TAG_FINAL],
          [right, TAG_FINAL],
        ]),
      ).code,
    ).toBe("decryption_failed");
    expect(
      opened(
        handmade([
          [whole, TAG_PUSH],
          [right, TAG_FINAL],
        ]),
      ).code,
    ).toBe("decryption_failed");
    expect(
      opened(
        handmade([
          [whole, TAG_MESSAGE],
          [right, TAG_MESSAGE],
        ]),
      ).code,
    ).toBe("decryption_failed");
  });

  it("seal exactly the length that was announced", () => {
    expect(() => createBlobSealer(key, 3, header).push(new Uint8Array(4))).toThrow(TypeError);
    expect(() => createBlobSealer(key, 3, header).finish()).toThrow(TypeError);
    expect(() => createBlobSealer(key, 3, header).reference()).toThrow(TypeError);
    const exact = createBlobSealer(key, 3, header);
    exact.push(new Uint8Array(2));
    expect(() => exact.finish()).toThrow(TypeError);
    exact.push(new Uint8Array(1));
    expect(() => exact.push(new Uint8Array(1))).toThrow(TypeError);
  });

  it("are finished once", () => {
    const sealer = createBlobSealer(key, 0, header);
    sealer.finish();
    expect(() => sealer.finish()).toThrow(TypeError);
    const closed = createBlobSealer(key, 0, header);
    closed.close();
    expect(() => closed.finish()).toThrow(TypeError);
  });

  it("take keys of 32 bytes, headers of 24, and sizes that are some", () => {
    for (const length of [0, 31, 33]) {
      expect(() => createBlobSealer(new Uint8Array(length), 1, header)).toThrow(TypeError);
      expect(() => createBlobOpener(new Uint8Array(length), sealedBlobSize(1))).toThrow(TypeError);
    }
    for (const length of [0, 23, 25]) expect(() => createBlobSealer(key, 1, new Uint8Array(length))).toThrow(TypeError);
    for (const size of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => createBlobOpener(key, size)).toThrow(TypeError);
      expect(() => createBlobSealer(key, size, header)).toThrow(TypeError);
    }
    expect(() => createBlobSealer(key, 1, header).push("x" as never)).toThrow(TypeError);
    expect(() => createBlobOpener(key, sealedBlobSize(1)).push("x" as never)).toThrow(TypeError);
  });

  it("keep their key, whatever becomes of the caller's", () => {
    const mine = Uint8Array.from(key);
    const blob = sealed(Uint8Array.of(1, 2, 3));
    const opener = createBlobOpener(mine, blob.length);
    mine.fill(0);
    expect(concat(...opener.push(blob))).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("leave the caller's key as it is", () => {
    const mine = Uint8Array.from(key);
    createBlobOpener(mine, sealedBlobSize(1)).close();
    createBlobSealer(mine, 1, header).close();
    expect(mine).toEqual(key);
  });

  it("give back all that they took of libsodium's memory, whichever way they end", async () => {
    const content = randomBytes(180_000);
    const blob = sealed(content);
    const reference = { hash: toHex32(hash(blob)), size: blob.length };
    const ends: readonly (() => unknown)[] = [
      () => createBlobSealer(key, 10, header).close(),
      () => sealed(content),
      () => opened(blob),
      () => opened(blob.subarray(0, 100_000), [50_000], blob.length),
      () => opened(blob.with(70_000, (blob[70_000] ?? 0) ^ 1)),
      async () => await abandoned(sealBlob(key, pieces(content, [7_000]), content.length, randomBytes)),
      async () => await abandoned(openBlob(key, pieces(blob, [7_000]), reference)),
      async () => await refusal(collect(openBlob(key, [blob.subarray(0, 100_000)], reference))),
    ];
    // One after the other: what each leaves behind is its own.
    // oxlint-disable-next-line no-await-in-loop
    for (const [at, end] of ends.entries()) expect([at, await keptBy(end)]).toEqual([at, 0]);
  });

  it("are closed after an error, and may be closed twice", () => {
    const blob = sealed(randomBytes(10));
    const opener = createBlobOpener(randomBytes(32), blob.length);
    expect(codeOf(() => opener.push(blob))).toBe("commitment_mismatch");
    expect(() => opener.push(blob)).toThrow(TypeError);
    opener.close();
    opener.close();
    expect(() => opener.finish()).toThrow(TypeError);
  });

  it("leave no memory behind, finished or not", () => {
    const content = randomBytes(100);
    const blob = sealed(content);
    const round = (): void => {
      createBlobSealer(key, content.length, header).close();
      createBlobOpener(key, blob.length).close();
      expect(opened(blob).code).toBeNull();
      expect(opened(blob.subarray(0, 60), [50_000], blob.length).code).toBe("decryption_failed");
      sealed(content);
    };
    round();
    const before = heapBytes();
    for (let count = 0; count < 1_000; count++) round();
    // Enough that a state of 52 bytes would outgrow the memory there is, were it left behind.
    for (let count = 0; count < 200_000; count++) createBlobSealer(key, 10, header).close();
    expect(heapBytes()).toBe(before);
  });
});

describe("sealBlob and openBlob", () => {
  it("stream from one into the other", async () => {
    const content = randomBytes(180_000);
    const parts: Uint8Array[] = [];
    const sealing = sealBlob(key, pieces(content, [7_000]), content.length, randomBytes);
    let step = await sealing.next();
    for (; step.done !== true; step = await sealing.next()) parts.push(step.value);
    const reference = step.value;
    expect(reference.hash).toBe(toHex32(hash(concat(...parts))));
    expect(await collect(openBlob(key, parts, reference))).toEqual(content);
    expect(await refusal(collect(openBlob(key, parts, { ...reference, hash: toHex32(randomBytes(32)) })))).toBe("decryption_failed");
    expect(await refusal(collect(openBlob(randomBytes(32), parts, reference)))).toBe("commitment_mismatch");
    expect(await refusal(collect(openBlob(key, parts.slice(0, -1), reference)))).toBe("decryption_failed");
  });
});

const tags = {
  TAG_MESSAGE: sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE,
  TAG_PUSH: sodium.crypto_secretstream_xchacha20poly1305_TAG_PUSH,
  TAG_FINAL: sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL,
};

/** A blob from chunks that a faulty or hostile sender may make: the key is its own. */
function handmade(chunks: readonly (readonly [Uint8Array, number])[]): Uint8Array {
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, keyedHash(key, utf8("smimp/1.0 blob stream")));
  const body = chunks.map(([chunk, tag]) => sodium.crypto_secretstream_xchacha20poly1305_push(state, chunk, null, tag));
  return concat(keyedHash(key, concat(utf8("smimp/1.0 blob"), 0, header)), header, ...body);
}

/** Takes the first piece of a stream and no more. */
async function abandoned(stream: AsyncGenerator<Uint8Array, unknown>): Promise<void> {
  expect((await stream.next()).done).toBe(false);
  await stream.return(undefined);
}

/** Places in libsodium's memory that something took and did not give back. */
async function keptBy(action: () => unknown): Promise<number> {
  const { _malloc: malloc, _free: free } = rawSodium;
  const kept = new Set<number>();
  Object.assign(rawSodium, {
    _malloc: (bytes: number) => {
      const address = malloc(bytes);
      kept.add(address);
      return address;
    },
    _free: (address: number) => {
      kept.delete(address);
      free(address);
    },
  });
  try {
    await action();
  } finally {
    Object.assign(rawSodium, { _malloc: malloc, _free: free });
  }
  return kept.size;
}

function heapBytes(): number {
  return (sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium.HEAPU8.length;
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return concat(...parts);
}

async function refusal(promise: Promise<unknown>): Promise<ProblemCode | null> {
  try {
    await promise;
    return null;
  } catch (error) {
    if (isSmimpError(error)) return error.code;
    throw error;
  }
}
