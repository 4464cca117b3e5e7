import {
  fromB64,
  isSmimpError,
  KEYSTORE_VERSIONS,
  keystoreVersion,
  openKeystore,
  parseKeystoreDocument,
  signingKey,
  SmimpError,
  type Address,
  type Chain,
  type KeystoreDocument,
  type PublicKey,
} from "@smimp/protocol";
import { stepTo } from "../keystore/keystore.ts";
import type { KeystoreTransfer, ServerCopy } from "../keystore/transfer.ts";
import { holdsOwnPin } from "./own-account.ts";

/** A keystore that the phrase opened, and that belongs to the account's history. */
export interface FoundKeystore {
  readonly document: KeystoreDocument;
  /** `b64`: of `master_seed` and `next_master_seed` the one that the history names. */
  readonly masterSeed: string;
  /** K, stepped to `version`. */
  readonly key: Uint8Array;
  /** The number of the newest version on the server, whichever one was opened. */
  readonly version: number;
  /** The newest version's, which the next one replaces; null where the server has none. */
  readonly etag: string | null;
  /** A newer version than the one that was taken could not be used. */
  readonly older: boolean;
}

/** What is looked for. */
export interface KeystoreSearch {
  readonly transfer: KeystoreTransfer;
  readonly address: Address;
  readonly chain: Chain;
  /** Secret of the phrase's X-Wing key, 32 bytes. */
  readonly phraseSeed: Uint8Array;
}

interface Opened {
  readonly document: KeystoreDocument;
  readonly key: Uint8Array;
  readonly version: number;
}

/**
 * The newest keystore that belongs to the key which the history ends with; an older version where newer ones can't be read or are not
 * the account's (protocol section 8). Throws `not_found` where the server has none, `decryption_failed` where the phrase opens none,
 * `own_history_mismatch` where those that it opens belong to another key: somebody planted them, or replaced the key since; and
 * `history_rewritten` where the server shows a history that the keystore knows to have been longer.
 */
export async function findKeystore(search: KeystoreSearch): Promise<FoundKeystore> {
  const { address, chain } = search;
  const { newest, versions } = await allVersions(search);
  const current = chain.head.document.public_key;
  for (const opened of versions) {
    const masterSeed = seedOf(opened.document, (key) => key === current);
    if (masterSeed === null) continue;
    if (!holdsOwnPin(chain, opened.document))
      throw new SmimpError("history_rewritten", `the server of ${address} shows an older history than you had`);
    return found(opened, newest, masterSeed);
  }
  if (versions.length > 0)
    throw new SmimpError("own_history_mismatch", "the keystores on your server don't belong to the key that your history ends with");
  throw new SmimpError("decryption_failed", "the phrase opens no keystore on your server");
}

/**
 * What is left after a thief has replaced the master key: the newest keystore of a former key of the history, else of its last one,
 * with the archive and message keys of all others that the phrase opens: a thief's keys open nothing, but nothing is sealed with them
 * either. Null where there is none.
 */
export async function findAfterTheft(search: KeystoreSearch): Promise<FoundKeystore | null> {
  const { chain } = search;
  const { newest, versions } = await allVersions(search).catch((error: unknown) => {
    if (!isSmimpError(error, "not_found")) throw error;
    return { newest: null, versions: [] };
  });
  const current = chain.head.document.public_key;
  const former = new Set<PublicKey>(chain.records.map(({ document }) => document.public_key).filter((key) => key !== current));
  const belongs = (opened: Opened, isMine: (key: PublicKey) => boolean) =>
    seedOf(opened.document, isMine) !== null && holdsOwnPin(chain, opened.document);
  const base =
    versions.find((each) => belongs(each, (key) => former.has(key))) ?? versions.find((each) => belongs(each, (key) => key === current));
  if (base === undefined || newest === null) return null;
  const masterSeed = seedOf(base.document, (key) => former.has(key) || key === current);
  const document = versions
    .filter((each) => each !== base)
    .reduce((united, { document: other }) => withKeysOf(united, other), base.document);
  return masterSeed === null ? null : found({ ...base, document }, newest, masterSeed);
}

/** The archive and message keys of another keystore, for reading only. */
function withKeysOf(document: KeystoreDocument, other: KeystoreDocument): KeystoreDocument {
  const archive = new Set(document.archive_keys.map(({ id }) => id));
  const seeds = new Set(document.message_keys.map(({ seed }) => seed));
  return {
    ...document,
    archive_keys: [
      ...document.archive_keys,
      ...other.archive_keys.filter(({ id }) => !archive.has(id)).map((key) => ({ ...key, closed: true })),
    ],
    message_keys: [...document.message_keys, ...other.message_keys.filter(({ seed }) => !seeds.has(seed))],
  };
}

async function allVersions({
  transfer,
  address,
  phraseSeed,
}: KeystoreSearch): Promise<{ readonly newest: ServerCopy; readonly versions: readonly Opened[] }> {
  const newest = await transfer.get(null);
  if (newest === null || newest === "same") throw new SmimpError("not_found", "there is no keystore on your server");
  const versions: Opened[] = [];
  const open = (copy: ServerCopy): void => {
    try {
      const { version, key, text } = openKeystore(address, copy.bytes, { phraseSeed });
      versions.push({ version, key, document: parseKeystoreDocument(text) });
    } catch (error) {
      if (!isSmimpError(error)) throw error;
    }
  };
  open(newest);
  const last = numberOf(newest);
  for (const version of await transfer.versions()) {
    const copy = version === last ? null : await transfer.getVersion(version);
    if (copy !== null) open(copy);
  }
  return { newest, versions };
}

/** Of the two master keys that a keystore may hold the one that counts. */
function seedOf({ master_seed, next_master_seed }: KeystoreDocument, isMine: (key: PublicKey) => boolean): string | null {
  return [next_master_seed, master_seed].find((seed) => seed !== undefined && isMine(signingKey(fromB64(seed)).publicKey)) ?? null;
}

function found({ document, key, version }: Opened, newest: ServerCopy, masterSeed: string): FoundKeystore {
  const last = Math.max(version, numberOf(newest) ?? version);
  // The next version stands above what is there, even if that is not a keystore.
  const steps = last - version <= KEYSTORE_VERSIONS ? last - version : 0;
  return { document, masterSeed, key: stepTo(key, steps), version: version + steps, etag: newest.etag, older: last !== version };
}

function numberOf({ bytes }: ServerCopy): number | null {
  try {
    return keystoreVersion(bytes);
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return null;
  }
}
