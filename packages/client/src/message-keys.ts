import {
  addSeconds,
  fromB64,
  keyIdOf,
  MAX_EPHEMERAL_LIFE,
  MAX_NON_EPHEMERAL_LIFE,
  xWingPublicKey,
  signMessageKey,
  toB64,
  type Address,
  type Clock,
  type Hex32,
  type OwnMessageKey,
  type PublicKey,
  type RandomBytes,
  type SigningKey,
  type Statement,
  type Timestamp,
} from "@smimp/protocol";
import { dropEnded } from "./keystore/removed.ts";
import { documents } from "./storage/documents.ts";
import type { StorageReader, StorageWriter } from "./storage/storage.ts";

/** One of the owner's message keys. `seed` is null once the secret is destroyed; what used it stays known until it expires. */
export interface MessageKeyDocument {
  readonly seed: string | null;
  readonly kind: "ephemeral" | "non_ephemeral";
  readonly created_at: Timestamp;
  readonly expires_at: Timestamp;
  readonly signed_by: PublicKey;
  readonly used_by: Hex32 | null;
  /** What is to be published; null once the server has it, and where it never will. */
  readonly statement: Statement | null;
  /** What another client added in the keystore; it is kept (protocol section 8). */
  readonly extra?: Readonly<Record<string, unknown>>;
}

const keys = documents<MessageKeyDocument>("message-keys");
const swept = documents<{ readonly through: Timestamp }>("message-keys-swept");
const ONLY = "state";

/** A new key: its secret goes into the storage and the keystore, its statement to the server, in that order (protocol section 4). */
export interface NewKey {
  readonly keyId: Hex32;
  readonly document: MessageKeyDocument;
  readonly statement: Statement;
}

/** Who owns the keys, and what makes them. */
export interface KeyMaker {
  readonly address: Address;
  readonly master: SigningKey;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** Makes message keys with the longest lives that protocol section 4 allows. */
export function makeKeys({ address, master, clock, random }: KeyMaker, kind: MessageKeyDocument["kind"], count: number): readonly NewKey[] {
  const createdAt = clock();
  const expiresAt = addSeconds(createdAt, kind === "ephemeral" ? MAX_EPHEMERAL_LIFE : MAX_NON_EPHEMERAL_LIFE);
  return Array.from({ length: count }, () => {
    const seed = random(32);
    const statement = signMessageKey({ address, seed, kind, createdAt, expiresAt, master });
    const document = {
      seed: toB64(seed),
      kind,
      created_at: createdAt,
      expires_at: expiresAt,
      signed_by: master.publicKey,
      used_by: null,
      statement,
    };
    return { keyId: keyIdOf(xWingPublicKey(seed)), document, statement };
  });
}

/** Stores new keys, as part of a transaction. */
export function storeKeys(writer: StorageWriter, made: readonly Pick<NewKey, "keyId" | "document">[]): void {
  for (const { keyId, document } of made) keys.put(writer, keyId, document);
}

/** All keys, used ones too, by key id. */
export async function allKeys(reader: StorageReader): Promise<ReadonlyMap<Hex32, MessageKeyDocument>> {
  return new Map((await keys.list(reader)).map(({ key, document }) => [key as Hex32, document]));
}

/** Single-use keys that the server may give out: published, not used up, not expired, and not made void by another master key. */
export async function liveKeys(reader: StorageReader, master: PublicKey, now: Timestamp): Promise<readonly MessageKeyDocument[]> {
  return [...(await allKeys(reader)).values()].filter(
    ({ kind, seed, statement, expires_at, signed_by }) =>
      kind === "ephemeral" && seed !== null && statement === null && expires_at > now && signed_by === master,
  );
}

/** The keys that can open something, as `openEnvelope` wants them; just the one that is named, if there is one. */
export async function openingKey(reader: StorageReader, keyId: Hex32): Promise<ReadonlyMap<Hex32, OwnMessageKey>> {
  const found = await keys.get(reader, keyId);
  if (found === null || found.seed === null) return new Map();
  return new Map([[keyId, { kind: found.kind, seed: fromB64(found.seed), signedBy: found.signed_by, usedBy: found.used_by }]]);
}

/** The message that used a key, if one did; also after the secret is gone. */
export async function userOf(reader: StorageReader, keyId: Hex32): Promise<Hex32 | null> {
  return (await keys.get(reader, keyId))?.used_by ?? null;
}

/** Whether the secret of a key was here, and is destroyed. */
export async function wasDestroyed(reader: StorageReader, keyId: Hex32): Promise<boolean> {
  return (await keys.get(reader, keyId))?.seed === null;
}

/** Remembers that the server has these keys, as part of a transaction. */
export async function markPublished(writer: StorageWriter, keyIds: readonly Hex32[]): Promise<void> {
  for (const keyId of keyIds) {
    const found = await keys.get(writer, keyId);
    if (found !== null) keys.put(writer, keyId, { ...found, statement: null });
  }
}

/**
 * Gives up keys that another master key than the current one was to publish: no server takes them any more (protocol section 3).
 * Their secrets stay until they expire, since an answer may have been lost.
 */
export async function dropUnpublished(writer: StorageWriter, master: PublicKey): Promise<void> {
  for (const { key, document } of await keys.list(writer)) {
    if (document.statement !== null && document.signed_by !== master) keys.put(writer, key, { ...document, statement: null });
  }
}

/** Removes keys that were made for a master key which never came into force, secrets and all. */
export async function deleteKeysOf(writer: StorageWriter, master: PublicKey): Promise<void> {
  for (const { key, document } of await keys.list(writer)) if (document.signed_by === master) keys.delete(writer, key);
}

/** Remembers which message uses a single-use key. */
export async function markUsed(writer: StorageWriter, keyId: Hex32, messageId: Hex32): Promise<void> {
  const found = await keys.get(writer, keyId);
  if (found !== null && found.kind === "ephemeral") keys.put(writer, keyId, { ...found, used_by: messageId });
}

/** Destroys the secret of a key that another device has destroyed; what used it stays known. */
export async function destroyKey(writer: StorageWriter, keyId: Hex32): Promise<void> {
  const found = await keys.get(writer, keyId);
  if (found !== null && found.seed !== null) keys.put(writer, keyId, { ...found, seed: null, statement: null });
}

/** Destroys the secret of a single-use key, once its message is archived (protocol section 4). */
export async function destroySecret(writer: StorageWriter, keyId: Hex32): Promise<boolean> {
  const found = await keys.get(writer, keyId);
  if (found === null || found.kind !== "ephemeral" || found.seed === null) return false;
  keys.put(writer, keyId, { ...found, seed: null });
  return true;
}

/**
 * Forgets keys that had expired when a sync began which left no message sealed to them (protocol section 4); from then on they are
 * not taken over from other devices either. `waiting` are keys of messages that are not opened yet. Returns whether any went.
 */
export async function forgetExpired(writer: StorageWriter, syncBegan: Timestamp, waiting: ReadonlySet<Hex32>): Promise<boolean> {
  const expired = (await keys.list(writer)).filter(({ key, document }) => document.expires_at <= syncBegan && !waiting.has(key as Hex32));
  for (const { key } of expired) keys.delete(writer, key);
  const before = await sweptThrough(writer);
  if (before === null || before < syncBegan) swept.put(writer, ONLY, { through: syncBegan });
  await dropEnded(writer, syncBegan);
  return expired.length > 0;
}

/** The time up to which expired keys were forgotten here; null before the first sync. */
export async function sweptThrough(reader: StorageReader): Promise<Timestamp | null> {
  return (await swept.get(reader, ONLY))?.through ?? null;
}
