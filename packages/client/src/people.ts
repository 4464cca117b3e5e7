import { createResolver, type Fetch, type PinStore, type Resolved } from "@smimp/identity";
import {
  checkChain,
  isSmimpError,
  MAX_RECORD_BYTES,
  MAX_RECORDS,
  SmimpError,
  type Address,
  type BaseUrl,
  type Chain,
  type Clock,
  type Hex32,
  type Pin,
  type ProblemCode,
  type PublicKey,
  type RecordStatement,
} from "@smimp/protocol";
import { markDirty } from "./keystore/state.ts";
import type { NoticeBoard } from "./notices.ts";
import { documents } from "./storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "./storage/storage.ts";

/** Bytes of the longest history with its profile, signatures included. */
const MAX_HISTORY_BYTES = MAX_RECORDS * (MAX_RECORD_BYTES + 1_024);

/** What is kept of a person; the pin for good (protocol section 3), the rest to save requests. */
export interface PersonDocument {
  readonly address: Address;
  readonly pin: Pin;
  readonly baseUrl: BaseUrl | null;
  /** The history as it was last fetched; null or older than the pin where a program ended in between. */
  readonly records: readonly RecordStatement[] | null;
  readonly profile: string | null;
  /** `keyLink` of the chain whose safety number was compared. */
  readonly verifiedKeyLink: Hex32 | null;
}

/** A person whose history is pinned and at hand. */
export interface Known {
  readonly address: Address;
  readonly pin: Pin;
  readonly baseUrl: BaseUrl;
  readonly chain: Chain;
  readonly profile: string | null;
}

/** Faults of a history that a person has to know of, whatever else happens. */
const ALARMS: ReadonlySet<ProblemCode> = new Set<ProblemCode>(["history_rewritten", "key_reused", "server_mismatch", "history_invalid"]);

const people = documents<PersonDocument>("people");
const holders = documents<{ readonly address: Address }>("master-keys");

/** Identities of others, and one's own: found, checked, pinned. */
export interface People {
  /** What is pinned and cached; null where the history has to be fetched. */
  known(address: Address): Promise<Known | null>;
  /** Fetches, checks and pins a history; alarms are kept as notices. Throws as the resolver does. */
  resolve(address: Address): Promise<Resolved>;
  /** Known, or else resolved. */
  find(address: Address): Promise<Known>;
  document(address: Address): Promise<PersonDocument | null>;
  list(): Promise<readonly PersonDocument[]>;
  setVerified(address: Address, keyLink: Hex32 | null): Promise<void>;
  /** Keeps an alarm about somebody's history as a notice. */
  raise(address: Address, code: ProblemCode, detail: string): Promise<void>;
}

/** What keeps people: its parts from outside. */
export interface PeopleOptions {
  readonly storage: Storage;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly notices: NoticeBoard;
  /** The owner: a wrong history of their own is another alarm. */
  readonly me: Address;
}

/** Opens the address book of pins on a storage. */
export function createPeople({ storage, fetch, clock, notices, me }: PeopleOptions): People {
  const keyOf = (address: Address): string => storage.hiddenKey("people", address);
  const resolver = createResolver({ fetch, clock, pins: pinStore(storage), maxHistoryBytes: MAX_HISTORY_BYTES });
  // Histories are verified when they are read back, once each.
  const checked = new Map<Address, Known>();

  const document = async (address: Address): Promise<PersonDocument | null> => await people.get(storage, keyOf(address));

  async function known(address: Address): Promise<Known | null> {
    const stored = await document(address);
    if (stored === null || stored.baseUrl === null || stored.records === null) return null;
    const before = checked.get(address);
    if (before !== undefined && before.pin.link === stored.pin.link && before.baseUrl === stored.baseUrl) return before;
    const chain = checkChain(address, stored.records);
    if (chain.head.link !== stored.pin.link) return null;
    const found = { address, pin: stored.pin, baseUrl: stored.baseUrl, chain, profile: stored.profile };
    checked.set(address, found);
    return found;
  }

  async function resolve(address: Address): Promise<Resolved> {
    let resolved: Resolved;
    try {
      resolved = await resolver.resolve(address);
    } catch (error) {
      if (isSmimpError(error) && ALARMS.has(error.code)) await raise(address, error.code, error.message);
      throw error;
    }
    await storage.transact(async (writer) => remember(writer, resolved));
    return resolved;
  }

  async function remember(writer: StorageWriter, resolved: Resolved): Promise<void> {
    const { address, baseUrl, chain, profile, pin } = resolved;
    const stored = await people.get(writer, keyOf(address));
    // A pin is never lowered: what became known meanwhile stays, and the history is fetched when it is needed.
    if (stored !== null && stored.pin.sequence > pin.sequence) return;
    const verifiedKeyLink = stored?.verifiedKeyLink ?? null;
    const lost = verifiedKeyLink !== null && verifiedKeyLink !== chain.keyLink;
    if (lost) {
      notices.post(writer, {
        code: "contact_key_changed",
        address,
        detail: `${address} has new keys: compare the safety number again before you trust them`,
      });
    }
    const records = chain.records.map(({ statement }) => statement);
    people.put(writer, keyOf(address), { address, pin, baseUrl, records, profile, verifiedKeyLink: lost ? null : verifiedKeyLink });
  }

  async function raise(address: Address, code: ProblemCode, detail: string): Promise<void> {
    const notice =
      address === me
        ? {
            code: "own_history_mismatch" as const,
            detail: `your own server shows a history of yours that is not the one you know (${code}): nothing was sent; ask its operator`,
          }
        : { code, detail: `${detail}: nothing was sent; ask ${address} on another channel what happened` };
    await storage.transact(async (writer) => notices.post(writer, { ...notice, address }));
  }

  const find = async (address: Address): Promise<Known> => (await known(address)) ?? (await resolve(address));

  return {
    known,
    resolve,
    find,
    raise,
    document,
    list: async () => (await people.list(storage)).map((each) => each.document).filter((each) => each.address !== me),
    setVerified: async (address, keyLink) =>
      await storage.transact(async (writer) => {
        const stored = await people.get(writer, keyOf(address));
        if (stored === null) throw new TypeError(`${address} is not a contact`);
        people.put(writer, keyOf(address), { ...stored, verifiedKeyLink: keyLink });
      }),
  };
}

/** Stores the pin of one's own first record, as part of a transaction. */
export function pinSelf(storage: Storage, writer: StorageWriter, self: Omit<PersonDocument, "verifiedKeyLink">): void {
  people.put(writer, storage.hiddenKey("people", self.address), { ...self, verifiedKeyLink: null });
  holders.put(writer, storage.hiddenKey("master-keys", self.pin.public_key), { address: self.address });
}

/** Pins of everybody, as they are shared between a person's devices (protocol section 8). */
export async function allPins(reader: StorageReader): Promise<ReadonlyMap<Address, Pin>> {
  return new Map((await people.list(reader)).map(({ document }) => [document.address, document.pin]));
}

/** Takes over a pin of another device where it knows more, as part of a transaction. */
export async function adoptPin(storage: Storage, writer: StorageWriter, address: Address, pin: Pin): Promise<void> {
  const stored = await people.get(writer, storage.hiddenKey("people", address));
  if (stored !== null && stored.pin.sequence >= pin.sequence) return;
  await putPin(storage, writer, address, pin);
}

async function putPin(storage: Storage, writer: StorageWriter, address: Address, pin: Pin): Promise<void> {
  const key = storage.hiddenKey("people", address);
  const rest = (await people.get(writer, key)) ?? { baseUrl: null, records: null, profile: null, verifiedKeyLink: null };
  people.put(writer, key, { ...rest, address, pin });
  holders.put(writer, storage.hiddenKey("master-keys", pin.public_key), { address });
  await markDirty(writer);
}

function pinStore(storage: Storage): PinStore {
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
