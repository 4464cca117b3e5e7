import * as v from "valibot";
import { fromB64, fromUtf8, hash, toHex, utf8 } from "./bytes.ts";
import { parseJson } from "./json.ts";
import { MAX_KEYSTORE_BYTES } from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { b64, hex32, normalAddress, parseShape, publicKey, sequence, timestamp } from "./schema.ts";
import { parseTimestamp, type Timestamp } from "./time.ts";
import { unlessRefused } from "./unless-refused.ts";
import { X_WING_PUBLIC_KEY_BYTES, X_WING_SEED_BYTES, xWingPublicKey } from "./x-wing.ts";

// The text of a keystore, protocol section 8. Every object is loose: what another client added is kept.

/** Devices of one owner, and characters of a device's name. */
export const MAX_DEVICES = 32;
export const MAX_DEVICE_NAME_LENGTH = 100;
/** Things of one sort that a keystore holds at the most; its bytes are bounded too. */
const MAX_ENTRIES = 50_000;

const seed = b64(32);

/** The secret of one of the owner's message keys. */
export const keystoreMessageKey = v.looseObject({
  /** X-Wing secret. */
  seed,
  kind: v.picklist(["ephemeral", "non_ephemeral"]),
  expires_at: timestamp,
  /** The master key that signed the message key. */
  signed_by: publicKey,
  /** The message that it opened, or null. */
  used_by: v.nullable(hex32),
});
/** The secret of one of the owner's message keys. */
export type KeystoreMessageKey = v.InferOutput<typeof keystoreMessageKey>;

/** An archive key and its month, e.g. `2026-11`. */
export const keystoreArchiveKey = v.looseObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  key: b64(32),
  month: v.pipe(v.string(), v.regex(/^[0-9]{4}-(?:0[1-9]|1[0-2])$/)),
  /** Nothing is sealed with it any more: a device that was removed holds it. */
  closed: v.optional(v.boolean()),
});
/** An archive key and its month. */
export type KeystoreArchiveKey = v.InferOutput<typeof keystoreArchiveKey>;

/** What is pinned of somebody's history (protocol section 3). */
export const keystorePin = v.looseObject({
  address: normalAddress,
  first_link: hex32,
  link: hex32,
  sequence,
  public_key: publicKey,
  /** The chain's `keyLink` where the pin stands, so that a device without the history knows the safety number. */
  key_link: v.optional(hex32),
  /** The `keyLink` whose safety number was compared, or null where the mark was taken away; and when. */
  verified: v.optional(v.looseObject({ key_link: v.nullable(hex32), at: timestamp })),
});
/** What is pinned of somebody's history. */
export type KeystorePin = v.InferOutput<typeof keystorePin>;

/** One of the owner's devices. Its X-Wing secret never leaves it (protocol section 8: hand-over). */
export const keystoreDevice = v.looseObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  name: v.pipe(v.string(), v.maxLength(MAX_DEVICE_NAME_LENGTH)),
  public_key: b64(X_WING_PUBLIC_KEY_BYTES),
  added_at: timestamp,
  /** When it was given this name, where it had another before. */
  named_at: v.optional(timestamp),
});
/** One of the owner's devices. */
export type KeystoreDevice = v.InferOutput<typeof keystoreDevice>;

/** A setting that all devices share; the later one counts. */
export const sharedSetting = v.looseObject({ value: v.unknown(), at: timestamp });
/** A setting that all devices share. */
export type SharedSetting = v.InferOutput<typeof sharedSetting>;

const list = <Schema extends v.GenericSchema>(schema: Schema) => v.pipe(v.array(schema), v.maxLength(MAX_ENTRIES));

/** The members of a keystore's text (protocol section 8). */
export const keystoreDocument = v.looseObject({
  master_seed: seed,
  /** A master key that is about to be set: until the chain names it, nobody knows which of the two counts. */
  next_master_seed: v.optional(seed),
  message_keys: list(keystoreMessageKey),
  archive_keys: list(keystoreArchiveKey),
  pins: list(keystorePin),
  devices: v.optional(v.pipe(v.array(keystoreDevice), v.maxLength(MAX_DEVICES))),
  settings: v.looseObject({
    /** Public X-Wing key of the recovery phrase, which every version's key is sealed to; devices don't keep the phrase. */
    phrase_key: v.optional(b64(X_WING_PUBLIC_KEY_BYTES)),
    shared: v.optional(v.record(v.pipe(v.string(), v.maxLength(100)), sharedSetting)),
  }),
  /** Names of entries that were removed on some device, so that no other device's copy brings them back; see `tombstoneOf`. */
  tombstones: list(v.pipe(v.string(), v.maxLength(400))),
});

/** The text of a keystore (protocol section 8), unknown members included. */
export type KeystoreDocument = v.InferOutput<typeof keystoreDocument>;

/** Parses the text of a keystore; unknown members are kept. Throws `too_large` or `bad_request`. */
export function parseKeystoreDocument(text: Uint8Array): KeystoreDocument {
  if (text.length > MAX_KEYSTORE_BYTES) throw new SmimpError("too_large", "the keystore is too large");
  return parseShape(keystoreDocument, parseJson(fromUtf8(text)));
}

/** The text of a keystore, which `parseKeystoreDocument` reads for certain. Throws `too_large` or `bad_request`. */
export function encodeKeystoreDocument(document: KeystoreDocument): Uint8Array {
  const text = utf8(JSON.stringify(document));
  parseKeystoreDocument(text);
  return text;
}

/**
 * The union of two devices' entries, minus what either removed (protocol section 8: after 412). What both hold is taken
 * from `mine`, but a message key that either used is used, an archive key that either closed is closed, the pin with the
 * longer history counts, and of a shared setting and of the mark of a verified contact the later one.
 */
export function mergeKeystoreDocuments(mine: KeystoreDocument, theirs: KeystoreDocument): KeystoreDocument {
  const tombstones = mergeTombstones(mine.tombstones, theirs.tombstones);
  const removed = new Set(tombstones.map((text) => parseTombstone(text).name));
  return {
    ...theirs,
    ...mine,
    settings: { ...theirs.settings, ...mine.settings, ...mergeShared(mine.settings.shared, theirs.settings.shared) },
    message_keys: union(mine.message_keys, theirs.message_keys, messageKeyName, removed, (a, b) => ({
      ...b,
      ...a,
      used_by: a.used_by ?? b.used_by,
    })),
    archive_keys: union(mine.archive_keys, theirs.archive_keys, archiveKeyName, removed, mergeArchiveKeys),
    pins: union(mine.pins, theirs.pins, pinName, removed, mergePins),
    ...mergeDevices(mine.devices, theirs.devices, removed),
    tombstones,
  };
}

/** The name under which a message key is remembered once it is removed: its key id, since its secret must be gone. */
export function messageKeyName(key: Pick<KeystoreMessageKey, "seed">): string {
  return `message-key:${toHex(hash(xWingPublicKey(fromB64(key.seed, X_WING_SEED_BYTES))))}`;
}

/** The name under which an archive key is remembered once it is removed. */
export function archiveKeyName(key: Pick<KeystoreArchiveKey, "id">): string {
  return `archive-key:${key.id}`;
}

/** The name under which a pin is remembered once it is removed. */
export function pinName(pin: Pick<KeystorePin, "address">): string {
  return `pin:${pin.address}`;
}

/** The name under which a device is remembered once it is removed. */
export function deviceName(device: Pick<KeystoreDevice, "id">): string {
  return `device:${device.id}`;
}

/** What remembers that an entry was removed. */
export interface Tombstone {
  /** What `messageKeyName` and the like give. */
  readonly name: string;
  /** When it is needed no more: the expiry of a message key; null for what may come back at any time. */
  readonly until: Timestamp | null;
}

/** The text of a tombstone (protocol section 8): the entry's name, and of a message key the expiry behind a space. */
export function tombstoneOf({ name, until }: Tombstone): string {
  return until === null ? name : `${name} ${until}`;
}

/** Reads a tombstone; one whose second half is no time stands for ever. */
export function parseTombstone(text: string): Tombstone {
  const [, name, until] = /^(message-key:[0-9a-f]{64}) ([^ ]{20})$/.exec(text) ?? [];
  if (name === undefined) return { name: text, until: null };
  return unlessRefused<Tombstone, Tombstone>(
    () => ({ name, until: parseTimestamp(until) }),
    () => ({ name, until: null }),
  );
}

/** One for each name, with the later end: a text without one was written by a client that didn't know the expiry. */
function mergeTombstones(mine: readonly string[], theirs: readonly string[]): string[] {
  const ends = new Map<string, Timestamp | null>();
  for (const text of [...theirs, ...mine]) {
    const { name, until } = parseTombstone(text);
    const before = ends.get(name) ?? null;
    ends.set(name, before !== null && (until === null || until < before) ? before : until);
  }
  return [...ends].map(([name, until]) => tombstoneOf({ name, until }));
}

function mergeArchiveKeys(mine: KeystoreArchiveKey, theirs: KeystoreArchiveKey): KeystoreArchiveKey {
  const merged = { ...theirs, ...mine };
  return mine.closed === true || theirs.closed === true ? { ...merged, closed: true } : merged;
}

function mergePins(mine: KeystorePin, theirs: KeystorePin): KeystorePin {
  const [longer, other] = theirs.sequence > mine.sequence ? [theirs, mine] : [mine, theirs];
  // What key_link says goes with the link.
  const { key_link: keyLink, ...rest } = other;
  const merged = { ...rest, ...(keyLink !== undefined && longer.link === other.link ? { key_link: keyLink } : {}), ...longer };
  const verified = laterOf(mine.verified, theirs.verified);
  return verified === undefined ? merged : { ...merged, verified };
}

function mergeDevices(
  mine: readonly KeystoreDevice[] | undefined,
  theirs: readonly KeystoreDevice[] | undefined,
  removed: ReadonlySet<string>,
): Pick<KeystoreDocument, "devices"> {
  if (mine === undefined && theirs === undefined) return {};
  return { devices: union(mine ?? [], theirs ?? [], deviceName, removed, mergeDevice) };
}

/** The name that was given last counts; both devices choose the same one when the times are equal. */
function mergeDevice(mine: KeystoreDevice, theirs: KeystoreDevice): KeystoreDevice {
  const named = later(naming(mine), naming(theirs));
  return { ...theirs, ...mine, name: named.name, ...(named.named_at === undefined ? {} : { named_at: named.named_at }) };
}

function naming({ name, named_at, added_at }: KeystoreDevice) {
  return { name, named_at, at: named_at ?? added_at };
}

type Shared = Readonly<Record<string, SharedSetting>>;

function mergeShared(mine: Shared | undefined, theirs: Shared | undefined): { readonly shared?: Record<string, SharedSetting> } {
  if (mine === undefined && theirs === undefined) return {};
  const shared = new Map(Object.entries(theirs ?? {}));
  for (const [name, setting] of Object.entries(mine ?? {})) {
    const other = shared.get(name);
    shared.set(name, other === undefined ? setting : later(setting, other));
  }
  // Object.fromEntries defines members: a setting named `__proto__` is one like any other.
  return { shared: Object.fromEntries(shared) };
}

/** The later of two, of which either may be missing. */
function laterOf<Dated extends { readonly at: string }>(a: Dated | undefined, b: Dated | undefined): Dated | undefined {
  return a === undefined || b === undefined ? (a ?? b) : later(a, b);
}

/** The later of two; both devices choose the same one when the times are equal. */
function later<Dated extends { readonly at: string }>(a: Dated, b: Dated): Dated {
  if (a.at !== b.at) return a.at > b.at ? a : b;
  return JSON.stringify(a) >= JSON.stringify(b) ? a : b;
}

function union<Entry>(
  mine: readonly Entry[],
  theirs: readonly Entry[],
  nameOf: (entry: Entry) => string,
  removed: ReadonlySet<string>,
  merge: (mine: Entry, theirs: Entry) => Entry,
): Entry[] {
  const entries = new Map(theirs.map((entry) => [nameOf(entry), entry]));
  for (const entry of mine) {
    const other = entries.get(nameOf(entry));
    entries.set(nameOf(entry), other === undefined ? entry : merge(entry, other));
  }
  return [...entries].filter(([name]) => !removed.has(name)).map(([, entry]) => entry);
}
