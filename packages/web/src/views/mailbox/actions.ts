import type { Address, Hex32 } from "@smimp/protocol";
import { onLeaving } from "../../app/leaving.ts";
import type { FiledMessage, ThreadList, ThreadRef } from "../../engine/calls/messages.ts";
import type { Engine } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { faultText } from "../../ui/fault.ts";
import { endableToast, toast } from "../../ui/toasts.tsx";
import { isInInbox } from "./filing.ts";
import { hide, settle, unhide } from "./hiding.ts";
import { keyOf, type Targets } from "./threads.ts";

/** What actions work with. */
export interface ActionParts {
  readonly engine: Engine;
  readonly messages: Messages;
  readonly address: Address;
  /** Shows how far something is that takes long; the signal is aborted where somebody stops it. */
  readonly working: (work: Work | null) => void;
}

/** Something that takes long. */
export interface Work {
  /** The messages are looked for first. */
  readonly what: "gathering" | "filing";
  readonly done: number;
  readonly total: number;
  readonly stop: () => void;
}

/** What is done with messages. Each says what it did, and takes it back where it can be. */
export interface Actions {
  readonly archive: (targets: Targets) => Promise<void>;
  /** Into the trash. */
  readonly trash: (targets: Targets) => Promise<void>;
  /** For good, once nobody wants it back any more. */
  readonly erase: (targets: Targets) => Promise<void>;
  /** Null is the inbox. */
  readonly move: (targets: Targets, folder: string | null, name: string) => Promise<void>;
  readonly setRead: (targets: Targets, read: boolean) => Promise<void>;
  readonly star: (targets: Targets, starred: boolean) => Promise<void>;
  readonly label: (targets: Targets, change: { readonly add: readonly string[]; readonly remove: readonly string[] }) => Promise<void>;
  readonly block: (targets: Targets) => Promise<void>;
  /** Everything that lies in a folder, for good. */
  readonly empty: (folder: string) => Promise<void>;
  /** Moves everything in a folder to the inbox, then deletes the folder. */
  readonly removeFolder: (folder: string) => Promise<void>;
}

/** Messages that are changed with one call. */
const CHUNK = 100;
/** From so many on, it is shown how far it is. */
const MANY = 300;

/** What came of moving many messages. */
interface Moved {
  readonly moved: readonly Hex32[];
  /** Those, and others of which nobody knows whether they were moved: to move them back does no harm. */
  readonly begun: readonly Hex32[];
  readonly fault: { readonly error: unknown } | null;
}

/** Makes the actions of a mailbox. */
export function createActions({ engine, messages, address, working }: ActionParts): Actions {
  const { done, folders } = messages.mailbox;

  const fail = (error: unknown): void => toast({ text: faultText(messages, error), tone: "error" });

  /** The messages of some threads, or with null of all in a list. Null: somebody stopped it. */
  async function messagesOf(list: ThreadList, threads: readonly ThreadRef[] | null): Promise<readonly FiledMessage[] | null> {
    const stop = new AbortController();
    const isLong = threads === null || threads.length > MANY;
    try {
      return await engine.call("inbox.messagesOf", [list, threads], {
        signal: stop.signal,
        onProgress: ({ done: found, total }) => {
          if (isLong && total > MANY) working({ what: "gathering", done: found, total, stop: () => stop.abort() });
        },
      });
    } catch (error) {
      if (stop.signal.aborted) return null;
      throw error;
    } finally {
      if (isLong) working(null);
    }
  }

  async function gather({ list, threads, except }: Targets): Promise<readonly FiledMessage[] | null> {
    const found = await messagesOf(list, threads);
    if (found === null || except.length === 0) return found;
    const kept = new Set(except.map(keyOf));
    return found.filter(({ threadId, messageId }) => !kept.has(threadId ?? messageId));
  }

  /** Does something with many messages, some at a time; resolves with how many it was done with before somebody stopped it. */
  async function inChunks(ids: readonly Hex32[], run: (chunk: readonly Hex32[]) => Promise<void>): Promise<readonly Hex32[]> {
    const stop = new AbortController();
    let at = 0;
    try {
      for (; at < ids.length && !stop.signal.aborted; at += CHUNK) {
        if (ids.length > MANY) working({ what: "filing", done: at, total: ids.length, stop: () => stop.abort() });
        await run(ids.slice(at, at + CHUNK));
      }
      return ids.slice(0, at);
    } finally {
      if (ids.length > MANY) working(null);
    }
  }

  /** Moves messages; where that fails half-way, some are moved all the same. */
  async function moveAll(ids: readonly Hex32[], folder: string | null): Promise<Moved> {
    const moved: Hex32[] = [];
    try {
      await inChunks(ids, async (chunk) => {
        await engine.call("folders.move", [chunk, folder]);
        moved.push(...chunk);
      });
      return { moved, begun: moved, fault: null };
    } catch (error) {
      return { moved, begun: ids.slice(0, moved.length + CHUNK), fault: { error } };
    }
  }

  async function moveBack(lines: readonly FiledMessage[]): Promise<void> {
    try {
      for (const [folder, group] of Map.groupBy(lines, (line) => line.folder)) {
        const { fault } = await moveAll(idsOf(group), folder);
        if (fault !== null) throw fault.error;
      }
    } catch (error) {
      fail(error);
    }
  }

  /** Moves what of the targets may be moved; they go from view at once. */
  async function file(
    targets: Targets,
    to: { readonly folder: () => Promise<string | null>; readonly text: (count: number) => string; readonly leaves: boolean },
    which: (line: FiledMessage) => boolean = () => true,
  ): Promise<void> {
    const hidden = to.leaves ? (targets.threads ?? []).map(keyOf) : [];
    hide(targets.list, hidden);
    try {
      const folder = await to.folder();
      const found = await gather(targets);
      if (found === null) return unhide(targets.list, hidden);
      const lines = found.filter((line) => line.folder !== folder && which(line));
      if (lines.length === 0) toast({ text: done.nothing });
      const { moved, begun, fault } = await moveAll(idsOf(lines), folder);
      if (fault === null) settle(targets.list, hidden);
      else {
        unhide(targets.list, hidden);
        fail(fault.error);
      }
      // Whoever stopped it moved fewer.
      const threads = new Set(lines.slice(0, moved.length).map(keyOf)).size;
      const count = moved.length < lines.length ? threads : targets.count;
      if (moved.length > 0) toast({ text: to.text(count), undo: () => void moveBack(lines.slice(0, begun.length)) });
    } catch (error) {
      unhide(targets.list, hidden);
      fail(error);
    }
  }

  /** Whether what is moved goes from a list: others show messages wherever they are. */
  const leaves = ({ list }: Targets): boolean => list.folder !== undefined || list.view === "inbox";
  const ofRole = async (role: "archive" | "trash"): Promise<string> => (await engine.call("folders.ofRole", [role, folders[role]])).id;

  async function changeAll(
    targets: Targets,
    which: (line: FiledMessage) => boolean,
    run: (ids: readonly Hex32[]) => Promise<void>,
  ): Promise<void> {
    try {
      await inChunks(idsOf(((await gather(targets)) ?? []).filter(which)), run);
    } catch (error) {
      fail(error);
    }
  }

  return {
    archive: async (targets) => {
      const to = { folder: async () => await ofRole("archive"), text: done.archived, leaves: leaves(targets) };
      await file(targets, to, to.leaves ? undefined : (line) => isInInbox(line, address));
    },
    trash: async (targets) => {
      // What lies in the trash stands in no other list.
      await file(targets, { folder: async () => await ofRole("trash"), text: done.trashed, leaves: true });
    },
    erase: async (targets) => {
      const keys = (targets.threads ?? []).map(keyOf);
      hide(targets.list, keys);
      try {
        const lines = await gather(targets);
        if (lines === null) return unhide(targets.list, keys);
        const ids = idsOf(lines);
        const erase = async (): Promise<void> => {
          try {
            await inChunks(ids, async (chunk) => await engine.call("inbox.remove", [chunk]));
            settle(targets.list, keys);
          } catch (error) {
            unhide(targets.list, keys);
            fail(error);
          }
        };
        const { promise: over, resolve: settled } = Promise.withResolvers<void>();
        // Until then nothing has happened: who closes the page keeps what was there.
        const end = endableToast({
          text: done.erased(targets.count),
          undo: () => {
            unhide(targets.list, keys);
            settled();
          },
          onGone: () => void erase().then(settled),
        });
        // Whoever locks the mailbox doesn't want it back.
        const stop = onLeaving(async () => {
          end();
          await over;
        });
        void over.then(stop);
      } catch (error) {
        unhide(targets.list, keys);
        fail(error);
      }
    },
    move: async (targets, folder, name) =>
      await file(targets, {
        folder: async () => await Promise.resolve(folder),
        text: (count) => done.moved(count, name),
        leaves: leaves(targets),
      }),
    setRead: async (targets, read) => {
      const latest = new Set((targets.threads ?? []).map(({ messageId }) => messageId));
      // Unread again is the newest message of a thread; with all of them, it would begin anew.
      const which = (line: FiledMessage): boolean =>
        !line.own && line.read !== read && (read || latest.size === 0 || latest.has(line.messageId));
      await changeAll(targets, which, async (ids) => await engine.call("inbox.setRead", [ids, read]));
    },
    star: async (targets, starred) => {
      const latest = new Set((targets.threads ?? []).map(({ messageId }) => messageId));
      const which = (line: FiledMessage): boolean =>
        line.state === "open" && line.starred !== starred && (!starred || latest.size === 0 || latest.has(line.messageId));
      await changeAll(targets, which, async (ids) => await engine.call("inbox.star", [ids, starred]));
    },
    label: async (targets, change) => {
      const which = ({ labels }: FiledMessage): boolean =>
        change.add.some((each) => !labels.includes(each)) || change.remove.some((each) => labels.includes(each));
      await changeAll(targets, which, async (ids) => await engine.call("inbox.label", [ids, change]));
    },
    block: async (targets) => {
      try {
        const lines = await gather(targets);
        if (lines === null) return;
        const people = [...new Set(lines.filter(({ own }) => !own).map(({ from }) => from))].filter((each) => each !== address);
        for (const person of people) await engine.call("lists.add", ["block", person, ""]);
        const unblock = async (): Promise<void> => {
          for (const person of people) await engine.call("lists.remove", ["block", person]);
        };
        if (people.length === 0) toast({ text: done.nothing });
        else toast({ text: done.blocked(people.join(", ")), undo: () => void unblock().catch(fail) });
      } catch (error) {
        fail(error);
      }
    },
    empty: async (folder) => {
      try {
        const lines = await messagesOf({ folder }, null);
        if (lines === null) return;
        const removed = await inChunks(idsOf(lines), async (chunk) => await engine.call("inbox.remove", [chunk]));
        if (removed.length === lines.length) toast({ text: done.emptied });
      } catch (error) {
        fail(error);
      }
    },
    removeFolder: async (folder) => {
      try {
        const lines = await messagesOf({ folder }, null);
        if (lines === null) return;
        const { moved, fault } = await moveAll(idsOf(lines), null);
        if (fault !== null) throw fault.error;
        if (moved.length === lines.length) await engine.call("folders.remove", [folder]);
      } catch (error) {
        fail(error);
      }
    },
  };
}

function idsOf(lines: readonly FiledMessage[]): readonly Hex32[] {
  return lines.map(({ messageId }) => messageId);
}
