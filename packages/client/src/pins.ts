import type { PinStore } from "@smimp/identity";
import {
  SmimpError,
  type Address,
  type BaseUrl,
  type Chain,
  type Hex32,
  type KeystorePin,
  type Pin,
  type PublicKey,
  type RecordStatement,
  type Timestamp,
} from "@smimp/protocol";
import { markDirty } from "./keystore/state.ts";
import { documents } from "./storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "./storage/storage.ts";

/** What is kept of a person; the pin for good (protocol section 3), the rest to save requests. */
export interface PersonDocument {
  readonly address: Address;
  readonly pin: Pin;
  readonly baseUrl: BaseUrl | null;
  /** The history as it was last fetched; null or older than the pin where a program ended in between. */
  readonly records: readonly RecordStatement[] | null;
  readonly profile: string | null;
  /** The chain's `keyLink` where the pin stands; null where neither this device nor another has said. */
  readonly keyLink?: Hex32 | null;
  /** `keyLink` of the chain whose safety number was compared, or that the mark was taken away; and when. */
  readonly verified?: { readonly keyLink: Hex32 | null; readonly at: Timestamp } | null;
  /** When `verified` lost its `keyLink` because the keys changed. */
  readonly loweredAt?: Timestamp;
  /** When this device pinned the history first. */
  readonly metAt?: Timestamp;
  /** Their server showed another history, and hasn't shown this one since. */
  readonly disputed?: boolean;
  /** When smimp.txt last named `baseUrl`. */
  readonly serverSeenAt?: Timestamp;
  /** One's own: the server showed another history, and nothing was seen since that takes the doubt away. */
  readonly doubted?: true;
  /** What another client added to the pin in the keystore; it is kept (protocol section 8). */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** People by the hidden key of their address. */
export const people = documents<PersonDocument>("people");
/** Whose master key is pinned, by the hidden key of the master key. */
const holders = documents<{ readonly address: Address }>("master-keys");

/** Stores one's own history, as part of the transaction that makes or finds it: the pin ends with its last record. */
export function pinSelf(storage: Storage, writer: StorageWriter, own: OwnHistory): void {
  const { chain, baseUrl, profile } = own;
  const { address, head } = chain;
  const records = chain.records.map(({ statement }) => statement);
  const pin = {
    first_link: chain.records[0]?.link ?? head.link,
    link: head.link,
    sequence: head.document.sequence,
    public_key: head.document.public_key,
  };
  people.put(writer, storage.hiddenKey("people", address), { address, pin, baseUrl, records, profile, keyLink: chain.keyLink });
  holders.put(writer, storage.hiddenKey("master-keys", pin.public_key), { address });
}

/** One's own history, checked, and where it is. */
export interface OwnHistory {
  readonly chain: Chain;
  readonly baseUrl: BaseUrl;
  readonly profile: string | null;
}

/** Pins of everybody, as they are shared between a person's devices (protocol section 8). */
export async function allPins(reader: StorageReader): Promise<readonly KeystorePin[]> {
  return (await people.list(reader)).map(({ document: { address, pin, keyLink, verified, extra } }) => ({
    ...extra,
    address,
    ...pin,
    ...(keyLink === undefined || keyLink === null ? {} : { key_link: keyLink }),
    ...(verified === undefined || verified === null ? {} : { verified: { key_link: verified.keyLink, at: verified.at } }),
  }));
}

/**
 * Takes over a pin of another device where it knows more, as part of a transaction. False where the two can't belong to one
 * history: a server shows the owner's devices different ones, and this device stays with what it saw itself.
 */
export async function adoptPin(storage: Storage, writer: StorageWriter, theirs: KeystorePin): Promise<boolean> {
  const { address, first_link, link, sequence, public_key, key_link: keyLink = null, verified: mark, ...extra } = theirs;
  const key = storage.hiddenKey("people", address);
  const stored = await people.get(writer, key);
  const forked =
    stored !== null && (stored.pin.first_link !== first_link || (stored.pin.sequence === sequence && stored.pin.link !== link));
  const verified = mark === undefined ? (stored?.verified ?? null) : { keyLink: mark.key_link, at: mark.at };
  const rest = stored ?? { baseUrl: null, records: null, profile: null };
  const more = Object.keys(extra).length === 0 ? {} : { extra };
  const pin = { first_link, link, sequence, public_key };
  if (stored === null || (!forked && sequence > stored.pin.sequence)) {
    people.put(writer, key, { ...rest, ...more, address, pin, keyLink, verified });
    holders.put(writer, storage.hiddenKey("master-keys", public_key), { address });
  } else people.put(writer, key, { ...stored, ...more, keyLink: stored.keyLink ?? (stored.pin.link === link ? keyLink : null), verified });
  return !forked;
}

async function putPin(storage: Storage, writer: StorageWriter, address: Address, pin: Pin): Promise<void> {
  const key = storage.hiddenKey("people", address);
  const rest = (await people.get(writer, key)) ?? { baseUrl: null, records: null, profile: null };
  // Whose key the pin ends with is known once the history is stored, which is next.
  people.put(writer, key, { ...rest, address, pin, keyLink: null });
  holders.put(writer, storage.hiddenKey("master-keys", pin.public_key), { address });
  await markDirty(writer);
}

/** The pins of a storage, as the resolver wants them. */
export function pinStore(storage: Storage): PinStore {
  const keyOf = (address: Address): string => storage.hiddenKey("people", address);
  const holderKey = (key: PublicKey): string => storage.hiddenKey("master-keys", key);
  return {
    get: async (address) => (await people.get(storage, keyOf(address)))?.pin ?? null,
    holderOf: async (publicKey) => (await holders.get(storage, holderKey(publicKey)))?.address ?? null,
    put: async (address, pin) =>
      await storage.transact(async (writer) => {
        const stored = await people.get(writer, keyOf(address));
        // Another device's pin came in while this history was fetched: it is fetched again, and held against that one.
        if (stored !== null && stored.pin.sequence > pin.sequence) {
          throw new SmimpError("temporarily_unavailable", "more of this history became known meanwhile: try again");
        }
        await putPin(storage, writer, address, pin);
      }),
  };
}
