import {
  archiveKeyIdOf,
  fromB64,
  isSmimpError,
  MAX_LIST_ENTRIES,
  MAX_LIST_PAGE,
  parseHex32,
  parseListEntry,
  sealedListNote,
  SmimpError,
  toB64,
  type AnswerOf,
  type Clock,
  type Hex32,
  type ListEntry as Entry,
  type RandomBytes,
} from "@smimp/protocol";
import type { Api } from "../api.ts";
import { archiveKey, archiveKeyOf } from "../archive-keys.ts";
import type { AccessList } from "../rooms/lists.ts";
import type { Resealing } from "../inbox/burned.ts";
import { listWaiting } from "../inbox/documents.ts";
import type { SyncRun } from "../inbox/fetching.ts";
import type { Keystore } from "../keystore/keystore.ts";
import { isUnsaved, markDirty } from "../keystore/state.ts";
import type { ListedEntry } from "../model.ts";
import type { Self } from "../self.ts";
import type { Sessions } from "../session.ts";
import type { Storage } from "../storage/storage.ts";
import {
  covers,
  deleteEntry,
  deleteToAllow,
  getEntry,
  isBlocked,
  knownEntries,
  listToAllow,
  putEntry,
  type EntryDocument,
  type ListName,
} from "./documents.ts";

/** People who are let in by one sync because the owner wrote to them. */
const ALLOWED_A_SYNC = 100;
/** Pages of a list: no honest server has more. */
const MAX_PAGES = Math.ceil(MAX_LIST_ENTRIES / MAX_LIST_PAGE) + 1;

/** What the lists work with. */
export interface ListParts {
  readonly storage: Storage;
  readonly api: Api;
  readonly sessions: Sessions;
  readonly self: Self;
  readonly keystore: Keystore;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Deletes a message here and on the server. */
  remove(messageId: Hex32): Promise<void>;
}

/** Whom the owner lets in and keeps out, and what a sync does for it. */
export interface ListRoom extends Resealing {
  readonly allow: AccessList;
  readonly block: AccessList;
  /** Lets in whom the owner wrote to. */
  allowCorrespondents(run: Pick<SyncRun, "signal">): Promise<void>;
}

const CALLS = {
  allowlist: { get: "getAllowlist", add: "addToAllowlist", remove: "removeFromAllowlist" },
  blocklist: { get: "getBlocklist", add: "addToBlocklist", remove: "removeFromBlocklist" },
} as const;

/** The allow and block list on the owner's server (protocol section 8). Notes say what an entry is; the server shows its hash alone. */
export function createLists(parts: ListParts): ListRoom {
  const { storage, api, sessions, self, clock, random } = parts;
  const asOwner = async <Result>(work: (token: string) => Promise<Result>): Promise<Result> => await sessions.with(self.baseUrl, work);

  async function fetchAll(list: ListName, signal?: AbortSignal): Promise<AnswerOf<"getAllowlist">["entries"]> {
    const all: AnswerOf<"getAllowlist">["entries"] = [];
    let cursor: Hex32 | null = null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const query: { query?: { cursor: Hex32 } } = cursor === null ? {} : { query: { cursor } };
      const answer: AnswerOf<"getAllowlist"> = await asOwner(
        async (token) => await api.call(self.baseUrl, CALLS[list].get, { token, signal, ...query }),
      );
      all.push(...answer.entries);
      ({ cursor } = answer);
      if (cursor === null) return all;
    }
    throw new SmimpError("temporarily_unavailable", "the server's list has no end");
  }

  /** The list as the server has it; what it is about is known from the notes, or because it was added here. */
  async function refresh(list: ListName, signal?: AbortSignal): Promise<readonly ListedEntry[]> {
    const all = await fetchAll(list, signal);
    return await storage.transact(async (writer) => {
      const known = new Map((await knownEntries(writer, list)).map((each) => [each.hash, each]));
      const shown: ListedEntry[] = [];
      for (const { hash, note, created_at: createdAt } of all) {
        const said = await openNote(storage, hash, note);
        const entry = said?.entry ?? known.get(hash)?.entry ?? null;
        const text = said === null ? (known.get(hash)?.text ?? "") : said.text;
        known.delete(hash);
        if (entry !== null) putEntry(storage, writer, { list, entry, hash, text, createdAt });
        shown.push({ hash, entry, text, createdAt });
      }
      for (const gone of known.values()) deleteEntry(storage, writer, gone);
      return shown;
    });
  }

  async function add(list: ListName, entry: Entry, text: string): Promise<EntryDocument> {
    const before = await getEntry(storage, storage, list, entry);
    // The note is bound to the hash, which the server alone can tell: so a new entry is posted twice.
    const hash = before?.hash ?? (await post(list, entry, null));
    await post(list, entry, await sealedNote(hash, entry, text));
    const document = { list, entry, hash, text, createdAt: before?.createdAt ?? clock() };
    await storage.transact(async (writer) => await Promise.resolve(putEntry(storage, writer, document)));
    return document;
  }

  async function post(list: ListName, entry: Entry, note: string | null): Promise<Hex32> {
    return (await asOwner(async (token) => await api.call(self.baseUrl, CALLS[list].add, { token, body: { entry, note } }))).hash;
  }

  async function sealedNote(hash: Hex32, entry: Entry, text: string): Promise<string> {
    const { key, unsaved } = await storage.transact(async (writer) => {
      const month = await archiveKeyOf(writer, clock(), random);
      if (month.fresh) await markDirty(writer);
      return { key: month.key, unsaved: await isUnsaved(writer) };
    });
    // Nobody could read what is sealed with a key that only this device has.
    if (unsaved) await parts.keystore.save();
    return toB64(sealedListNote.seal(key, hash, { entry, ...(text === "" ? {} : { text }) }, random));
  }

  async function remove(list: ListName, which: string): Promise<void> {
    const known = await knownEntries(storage, list);
    const isHash = /^[0-9a-f]{64}$/.test(which);
    const entry = isHash ? (known.find(({ hash }) => hash === which)?.entry ?? null) : parseListEntry(which);
    const hash = isHash ? parseHex32(which) : await hashOf(list, parseListEntry(which));
    try {
      await asOwner(async (token) => await api.call(self.baseUrl, CALLS[list].remove, { token, params: { hash } }));
    } catch (error) {
      if (!isSmimpError(error, "not_found")) throw error;
    }
    if (entry !== null) await storage.transact(async (writer) => await Promise.resolve(deleteEntry(storage, writer, { list, entry })));
  }

  /** The hash of an entry that is to be taken away: the server tells it to who posts the entry once more. */
  async function hashOf(list: ListName, entry: Entry): Promise<Hex32> {
    return (await getEntry(storage, storage, list, entry))?.hash ?? (await post(list, entry, null));
  }

  /** Messages of people who are kept out now, and whose histories were never looked at, wait no more. */
  async function dropWaiting(entry: Entry): Promise<void> {
    for (const { messageId, from } of await listWaiting(storage)) {
      if (covers(entry, from) && (await isBlocked(storage, storage, from))) await parts.remove(messageId);
    }
  }

  async function allowCorrespondents({ signal }: Pick<SyncRun, "signal">): Promise<void> {
    const due = await listToAllow(storage, ALLOWED_A_SYNC);
    if (due.length === 0) return;
    await refresh("allowlist", signal);
    await refresh("blocklist", signal);
    for (const address of due) {
      signal?.throwIfAborted();
      const known = (await getEntry(storage, storage, "allowlist", address)) !== null;
      // Whom their owner keeps out by name is not let in by writing to them.
      const blocked = (await getEntry(storage, storage, "blocklist", address)) !== null;
      try {
        if (!known && !blocked) await add("allowlist", address, "");
      } catch (error) {
        // The list is full: then they are strangers like others.
        if (!isSmimpError(error, "quota_exceeded")) throw error;
      }
      await storage.transact(async (writer) => await Promise.resolve(deleteToAllow(storage, writer, address)));
    }
  }

  /** Writes notes anew whose key was destroyed. */
  async function reseal(signal: AbortSignal | undefined): Promise<void> {
    for (const list of ["allowlist", "blocklist"] as const) {
      for (const { hash, note } of await fetchAll(list, signal)) {
        if (note === null || (await openNote(storage, hash, note)) !== null) continue;
        const known = (await knownEntries(storage, list)).find((each) => each.hash === hash);
        if (known !== undefined) await add(list, known.entry, known.text);
      }
    }
  }

  const listOf = (list: ListName, onAdded: (entry: Entry) => Promise<void>): AccessList => ({
    list: async () => await refresh(list),
    add: async (text, note = "") => {
      const entry = parseListEntry(text);
      const { hash, createdAt } = await add(list, entry, note);
      await onAdded(entry);
      return { hash, entry, text: note, createdAt };
    },
    remove: async (which) => await remove(list, which),
  });

  /** The owner's last word counts: whom they keep out now is let in no more because they once wrote to them, and the other way round. */
  async function takeOff(other: ListName, entry: Entry): Promise<void> {
    await refresh(other);
    if ((await getEntry(storage, storage, other, entry)) !== null) await remove(other, entry);
  }

  return {
    allow: listOf("allowlist", async (entry) => await takeOff("blocklist", entry)),
    block: listOf("blocklist", async (entry) => {
      await takeOff("allowlist", entry);
      await dropWaiting(entry);
    }),
    allowCorrespondents,
    reseal,
  };
}

/** What a note says; null where there is none, or none that can be read. */
async function openNote(
  storage: Storage,
  hash: Hex32,
  note: string | null,
): Promise<{ readonly entry: Entry; readonly text: string } | null> {
  if (note === null) return null;
  try {
    const sealed = fromB64(note);
    const key = await archiveKey(storage, archiveKeyIdOf(sealed));
    if (key === null) return null;
    const { entry, text = "" } = sealedListNote.open(key, hash, sealed);
    return { entry: parseListEntry(entry), text };
  } catch (error) {
    if (isSmimpError(error)) return null;
    throw error;
  }
}
