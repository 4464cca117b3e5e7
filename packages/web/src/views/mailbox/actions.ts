import type { InboxSummary } from "@smimp/client";
import type { Address, Hex32 } from "@smimp/protocol";
import type { Engine } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { faultText } from "../../ui/fault.ts";
import { toast } from "../../ui/toasts.tsx";
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
  readonly done: number;
  /** Null while nobody knows. */
  readonly total: number | null;
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

/** Makes the actions of a mailbox. */
export function createActions({ engine, messages, address, working }: ActionParts): Actions {
  const { done, folders } = messages.mailbox;

  const fail = (error: unknown): void => toast({ text: faultText(messages, error), tone: "error" });

  async function gather({ list, threads, except }: Targets): Promise<readonly InboxSummary[]> {
    const found = await engine.call("inbox.messagesOf", [list, threads]);
    if (except.length === 0) return found;
    const kept = new Set(except.map(keyOf));
    return found.filter(({ threadId, messageId }) => !kept.has(threadId ?? messageId));
  }

  /** Does something with many messages, some at a time; resolves with how many it was done with before somebody stopped it. */
  async function inChunks(ids: readonly Hex32[], run: (chunk: readonly Hex32[]) => Promise<void>): Promise<readonly Hex32[]> {
    const stop = new AbortController();
    let at = 0;
    try {
      for (; at < ids.length && !stop.signal.aborted; at += CHUNK) {
        if (ids.length > MANY) working({ done: at, total: ids.length, stop: () => stop.abort() });
        await run(ids.slice(at, at + CHUNK));
      }
      return ids.slice(0, at);
    } finally {
      if (ids.length > MANY) working(null);
    }
  }

  const moveAll = async (ids: readonly Hex32[], folder: string | null): Promise<readonly Hex32[]> =>
    await inChunks(ids, async (chunk) => await engine.call("folders.move", [chunk, folder]));

  async function moveBack(lines: readonly InboxSummary[]): Promise<void> {
    try {
      for (const [folder, group] of Map.groupBy(lines, (line) => line.folder)) await moveAll(idsOf(group), folder);
    } catch (error) {
      fail(error);
    }
  }

  /** Moves what of the targets may be moved; they go from view at once. */
  async function file(
    targets: Targets,
    to: { readonly folder: () => Promise<string | null>; readonly text: (count: number) => string; readonly leaves: boolean },
    which: (line: InboxSummary) => boolean = () => true,
  ): Promise<void> {
    const hidden = to.leaves ? (targets.threads ?? []).map(keyOf) : [];
    hide(targets.list, hidden);
    try {
      const folder = await to.folder();
      const lines = (await gather(targets)).filter((line) => line.folder !== folder && which(line));
      if (lines.length === 0) toast({ text: done.nothing });
      const moved = new Set(await moveAll(idsOf(lines), folder));
      settle(targets.list, hidden);
      const back = lines.filter(({ messageId }) => moved.has(messageId));
      if (back.length > 0) toast({ text: to.text(targets.count), undo: () => void moveBack(back) });
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
    which: (line: InboxSummary) => boolean,
    run: (ids: readonly Hex32[]) => Promise<void>,
  ): Promise<void> {
    try {
      await inChunks(idsOf((await gather(targets)).filter(which)), run);
    } catch (error) {
      fail(error);
    }
  }

  return {
    archive: async (targets) => {
      const inInbox = ({ folder, own, recipients }: InboxSummary): boolean => folder === null && (!own || recipients.includes(address));
      const to = { folder: async () => await ofRole("archive"), text: done.archived, leaves: leaves(targets) };
      await file(targets, to, to.leaves ? undefined : inInbox);
    },
    trash: async (targets) => {
      // What lies in the trash stands in no other list.
      await file(targets, { folder: async () => await ofRole("trash"), text: done.trashed, leaves: true });
    },
    erase: async (targets) => {
      const keys = (targets.threads ?? []).map(keyOf);
      hide(targets.list, keys);
      try {
        const ids = idsOf(await gather(targets));
        const erase = async (): Promise<void> => {
          try {
            await inChunks(ids, async (chunk) => await engine.call("inbox.remove", [chunk]));
            settle(targets.list, keys);
          } catch (error) {
            unhide(targets.list, keys);
            fail(error);
          }
        };
        // Until then nothing has happened: who closes the page keeps what was there.
        toast({ text: done.erased(targets.count), undo: () => unhide(targets.list, keys), onGone: () => void erase() });
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
      const which = (line: InboxSummary): boolean =>
        !line.own && line.read !== read && (read || latest.size === 0 || latest.has(line.messageId));
      await changeAll(targets, which, async (ids) => await engine.call("inbox.setRead", [ids, read]));
    },
    star: async (targets, starred) => {
      const latest = new Set((targets.threads ?? []).map(({ messageId }) => messageId));
      const which = (line: InboxSummary): boolean =>
        line.state === "open" && line.starred !== starred && (!starred || latest.size === 0 || latest.has(line.messageId));
      await changeAll(targets, which, async (ids) => await engine.call("inbox.star", [ids, starred]));
    },
    label: async (targets, change) => {
      const which = ({ labels }: InboxSummary): boolean =>
        change.add.some((each) => !labels.includes(each)) || change.remove.some((each) => labels.includes(each));
      await changeAll(targets, which, async (ids) => await engine.call("inbox.label", [ids, change]));
    },
    block: async (targets) => {
      try {
        const people = [...new Set((await gather(targets)).filter(({ own }) => !own).map(({ from }) => from))].filter(
          (each) => each !== address,
        );
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
        working({ done: 0, total: null, stop: () => undefined });
        const ids = idsOf(await engine.call("inbox.messagesOf", [{ folder }, null]));
        working(null);
        await inChunks(ids, async (chunk) => await engine.call("inbox.remove", [chunk]));
        toast({ text: done.emptied });
      } catch (error) {
        working(null);
        fail(error);
      }
    },
    removeFolder: async (folder) => {
      try {
        const lines = await engine.call("inbox.messagesOf", [{ folder }, null]);
        const moved = await moveAll(idsOf(lines), null);
        if (moved.length === lines.length) await engine.call("folders.remove", [folder]);
      } catch (error) {
        fail(error);
      }
    },
  };
}

function idsOf(lines: readonly InboxSummary[]): readonly Hex32[] {
  return lines.map(({ messageId }) => messageId);
}
