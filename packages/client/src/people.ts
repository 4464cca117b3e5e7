import { createResolver, type Fetch, type Resolved } from "@smimp/identity";
import {
  addSeconds,
  checkChain,
  domainOf,
  HOUR,
  isSmimpError,
  MAX_RECORD_BYTES,
  MAX_RECORDS,
  MINUTE,
  secondsBetween,
  SmimpError,
  type Address,
  type BaseUrl,
  type Chain,
  type Clock,
  type Hex32,
  type Pin,
  type ProblemCode,
} from "@smimp/protocol";
import { laterThan } from "./keystore/shared-settings.ts";
import { markDirty } from "./keystore/state.ts";
import type { NoticeBoard } from "./notices.ts";
import { people, pinStore, type PersonDocument } from "./pins.ts";
import type { Storage, StorageWriter } from "./storage/storage.ts";

/**
 * How long an account's server is believed to be where it was, seconds: then smimp.txt is asked again. Whoever moves waits an hour before
 * the old account goes (protocol section 3). Where smimp.txt can't be had, it is tried again sooner.
 */
const SERVER_FRESH = 1 * HOUR;
const SERVER_RETRY = 10 * MINUTE;
/** Bytes of the longest history with its profile, signatures included. */
const MAX_HISTORY_BYTES = MAX_RECORDS * (MAX_RECORD_BYTES + 1_024);

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

/** Those of them that make one's own history another than the one that is signed with. */
const REWRITTEN: ReadonlySet<ProblemCode> = new Set<ProblemCode>(["history_rewritten", "history_invalid"]);

/** Identities of others, and one's own: found, checked, pinned. */
export interface People {
  /** What is pinned and cached; null where the history has to be fetched. */
  known(address: Address): Promise<Known | null>;
  /** Fetches, checks and pins a history; alarms are kept as notices. Throws as the resolver does. */
  resolve(address: Address): Promise<Resolved>;
  /** Known, or else resolved. */
  find(address: Address): Promise<Known>;
  /** One's own history, for signing with: fetched again where the server last showed another one, so that nothing leaves until that is over. */
  own(): Promise<Known>;
  /** As `find`, for sending: once an hour smimp.txt is asked whether the account has moved (protocol section 3). */
  locate(address: Address): Promise<Known>;
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
    await assertContinues(await document(address), resolved);
    await storage.transact(async (writer) => remember(writer, resolved));
    return resolved;
  }

  /** What this device saw itself counts as well as a pin that another one has shared since. */
  async function assertContinues(before: PersonDocument | null, { address, chain }: Resolved): Promise<void> {
    const last = before?.records?.at(-1);
    const now = before?.records === null || before === null ? undefined : chain.records[before.records.length - 1];
    if (last === undefined || last.signature === now?.statement.signature) return;
    const detail = `the history of ${address} is not the one that this device saw before`;
    await raise(address, "history_rewritten", detail);
    throw new SmimpError("history_rewritten", detail);
  }

  async function remember(writer: StorageWriter, resolved: Resolved): Promise<void> {
    const { address, baseUrl, chain, profile, pin } = resolved;
    const stored = await people.get(writer, keyOf(address));
    // A pin is never lowered: what became known meanwhile stays, and the history is fetched when it is needed.
    if (stored !== null && stored.pin.sequence > pin.sequence) return;
    const now = clock();
    const verified = stored?.verified ?? null;
    const lost = verified !== null && verified.keyLink !== null && verified.keyLink !== chain.keyLink;
    if (lost) {
      notices.post(writer, {
        code: "contact_key_changed",
        address,
        detail: `${address} has new keys: compare the safety number again before you trust them`,
      });
    }
    const records = chain.records.map(({ statement }) => statement);
    // The other devices learn that the mark is gone, and how the safety number reads now.
    if (lost || stored?.keyLink !== chain.keyLink) await markDirty(writer);
    const { doubted: _doubted, ...rest } = stored ?? {};
    people.put(writer, keyOf(address), {
      ...rest,
      address,
      pin,
      baseUrl,
      records,
      profile,
      keyLink: chain.keyLink,
      verified: lost ? { keyLink: null, at: laterThan(verified.at, now) } : verified,
      serverSeenAt: now,
      disputed: false,
      ...(resolved.firstContact ? { metAt: now } : {}),
      ...(lost ? { loweredAt: now } : {}),
    });
  }

  /** Whether smimp.txt still names the server that is known; an outage of the domain's web site is no answer. */
  async function isStillThere(found: Known): Promise<boolean> {
    const stored = await document(found.address);
    const seen = stored?.serverSeenAt;
    if (seen !== undefined && Math.abs(secondsBetween(seen, clock())) < SERVER_FRESH) return true;
    const there = await resolver.findServer(domainOf(found.address)).catch((error: unknown) => {
      if (!isSmimpError(error)) throw error;
      return null;
    });
    if (there !== null && there !== found.baseUrl) return false;
    await storage.transact(async (writer) => {
      const now = await people.get(writer, keyOf(found.address));
      const seenAt = there === null ? addSeconds(clock(), SERVER_RETRY - SERVER_FRESH) : clock();
      if (now !== null) people.put(writer, keyOf(found.address), { ...now, serverSeenAt: seenAt });
    });
    return true;
  }

  async function locate(address: Address): Promise<Known> {
    const found = await known(address);
    const disputed = (await document(address))?.disputed === true;
    if (found === null || disputed) return await resolve(address);
    return (await isStillThere(found)) ? found : await resolve(address);
  }

  /** Nothing leaves for them before their server shows again what was seen before (protocol section 3). */
  async function dispute(address: Address): Promise<void> {
    await storage.transact(async (writer) => {
      const stored = await people.get(writer, keyOf(address));
      if (stored !== null) people.put(writer, keyOf(address), { ...stored, disputed: true });
    });
  }

  async function raise(address: Address, code: ProblemCode, detail: string): Promise<void> {
    if (address !== me) await dispute(address);
    const notice =
      address === me
        ? {
            code: "own_history_mismatch" as const,
            detail: `your own server shows a history of yours that is not the one you know (${code}): nothing was sent; ask its operator`,
          }
        : { code, detail: `${detail}: nothing was sent; ask ${address} on another channel what happened` };
    await storage.transact(async (writer) => {
      notices.post(writer, { ...notice, address });
      const stored = address === me && REWRITTEN.has(code) ? await people.get(writer, keyOf(me)) : null;
      if (stored !== null) people.put(writer, keyOf(me), { ...stored, doubted: true });
    });
  }

  async function own(): Promise<Known> {
    if ((await document(me))?.doubted === true) await resolve(me);
    return await find(me);
  }

  const find = async (address: Address): Promise<Known> => (await known(address)) ?? (await resolve(address));

  return {
    known,
    resolve,
    find,
    own,
    locate,
    raise,
    document,
    list: async () => (await people.list(storage)).map((each) => each.document).filter((each) => each.address !== me),
    setVerified: async (address, keyLink) =>
      await storage.transact(async (writer) => {
        const stored = await people.get(writer, keyOf(address));
        if (stored === null) throw new TypeError(`${address} is not a contact`);
        const { loweredAt: _lowered, ...rest } = stored;
        people.put(writer, keyOf(address), { ...rest, verified: { keyLink, at: laterThan(stored.verified?.at, clock()) } });
        await markDirty(writer);
      }),
  };
}
