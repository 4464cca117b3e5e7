import { isSmimpError, type ArchiveKey, type Hex32 } from "@smimp/protocol";
import { archiveKeyOf } from "../archive-keys.ts";
import type { EventHub } from "../events.ts";
import type { KeyUpkeep } from "../key-upkeep.ts";
import type { Keystore } from "../keystore/keystore.ts";
import { isUnsaved, markDirty } from "../keystore/state.ts";
import { forgetExpired } from "../message-keys.ts";
import type { InboxSummary, Notice, SyncResult } from "../model.ts";
import { inParallel } from "../pool.ts";
import { createTurns } from "../turns.ts";
import { archiveOpened } from "./archiving.ts";
import {
  forgetMessage,
  getMessage,
  getSummary,
  getSyncState,
  listWaiting,
  putSummary,
  putSyncState,
  type WaitingDocument,
} from "./documents.ts";
import type { Mailbox, MailboxChanges } from "./mailbox.ts";
import { takeIn, type TakeInParts } from "./take-in.ts";

/** Read states that are asked for at the same time. */
const PARALLEL = 4;

/** What a sync works with. */
export type SyncParts = TakeInParts & {
  readonly mailbox: Mailbox;
  readonly keystore: Keystore;
  readonly upkeep: KeyUpkeep;
  readonly events: EventHub;
};

/** Brings this device up to date. */
export interface Sync {
  run(options?: { readonly signal?: AbortSignal }): Promise<SyncResult>;
  /** Says that a change of a message comes from here, so that no sync asks about it. */
  expectEcho(messageId: Hex32): void;
}

/** Syncs run one after the other. */
export function createSync(parts: SyncParts): Sync {
  const { storage, mailbox, keystore, clock, random, upkeep } = parts;
  const turns = createTurns();
  const echoes = new Set<Hex32>();

  async function run(signal?: AbortSignal): Promise<SyncResult> {
    const began = clock();
    const brought = { messages: [] as InboxSummary[], notices: [] as Notice[] };
    const { archiveKey, unsaved } = await currentArchiveKey();
    const due = (await listWaiting(storage)).filter(({ nextAttemptAt }) => nextAttemptAt <= began);
    for await (const changes of allChanges(signal)) await apply(changes, archiveKey, brought, signal);
    // After what is new: senders whose servers don't answer make nobody else wait.
    await takeWaiting(due, archiveKey, brought, signal);
    // Nothing is archived, and no secret destroyed, before the server's keystore holds the archive key (protocol section 8).
    if (unsaved) await keystore.save();
    await archiveOpened(storage, mailbox, (messageId) => void echoes.add(messageId));
    await storage.transact(async (writer) => {
      const waiting = new Set((await listWaiting(writer)).flatMap(({ keyId }) => (keyId === null ? [] : [keyId])));
      if (await forgetExpired(writer, began, waiting)) await markDirty(writer);
    });
    await upkeep.run(brought.messages.length > 0);
    await keystore.save();
    return { messages: brought.messages.toSorted((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1)), notices: brought.notices };
  }

  /** The month's archive key. `unsaved`: it may be missing on the server, because it is new or because a save failed. */
  async function currentArchiveKey(): Promise<{ readonly archiveKey: ArchiveKey; readonly unsaved: boolean }> {
    return await storage.transact(async (writer) => {
      const { key: archiveKey, fresh } = await archiveKeyOf(writer, clock(), random);
      if (fresh) await markDirty(writer);
      return { archiveKey, unsaved: await isUnsaved(writer) };
    });
  }

  async function* allChanges(signal?: AbortSignal): AsyncGenerator<MailboxChanges> {
    const since = await getSyncState(storage);
    if (since === null) return yield await mailbox.listAll(signal);
    try {
      yield* mailbox.changes(since, signal);
    } catch (error) {
      if (!isSmimpError(error, "state_too_old")) throw error;
      yield await mailbox.listAll(signal);
    }
  }

  async function apply(changes: MailboxChanges, archiveKey: ArchiveKey, brought: Brought, signal?: AbortSignal): Promise<void> {
    const fresh: Hex32[] = [];
    const known: Hex32[] = [];
    for (const messageId of new Set([...changes.present, ...changes.updated])) {
      ((await getMessage(storage, messageId)) === null ? fresh : known).push(messageId);
    }
    for await (const message of mailbox.messages(fresh, signal)) note(brought, await takeIn(parts, message, archiveKey));
    const changed = new Set(changes.updated);
    const ask = known.filter((messageId) => changed.has(messageId) && !echoes.delete(messageId));
    await inParallel(ask, PARALLEL, async (messageId) => await refreshRead(messageId, signal));
    await storage.transact(async (writer) => {
      for (const messageId of changes.destroyed) {
        if ((await getMessage(writer, messageId)) !== null) await forgetMessage(writer, messageId, clock());
      }
      // Only now: whoever is interrupted before sees the same changes again.
      putSyncState(writer, changes.state);
    });
  }

  async function takeWaiting(
    due: readonly WaitingDocument[],
    archiveKey: ArchiveKey,
    brought: Brought,
    signal?: AbortSignal,
  ): Promise<void> {
    const waiting = new Map<Hex32, WaitingDocument>(due.map((each) => [each.messageId, each]));
    for await (const message of mailbox.messages([...waiting.keys()], signal)) {
      const before = waiting.get(message.message_id);
      if (before !== undefined) note(brought, await takeIn(parts, message, archiveKey, before.pinWhenSeen));
    }
  }

  async function refreshRead(messageId: Hex32, signal?: AbortSignal): Promise<void> {
    const read = await mailbox.isRead(messageId, signal);
    const message = await getMessage(storage, messageId);
    if (read === null || message === null || message.listKey === null) return;
    const { listKey } = message;
    await storage.transact(async (writer) => {
      const summary = await getSummary(writer, listKey);
      if (summary !== null && summary.read !== read) putSummary(writer, { ...summary, read });
    });
  }

  function note(brought: Brought, { summary, notice }: Awaited<ReturnType<typeof takeIn>>): void {
    if (summary !== null) {
      brought.messages.push(summary);
      if (!summary.own) parts.events.publish({ type: "message", message: summary });
    }
    if (notice !== null) {
      brought.notices.push(notice);
      parts.events.publish({ type: "notice", notice });
    }
  }

  return {
    run: async ({ signal } = {}) => await turns(async () => await run(signal)),
    expectEcho: (messageId) => void echoes.add(messageId),
  };
}

interface Brought {
  readonly messages: InboxSummary[];
  readonly notices: Notice[];
}
