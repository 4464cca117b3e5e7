import { addSeconds, DAY, isSmimpError, SmimpError, type ArchiveKey, type Hex32, type Timestamp } from "@smimp/protocol";
import { archiveKeyOf } from "../archive-keys.ts";
import type { EventHub } from "../events.ts";
import type { KeyUpkeep } from "../key-upkeep.ts";
import type { Home } from "../moving/home.ts";
import type { Keystore } from "../keystore/keystore.ts";
import { isUnsaved, markDirty } from "../keystore/state.ts";
import { forgetExpired } from "../message-keys.ts";
import type { ClientEvent, InboxSummary, Notice, SyncResult } from "../model.ts";
import { accountDeleted } from "../notices.ts";
import { isDue, LONGEST_WAIT } from "../outbox/back-off.ts";
import { createTurns } from "../turns.ts";
import { archiveOpened } from "./archiving.ts";
import type { TakenIn } from "./arrival.ts";
import { followChanges } from "./changes.ts";
import { confirmSenders } from "./confirming.ts";
import { beginFirstListing, getSyncState, isFirstListing, listKeyOf, listMessageIds, listWaiting } from "./documents.ts";
import { countToRetry, listToRetry } from "./due.ts";
import { fetchAgain, fetchListed, fetchMessages, type FetchParts, type SyncRun } from "./fetching.ts";
import { listEverything } from "./listing.ts";
import { refreshChanged } from "./server-state.ts";
import { listToReopen, noteTried } from "./unopened.ts";

/** Messages that a sync asks about because they changed, and that it fetches because they are only listed. */
const REFRESHED_A_SYNC = 2_000;
const FETCHED_A_SYNC = 200;
/** Times that a sync asks for other devices' keys because it lacks one. */
const PULLS_A_SYNC = 3;
/** Messages that wait because the server names them and doesn't deliver them. */
const MAX_WAITING = 2_000;
/** The first wait before chores that failed are tried again, and the longest, seconds. */
const FIRST_CHORE_WAIT = 1;
const LONGEST_CHORE_WAIT = 60;
/** How long expired secrets stay where messages are left that could not be fetched or stored, seconds. */
const LATE_MESSAGES = 7 * DAY;
/** Longest wait before a stranger's history is fetched while somebody waits for it, and in the background, milliseconds. */
const JITTER = 256;
const BACKGROUND_JITTER = 5_000;

/** What a sync works with. */
export type SyncParts = Omit<FetchParts, "pullKeys"> & {
  readonly keystore: Keystore;
  /** Follows the account to another server. */
  readonly home: Home;
  readonly upkeep: KeyUpkeep;
  readonly events: EventHub;
  /** What else the owner's devices have to do, once this one is up to date. What a server can't take now is done with the next sync. */
  readonly chores: readonly ((run: SyncRun) => Promise<void>)[];
  /** Longest wait before a stranger's history is fetched, milliseconds, in place of the usual ones. */
  readonly jitter: number | undefined;
};

/** How a sync is done. */
export interface SyncOptions {
  readonly signal?: AbortSignal | undefined;
  /** Leaves to `background` what can wait: strangers' histories and messages that are only listed. */
  readonly soon?: boolean;
}

/** Brings this device up to date. */
export interface Sync {
  run(options?: SyncOptions): Promise<SyncResult>;
  /** Does some of what a sync has left, without standing in its way. Resolves with when there is more to do; null: nothing is left. */
  background(signal?: AbortSignal): Promise<Timestamp | null>;
  /**
   * Does what else the owner's devices have to do, such as leaving drafts on the server: nobody's slow server stands in its way.
   * Resolves with when to try again what could not be done; null: all of it is done.
   */
  chores(signal?: AbortSignal): Promise<Timestamp | null>;
  /** Fetches one message that is only listed so far, whatever else is under way. */
  fetchOne(messageId: Hex32, signal?: AbortSignal): Promise<void>;
}

/** Syncs run one after the other. */
export function createSync(given: SyncParts): Sync {
  const { storage, mailbox, keystore, clock, random, upkeep, events } = given;
  let pulls = 0;
  const pullKeys = async (): Promise<void> => {
    // Whoever sends messages that nobody can open shall not make this device busy.
    if (++pulls <= PULLS_A_SYNC) await keystore.pull({ force: true });
  };
  const parts = { ...given, pullKeys };
  const turns = createTurns();
  const strangers = createTurns();
  const chores = createTurns();
  /** Times in a row that something was left undone. */
  let undone = 0;

  async function run({ signal, soon }: SyncOptions): Promise<{ readonly found: Found; readonly step: SyncRun }> {
    const began = clock();
    const found = collector(events, MAX_WAITING - (await countToRetry(storage)));
    pulls = 0;
    await given.home.check();
    // First what the other devices know: their keys open what comes now.
    await pullAtHome();
    const { archiveKey, unsaved } = await currentArchiveKey();
    const tried = new Set((await listWaiting(storage)).map(({ messageId }) => messageId));
    // As it stands now: what fails in this run is left for the next.
    const again = await listToRetry(storage, began);
    const reopening = await listToReopen(storage);
    const step = { archiveKey, signal, ...found };
    await receive(step);
    await refreshChanged(parts, step, REFRESHED_A_SYNC);
    await fetchAgain(parts, step, [...new Set([...again, ...reopening.map(({ messageId }) => messageId)])]);
    await noteTried(storage, reopening);
    if (soon !== true) {
      // After what is new: senders whose servers don't answer make nobody else wait.
      const except = await failedJustNow(tried);
      await confirmSenders(parts, archiveKey, { jitter: parts.jitter ?? JITTER, signal, except }, found.note);
      await fetchListed(parts, { ...step, ...quiet(found) }, FETCHED_A_SYNC);
    }
    await finish(began, unsaved, found.arrived());
    return { found, step };
  }

  /** Where the server knows the account no more, it may have moved a moment ago. */
  async function pullAtHome(): Promise<void> {
    try {
      await keystore.pull();
    } catch (error) {
      if (!isSmimpError(error, "unknown_user") || !(await given.home.check({ force: true }))) throw error;
      await keystore.pull();
    }
  }

  /** Somebody else's server is asked for nothing here: an account that is unknown is the own one. */
  async function runAtHome(options: SyncOptions): ReturnType<typeof run> {
    try {
      const done = await run(options);
      await given.notices.withdraw("account_deleted");
      return done;
    } catch (error) {
      if (isSmimpError(error, "unknown_user")) await given.notices.postOnce(accountDeleted(given.self.address));
      throw error;
    }
  }

  /** In turns of their own: what takes long, such as a draft's attachments, holds up no sync. Resolves with when to try again. */
  async function doChores(step: SyncRun): Promise<Timestamp | null> {
    return await chores(async () => {
      let failed = false;
      for (const chore of parts.chores) {
        try {
          await chore(step);
        } catch (error) {
          step.signal?.throwIfAborted();
          failed = true;
          if (!isSmimpError(error)) step.fail(error);
        }
      }
      undone = failed ? undone + 1 : 0;
      if (!failed) return null;
      return addSeconds(clock(), Math.min(FIRST_CHORE_WAIT * 2 ** Math.min(undone - 1, 10), LONGEST_CHORE_WAIT));
    });
  }

  async function receive(step: SyncRun): Promise<void> {
    const since = await getSyncState(storage);
    if (since !== null) {
      try {
        return await followChanges(parts, step, since);
      } catch (error) {
        if (!isSmimpError(error, "state_too_old")) throw error;
        // A backup may have been put back there: its keystore is as old, and every device saves what it knows.
        await storage.transact(markDirty);
      }
    }
    // Of what a first listing brought that was interrupted, something may have been deleted meanwhile.
    const goesOn = since === null && (await isFirstListing(storage));
    if (since === null && (await listMessageIds(storage, { limit: 1 })).length === 0)
      await storage.transact(async (writer) => await Promise.resolve(beginFirstListing(writer)));
    await followChanges(parts, step, await listEverything(parts, step, since !== null || goesOn));
  }

  /** Messages that came to wait in this run because a history could not be had: they are not tried twice in one. */
  async function failedJustNow(before: ReadonlySet<Hex32>): Promise<ReadonlySet<Hex32>> {
    const waiting = await listWaiting(storage);
    return new Set(waiting.flatMap(({ messageId, attempts }) => (attempts > 0 && !before.has(messageId) ? [messageId] : [])));
  }

  async function finish(began: Timestamp, unsaved: boolean, keysWereUsed: boolean): Promise<void> {
    // Nothing is archived, and no secret destroyed, before the server's keystore holds the archive key (protocol section 8).
    if (unsaved) await keystore.save();
    await archiveOpened(storage, mailbox);
    await storage.transact(async (writer) => {
      const waiting = new Set((await listWaiting(writer)).flatMap(({ keyId }) => (keyId === null ? [] : [keyId])));
      // What could not be fetched or stored may be sealed to any of them: they stay for as long as it is tried again, and not for ever,
      // since a server may always name something that it doesn't deliver.
      const through = (await countToRetry(writer)) === 0 ? began : addSeconds(began, -LATE_MESSAGES);
      if (await forgetExpired(writer, through, waiting)) await markDirty(writer);
    });
    await upkeep.run(keysWereUsed);
    await keystore.save();
  }

  /** The month's archive key. `unsaved`: it may be missing on the server, because it is new or because a save failed. */
  async function currentArchiveKey(): Promise<{ readonly archiveKey: ArchiveKey; readonly unsaved: boolean }> {
    return await storage.transact(async (writer) => {
      const { key: archiveKey, fresh } = await archiveKeyOf(writer, clock(), random);
      if (fresh) await markDirty(writer);
      return { archiveKey, unsaved: await isUnsaved(writer) };
    });
  }

  async function background(signal?: AbortSignal): Promise<Timestamp | null> {
    const found = collector(events);
    const { archiveKey } = await currentArchiveKey();
    await confirmSenders(parts, archiveKey, { jitter: parts.jitter ?? BACKGROUND_JITTER, signal }, found.note);
    const step = { archiveKey, signal, ...quiet(found) };
    const fetched = await turns(async () => {
      const count = await fetchListed(parts, step, FETCHED_A_SYNC);
      const began = clock();
      if (found.arrived()) await finish(began, await isUnsaved(storage), true);
      return count;
    });
    found.throwFault("kept");
    if (fetched === FETCHED_A_SYNC) return clock();
    const now = clock();
    return (await listWaiting(storage)).map(({ nextAttemptAt: at }) => (isDue(at, now, LONGEST_WAIT) ? now : at)).sort()[0] ?? null;
  }

  return {
    run: async (options = {}) => {
      const { found, step } = await turns(async () => await runAtHome(options));
      if (options.soon !== true) await doChores(step);
      found.throwFault(options.soon === true ? "kept" : undefined);
      return found.result();
    },
    background: async (signal) => await strangers(async () => await background(signal)),
    chores: async (signal) => {
      const found = collector(events);
      const { archiveKey } = await currentArchiveKey();
      const again = await doChores({ archiveKey, signal, ...quiet(found) });
      found.throwFault("kept");
      return again;
    },
    fetchOne: async (messageId, signal) => {
      const found = collector(events);
      const { archiveKey } = await currentArchiveKey();
      await fetchMessages(parts, { archiveKey, signal, ...quiet(found) }, [messageId]);
      found.throwFault();
    },
  };
}

/** What a run found so far. */
interface Found extends Pick<SyncRun, "note" | "fail" | "mayWait"> {
  /** Whether messages were opened: single-use keys may be used up. */
  arrived(): boolean;
  /** Throws the first fault; `kept`: as one that passes, since whoever watches goes on and the message is tried again. */
  throwFault(how?: "kept"): void;
  result(): SyncResult;
}

/** Events that use up no key. */
const NO_ARRIVALS: ReadonlySet<ClientEvent["type"]> = new Set<ClientEvent["type"]>(["changed", "removed", "listed"]);

function collector(events: EventHub, room = 0): Found {
  const messages = new Map<Hex32, InboxSummary>();
  const notices: Notice[] = [];
  const faults: unknown[] = [];
  let arrived = false;
  let left = room;
  return {
    mayWait: () => left-- > 0,
    note: ({ summary, notice, event }) => {
      arrived ||= summary !== null || (event !== null && !NO_ARRIVALS.has(event.type));
      if (summary !== null) messages.set(summary.messageId, summary);
      if (event?.type === "removed") messages.delete(event.messageId);
      if (notice !== null) {
        notices.push(notice);
        events.publish({ type: "notice", notice });
      }
      if (event !== null) events.publish(event);
    },
    fail: (error) => void faults.push(error),
    arrived: () => arrived,
    throwFault: (how) => {
      const [cause] = faults;
      if (faults.length === 0) return;
      if (how === undefined) throw cause;
      throw new SmimpError("temporarily_unavailable", "a message can't be stored on this device now", { cause });
    },
    result: () => ({ messages: [...messages.values()].toSorted((a, b) => (listKeyOf(a) < listKeyOf(b) ? -1 : 1)), notices }),
  };
}

/** A message that was listed before is no news when it is fetched. */
function quiet({ note, fail, mayWait }: Found): Pick<SyncRun, "note" | "fail" | "mayWait"> {
  return {
    fail,
    mayWait,
    note: ({ summary, notice }: TakenIn) =>
      note({ summary: null, notice, event: summary === null ? null : { type: "changed", message: summary } }),
  };
}
