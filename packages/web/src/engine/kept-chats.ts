import type { Storage } from "@smimp/client";
import { fromUtf8, utf8, type Address } from "@smimp/protocol";
import type { AttachedFile } from "./desk.ts";

// What was begun to be written in conversations, sealed in the mailbox's storage: a locked mailbox has it, and its page doesn't.

/** What stands in the field of a conversation. */
export interface KeptChat {
  readonly people: readonly Address[];
  readonly text: string;
  readonly files: readonly AttachedFile[];
}

/** Collections of the web client's own in the storage. */
const TEXTS = "web-chats";
const FILES = "web-chat-files";
const ALL = "all";
/** Bytes of a file that stand under one key. */
const PIECE = 256 * 1024;

/** Keeps these, in place of what was kept before. The texts come first: whatever ends in between, they are there. */
export async function keepChats(storage: Storage, chats: readonly KeptChat[]): Promise<void> {
  const documents = chats.map(({ people, text, files }) => ({ people, text, files: files.map((file) => ({ ...file, content: null })) }));
  await storage.transact(async (writer) => {
    if (documents.length === 0) writer.delete(TEXTS, ALL);
    else writer.put(TEXTS, ALL, utf8(JSON.stringify(documents)));
    await Promise.resolve();
  });
  const files = chats.flatMap((chat) => chat.files);
  const wanted = new Set(files.map(({ key }) => key));
  const there = await storage.keys(FILES);
  await storage.transact(async (writer) => {
    for (const key of there) if (!wanted.has(key.slice(0, key.indexOf("/")))) writer.delete(FILES, key);
    await Promise.resolve();
  });
  for (const { key, content } of files) {
    // oxlint-disable-next-line no-await-in-loop -- one file after the other
    if (content instanceof Blob && !there.includes(pieceOf(key, lastOf(content.size)))) await keepFile(storage, key, content);
  }
}

/** What was kept. A file that is not whole is left out. */
export async function keptChats(storage: Storage): Promise<readonly KeptChat[]> {
  const bytes = await storage.get(TEXTS, ALL);
  if (bytes === null) return [];
  const documents = JSON.parse(fromUtf8(bytes)) as readonly KeptChat[];
  return await Promise.all(
    documents.map(async ({ people, text, files }) => {
      const whole = await Promise.all(files.map(async (file) => ({ ...file, content: await keptFile(storage, file) })));
      return { people, text, files: whole.filter(({ content }) => content !== null) };
    }),
  );
}

async function keepFile(storage: Storage, key: string, content: Blob): Promise<void> {
  for (let at = 0; at < content.size; at += PIECE) {
    // oxlint-disable-next-line no-await-in-loop -- a file may be larger than memory
    const bytes = new Uint8Array(await content.slice(at, at + PIECE).arrayBuffer());
    // oxlint-disable-next-line no-await-in-loop
    await storage.transact(async (writer) => await Promise.resolve(writer.put(FILES, pieceOf(key, at / PIECE), bytes)));
  }
}

async function keptFile(storage: Storage, { key, mediaType, size }: AttachedFile): Promise<Blob | null> {
  const pieces: Blob[] = [];
  for (let at = 0; at * PIECE < size; at++) {
    // oxlint-disable-next-line no-await-in-loop
    const bytes = await storage.get(FILES, pieceOf(key, at));
    if (bytes === null) return null;
    pieces.push(new Blob([Uint8Array.from(bytes)]));
  }
  return new Blob(pieces, { type: mediaType });
}

function pieceOf(key: string, index: number): string {
  return `${key}/${String(index).padStart(8, "0")}`;
}

function lastOf(size: number): number {
  return Math.max(0, Math.ceil(size / PIECE) - 1);
}
