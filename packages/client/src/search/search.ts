import { isSmimpError, type Address, type Clock, type Hex32 } from "@smimp/protocol";
import { listKeyOf } from "../inbox/documents.ts";
import type { InboxSummary } from "../model.ts";
import type { Storage } from "../storage/storage.ts";
import { createTurns } from "../turns.ts";
import { breath } from "./breath.ts";
import { documentOf, documentOfSummary, stateOf } from "./document.ts";
import { listUnsaved, listUnseen, markSeen, markUnseen } from "./journal.ts";
import type { IndexOptions, Search, SearchHit, SearchStatus } from "../rooms/search.ts";
import type { IndexChange, SearchableContent, SearchEngine, SearchIndex } from "./model.ts";
import { indexQuery, notUnderstoodIn, type SearchFolder } from "./narrowing.ts";
import { parseQuery } from "./query.ts";
import { imageFacts, removeImage, storedImage, storeImage } from "./snapshot.ts";
import { snippetOf } from "./snippet.ts";

/** What searching works with. */
export interface SearchParts {
  readonly storage: Storage;
  /** Null where the platform has none. */
  readonly engine: SearchEngine | null;
  readonly clock: Clock;
  /** The line of a message; null where there is none (any more). */
  summaryOf(messageId: Hex32): Promise<InboxSummary | null>;
  /** The whole message. Throws SmimpError where it can't be read. */
  read(messageId: Hex32): Promise<SearchableContent>;
  /** What somebody calls themselves; empty where nothing is known. */
  nameOf(address: Address): Promise<string>;
  /** Ids of all messages, in any order, page by page. */
  allMessages(): AsyncIterable<readonly Hex32[]>;
  folders(): Promise<readonly SearchFolder[]>;
}

/** Search, and what the rest of the client tells it. */
export interface SearchRoom extends Search {
  /** Something came or changed: an index that is open takes it in soon. */
  nudge(): void;
  close(): Promise<void>;
}

/** Messages that are noted as taken in at once, and those of them that are read side by side: what is searched for meanwhile waits for so many. */
const SLICE = 500;
const PUT_AT_ONCE = 32;
/** Notes that are made in one transaction. */
const NOTES_AT_ONCE = 500;
/** New messages that a search waits for. */
const CATCH_UP = 2_000;
/** Messages that were found and are read side by side. */
const READ_AT_ONCE = 16;
/** Changes after which the sealed copy is made anew: at least so many, or that share of the messages. */
const UNSAVED = 500;
const UNSAVED_SHARE = 1 / 50;
/** Changes after which it is made anew while an index is built. */
const UNSAVED_WHILE_BUILDING = 20_000;

/** Search over one mailbox. The index is opened when it is first needed. */
export function createSearch(parts: SearchParts): SearchRoom {
  const { storage, clock } = parts;
  const turns = createTurns();
  let opened: SearchIndex | null = null;
  /** Something was removed whose words the sealed copy still has. */
  let removed = false;
  let unsaved = 0;
  let busy = false;
  /** What the run under way has still to take in. */
  let left = 0;
  /** Messages are on their way into the index. */
  let taking = false;
  let closed = false;

  function engine(): SearchEngine {
    if (parts.engine === null) throw new TypeError("this client was given no search engine");
    return parts.engine;
  }

  /** The index, opened; only as part of a turn. */
  async function open(): Promise<SearchIndex> {
    if (closed) throw new TypeError("the client is closed");
    opened ??= (await openStored()) ?? (await startOver());
    return opened;
  }

  async function openStored(): Promise<SearchIndex | null> {
    if ((await imageFacts(storage))?.format !== engine().format) return null;
    try {
      const index = await engine().open(await storedImage(storage));
      const missing = await listUnsaved(storage);
      for (let at = 0; at < missing.length; at += NOTES_AT_ONCE) {
        await storage.transact(async (writer) => markUnseen(writer, missing.slice(at, at + NOTES_AT_ONCE)));
        await breath();
      }
      unsaved = missing.length;
      return index;
    } catch {
      // Whatever is wrong with the copy: the messages themselves are here.
      return null;
    }
  }

  async function startOver(): Promise<SearchIndex> {
    await removeImage(storage);
    // On a device that is new all of them are noted already.
    const noted = new Set(await listUnseen(storage));
    for await (const messageIds of parts.allMessages()) {
      const missing = messageIds.filter((messageId) => !noted.has(messageId));
      if (missing.length > 0) await storage.transact(async (writer) => markUnseen(writer, missing));
      await breath();
    }
    unsaved = Number.POSITIVE_INFINITY;
    return await engine().open(null);
  }

  /** Takes some changes in; how many. Only as part of a turn. */
  async function takeSlice(): Promise<number> {
    const index = await open();
    const messageIds = await listUnseen(storage, SLICE);
    if (messageIds.length === 0) return 0;
    taking = true;
    try {
      await storage.transact(async (writer) => markSeen(writer, messageIds));
      const known = await index.known(messageIds);
      const nameOf = remembering(parts.nameOf);
      let applied = Promise.resolve();
      for (let at = 0; at < messageIds.length; at += PUT_AT_ONCE) {
        const changes: IndexChange[] = [];
        const some = messageIds.slice(at, at + PUT_AT_ONCE).map(async (messageId, offset) => {
          const change = await changeOf(messageId, known[at + offset] ?? null, nameOf);
          if (change !== null) changes.push(change);
        });
        await Promise.all(some);
        await applied;
        applied = index.apply(changes);
        // Heard below; until then the next ones are read.
        applied.catch(() => undefined);
        removed ||= changes.some(({ type }) => type === "remove");
        await breath();
      }
      await applied;
      unsaved += messageIds.length;
      return messageIds.length;
    } catch (error) {
      await abandon(index);
      throw error;
    } finally {
      taking = false;
    }
  }

  /** An index that failed is opened anew, from its sealed copy, by whoever needs it next. */
  async function abandon(index: SearchIndex): Promise<void> {
    if (opened === index) opened = null;
    await index.close();
  }

  async function changeOf(messageId: Hex32, known: "whole" | "summary" | null, nameOf: SearchParts["nameOf"]): Promise<IndexChange | null> {
    const summary = await parts.summaryOf(messageId);
    const gone = known === null ? null : ({ type: "remove", messageId } as const);
    if (summary === null || summary.state !== "open") return gone;
    if (known === "whole" || (known === "summary" && !summary.fetched)) return { type: "state", messageId, ...stateOf(summary) };
    const name = await nameOf(summary.from);
    if (!summary.fetched) return { type: "put", document: documentOfSummary(summary, name) };
    try {
      return { type: "put", document: documentOf(summary, await parts.read(messageId), name) };
    } catch (error) {
      // Its key is burned, or it went in this very moment.
      if (isSmimpError(error)) return gone;
      throw error;
    }
  }

  /** Makes the sealed copy anew. Only as part of a turn. */
  async function save(purge: boolean): Promise<void> {
    const index = await open();
    const image = await index.image({ purge: purge || removed });
    try {
      await storeImage(storage, image, { format: engine().format, messages: await index.count() });
    } finally {
      await image.release();
    }
    unsaved = 0;
    removed = false;
  }

  async function saveIfDue(): Promise<void> {
    const index = await open();
    if (unsaved >= Math.max(UNSAVED, (await index.count()) * UNSAVED_SHARE)) await save(false);
  }

  async function run({ onProgress, signal }: IndexOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    await turns(open);
    const waiting = (await listUnseen(storage)).length;
    left = waiting;
    let sinceSaved = 0;
    try {
      for (let done = 0; ;) {
        const taken = await turns(takeSlice);
        if (taken === 0) break;
        done += taken;
        sinceSaved += taken;
        left = Math.max(0, waiting - done);
        onProgress?.({ done, total: Math.max(waiting, done) });
        signal?.throwIfAborted();
        if (sinceSaved < UNSAVED_WHILE_BUILDING) continue;
        await turns(async () => await save(false));
        sinceSaved = 0;
      }
    } finally {
      left = 0;
    }
    await turns(saveIfDue);
  }

  /** Goes on by itself; whatever fails is told to whoever searches next. */
  function runBehind(): void {
    if (busy || closed) return;
    busy = true;
    void run()
      .catch(() => undefined)
      .finally(() => (busy = false));
  }

  async function status(): Promise<SearchStatus> {
    const index = opened;
    if (index !== null && left > 0) return { indexed: await index.count(), pending: left };
    const unseen = await listUnseen(storage);
    if (index !== null) return { indexed: await index.count(), pending: unseen.length };
    const seen = new Set([...unseen, ...(await listUnsaved(storage))]);
    return { indexed: (await imageFacts(storage))?.messages ?? 0, pending: seen.size };
  }

  return {
    find: async (query, options = {}) => {
      // Whoever types asks again with each letter: an index that is being built is asked as it is, and not waited for.
      const index = opened ?? (await turns(open));
      // A backlog that is being worked off is not counted each time.
      const [waiting, folders] = await Promise.all([
        left > CATCH_UP ? left : listUnseen(storage, CATCH_UP + 1).then(({ length }) => length),
        parts.folders(),
      ]);
      const overdue = waiting > CATCH_UP;
      if (overdue) runBehind();
      // What is being taken in is noted as seen before it can be found.
      else if (waiting > 0 || taking) await run();
      const parsed = parseQuery(query, clock());
      const asked = indexQuery(parsed, options, folders);
      const [found, indexed] = await Promise.all([asked === null ? [] : (opened ?? index).find(asked), (opened ?? index).count()]);
      const limit = asked?.limit ?? 0;
      const hits: SearchHit[] = [];
      for (let at = 0; at < Math.min(limit, found.length); at += READ_AT_ONCE) {
        const read = await Promise.all(found.slice(at, Math.min(limit, at + READ_AT_ONCE)).map(hitOf));
        for (const hit of read) if (hit !== null) hits.push({ ...hit.summary, snippet: snippetOf(hit.text, asked?.terms ?? []) });
        await breath();
      }
      // The index knows seconds; within one, messages stand as everywhere else: in the order in which the server took them in.
      if (asked?.order === "newest") hits.sort((a, b) => (listKeyOf(a) < listKeyOf(b) ? 1 : -1));
      const notUnderstood = notUnderstoodIn(parsed, folders);
      return { hits, more: found.length > limit, notUnderstood, indexed, pending: overdue ? Math.max(left, waiting) : 0 };
    },
    index: async (options) => {
      await run(options);
      return await status();
    },
    status,
    forget: async (messageIds) =>
      await turns(async () => {
        if (parts.engine === null) return await removeImage(storage);
        const index = await open();
        await index.apply(messageIds.map((messageId) => ({ type: "remove", messageId })));
        await save(true);
      }),
    nudge: () => {
      if (opened !== null) runBehind();
    },
    close: async () => {
      closed = true;
      await turns(async () => {
        await opened?.close();
        opened = null;
      });
    },
  };

  async function hitOf(messageId: Hex32): Promise<{ readonly summary: InboxSummary; readonly text: string } | null> {
    const summary = await parts.summaryOf(messageId);
    if (summary === null) return null;
    if (!summary.fetched) return { summary, text: summary.preview };
    try {
      return { summary, text: (await parts.read(messageId)).body };
    } catch (error) {
      if (isSmimpError(error)) return { summary, text: summary.preview };
      throw error;
    }
  }
}

/** Asks for each name once. */
function remembering(nameOf: SearchParts["nameOf"]): SearchParts["nameOf"] {
  const names = new Map<Address, Promise<string>>();
  return async (address) => {
    const name = names.get(address) ?? nameOf(address);
    names.set(address, name);
    return await name;
  };
}
