import { documents } from "../storage/documents.ts";
import type { Storage } from "../storage/storage.ts";
import { breath } from "./breath.ts";
import { listUnsaved, markSaved } from "./journal.ts";
import type { ImageChunk, IndexImage, StoredImage } from "./model.ts";

/** A chunk and where it stands. */
interface StoredChunk extends ImageChunk {
  readonly key: string;
}

/** What an image is made of. */
interface Header {
  readonly format: string;
  /** Messages in it. */
  readonly messages: number;
  /** Counts images, so that each has keys of its own. */
  readonly generation: number;
  readonly chunks: readonly StoredChunk[];
}

const headers = documents<Header>("search-index");
/** Keys of chunks that belong to no image: not yet, or no more. A program that ends in between leaves them behind. */
const leftovers = documents<{ readonly keys: readonly string[] }>("search-leftovers");
const CHUNKS = "search-chunks";
/** Key of the one image, and of its leftovers. */
const ONLY = "image";

/** Chunks that are stored in one transaction: sealing and writing them holds the event loop. */
const CHUNKS_AT_ONCE = 2;

/** Notes that are taken away in one transaction. */
const NOTES_AT_ONCE = 500;

/** What is told of a stored image. */
export type ImageFacts = Pick<Header, "format" | "messages">;

/** What is told of the stored image; null where there is none. */
export async function imageFacts(storage: Storage): Promise<ImageFacts | null> {
  return await headers.get(storage, ONLY);
}

/** The stored image; null where there is none. Its chunks throw TypeError where one is missing. */
export async function storedImage(storage: Storage): Promise<StoredImage | null> {
  const header = await headers.get(storage, ONLY);
  if (header === null || header.chunks.length === 0) return null;
  return { size: header.chunks.reduce((sum, { size }) => sum + size, 0), chunks: () => read(storage, header) };
}

async function* read(storage: Storage, { chunks }: Header): AsyncGenerator<Uint8Array> {
  for (const { key, size } of chunks) {
    const value = await storage.get(CHUNKS, key);
    if (value === null || value.length !== size) throw new TypeError("a chunk of the search index is missing");
    yield value;
  }
}

/**
 * Stores an image in place of the one before, chunk by chunk; what has not changed stays. Until the last step the old one counts.
 * Everything that was noted as seen is noted as saved: no index may see anything in the meantime.
 */
export async function storeImage(storage: Storage, image: IndexImage, facts: ImageFacts): Promise<void> {
  await removeLeftovers(storage);
  const before = await headers.get(storage, ONLY);
  const seen = await listUnsaved(storage);
  const generation = (before?.generation ?? 0) + 1;
  const known = new Map((before?.chunks ?? []).map((chunk) => [chunk.hash, chunk]));
  const chunks = image.chunks.map((chunk, index): StoredChunk => known.get(chunk.hash) ?? { ...chunk, key: `${generation}-${index}` });
  const fresh = [...chunks.entries()].filter(([, { hash }]) => !known.has(hash));
  await storage.transact(async (writer) => leftovers.put(writer, ONLY, { keys: fresh.map(([, { key }]) => key) }));
  for (let at = 0; at < fresh.length; at += CHUNKS_AT_ONCE) {
    const values = await Promise.all(
      fresh.slice(at, at + CHUNKS_AT_ONCE).map(async ([index, { key }]) => ({ key, value: await image.chunk(index) })),
    );
    await storage.transact(async (writer) => {
      for (const { key, value } of values) writer.put(CHUNKS, key, value);
    });
    await breath();
  }
  const used = new Set(chunks.map(({ key }) => key));
  const unused = (before?.chunks ?? []).map(({ key }) => key).filter((key) => !used.has(key));
  await storage.transact(async (writer) => {
    headers.put(writer, ONLY, { ...facts, generation, chunks });
    leftovers.put(writer, ONLY, { keys: unused });
  });
  // What is still noted when the program ends is only taken in once more.
  for (let at = 0; at < seen.length; at += NOTES_AT_ONCE) {
    await storage.transact(async (writer) => markSaved(writer, seen.slice(at, at + NOTES_AT_ONCE)));
    await breath();
  }
  await removeLeftovers(storage);
}

/** Takes the stored image away. */
export async function removeImage(storage: Storage): Promise<void> {
  await removeLeftovers(storage);
  const header = await headers.get(storage, ONLY);
  if (header === null) return;
  await storage.transact(async (writer) => {
    headers.delete(writer, ONLY);
    leftovers.put(writer, ONLY, { keys: header.chunks.map(({ key }) => key) });
  });
  await removeLeftovers(storage);
}

async function removeLeftovers(storage: Storage): Promise<void> {
  const left = await leftovers.get(storage, ONLY);
  if (left === null) return;
  await storage.transact(async (writer) => {
    for (const key of left.keys) writer.delete(CHUNKS, key);
    leftovers.delete(writer, ONLY);
  });
}
