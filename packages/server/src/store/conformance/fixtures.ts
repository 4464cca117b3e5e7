import {
  hash,
  parseAddress,
  parseMessageType,
  parseTimestamp,
  toB64,
  toHex32,
  utf8,
  type Address,
  type Hex32,
  type PublicKey,
  type Timestamp,
} from "@smimp/protocol";
import type { NewRecord } from "../accounts.ts";
import type { BlobFile } from "../blob-files.ts";
import type { MessageKeyRow } from "../message-keys.ts";
import type { NewMessage } from "../messages.ts";
import type { Store } from "../store.ts";

/** One demand on any store: `run` throws where it is not met. Each is given an empty store of its own. */
export interface Case {
  readonly name: string;
  readonly run: (store: Store) => Promise<void>;
}

/** When the cases take place. */
export const NOW: Timestamp = parseTimestamp("2026-11-23T10:00:00Z");
/** People of the cases. */
export const ALICE: Address = parseAddress("alice#alpha.example");
export const BOB: Address = parseAddress("bob#alpha.example");
export const STRANGER: Address = parseAddress("stranger#beta.example");
/** The type of the cases' messages. */
export const EMAIL = parseMessageType("email");

/** 32 bytes that a name stands for. */
export function idOf(name: string): Hex32 {
  return toHex32(hash(utf8(name)));
}

/** A public key that a name stands for; the store looks at keys only as names. */
export function keyOf(name: string): PublicKey {
  return toB64(hash(utf8(name))) as PublicKey;
}

/** A record as the store sees one: text, link, keys. */
export function recordOf(name: string, sequence = 0, keys: { readonly master?: string; readonly recovery?: string } = {}): NewRecord {
  return {
    statement: { data: `record ${name}`, signature: keyOf(`signature ${name}`), recovery_signature: keyOf(`recovery signature ${name}`) },
    head: {
      sequence,
      link: idOf(`link ${name}`),
      publicKey: keyOf(keys.master ?? `master ${name}`),
      recoveryKey: keyOf(keys.recovery ?? `recovery ${name}`),
    },
    signedBy: "master",
    acceptedAt: NOW,
  };
}

/** Creates an account. */
export async function addAccount(store: Store, address: Address): Promise<void> {
  const account = { address, record: recordOf(address), profile: `profile of ${address}`, listKey: new Uint8Array(32).fill(7) };
  await store.transact((writer) => writer.accounts.create(account));
}

/** A message key as the store sees one. */
export function messageKeyOf(name: string, expiresAt: Timestamp): MessageKeyRow {
  return { keyId: idOf(`key ${name}`), statement: { data: `message key ${name}`, signature: keyOf(`signature ${name}`) }, expiresAt };
}

/** A message as the store sees one. */
export function messageOf(name: string, over: Partial<NewMessage> = {}): NewMessage {
  return {
    recipient: ALICE,
    messageId: idOf(`message ${name}`),
    envelope: { data: `{"envelope":"${name}"}`, signature: keyOf(`envelope ${name}`) },
    from: STRANGER,
    messageType: EMAIL,
    receivedAt: NOW,
    receivedVia: "smimp_client",
    work: null,
    ticket: idOf(`ticket ${name}`),
    blobs: [],
    ...over,
  };
}

/** The bytes, in pieces of a few. */
export async function* pieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) {
    await Promise.resolve();
    yield bytes.subarray(offset, offset + size);
  }
}

/** Reads a stream whole. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

/** What the cases' blobs hold, and its hash. */
export const CONTENT = new Uint8Array(70_000).map((_, index) => index % 251);
export const HASH: Hex32 = toHex32(hash(CONTENT));

/** Uploads it for Alice under a ticket. */
export async function upload(store: Store, ticket: string): Promise<{ readonly file: BlobFile; readonly isNew: boolean }> {
  const { file, size } = await store.blobs.receive(pieces(CONTENT), { hash: HASH, maxBytes: CONTENT.length });
  const row = { ticket: idOf(`ticket ${ticket}`), sender: STRANGER, recipient: ALICE, hash: HASH, size, file, uploadedAt: NOW };
  return { file, isNew: await store.transact((writer) => writer.blobs.addUpload(row)) };
}

/** Whether a file is in the folder. */
export async function isThere(store: Store, file: BlobFile): Promise<boolean> {
  return (await readBytes(store, file, { start: 0, end: 0 })) !== null;
}

/** The bytes of a file, or a part of them; null where there is none. */
export async function readBytes(
  store: Store,
  file: BlobFile,
  range?: { readonly start: number; readonly end: number },
): Promise<Uint8Array | null> {
  const stream = await store.blobs.read(file, range);
  return stream === null ? null : await readAll(stream);
}

/** For `assert.rejects`: a SmimpError of that code. */
export function code(expected: string): { readonly code: string } {
  return { code: expected };
}
