import {
  EMAIL,
  sealedFolderText,
  SmimpError,
  toB64,
  toHex,
  type AnswerOf,
  type BodyInputOf,
  type Clock,
  type FolderText,
  type RandomBytes,
} from "@smimp/protocol";
import type { Api, CallOptions } from "../api.ts";
import { archiveKeyOf } from "../archive-keys.ts";
import type { Folders } from "../rooms/folders.ts";
import type { Resealing } from "../inbox/burned.ts";
import type { Mailbox } from "../inbox/mailbox.ts";
import { applyServerState } from "../inbox/server-state.ts";
import { countOf, readAheadOf, refileFolder } from "../inbox/summaries.ts";
import type { Keystore } from "../keystore/keystore.ts";
import { isUnsaved, markDirty } from "../keystore/state.ts";
import type { Folder } from "../model.ts";
import { inBatches } from "../pool.ts";
import type { Self } from "../self.ts";
import type { Sessions } from "../session.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { allFolders, deleteFolder, getFolder, openText, putFolder, textOf, type FolderDocument } from "./documents.ts";

/** Bytes of a folder's id. */
const ID_BYTES = 16;
/** Folders that are kept: far more than servers take. */
const MAX_FOLDERS = 10_000;
/** Messages that are moved at the same time. */
const PARALLEL = 8;
/** Messages that are noted as moved in one transaction. */
const AT_ONCE = 50;

/** What folders work with. */
export interface FolderParts {
  readonly storage: Storage;
  readonly api: Api;
  readonly sessions: Sessions;
  readonly self: Self;
  readonly keystore: Keystore;
  readonly mailbox: Mailbox;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** The owner's folders, and what a sync needs of them. */
export interface FolderRoom extends Folders, Resealing {
  /** Lists them anew. */
  refresh(signal?: AbortSignal): Promise<readonly FolderDocument[]>;
}

/** Folders with names that only their owner can read (protocol section 8); kept here, so that they are there without a server. */
export function createFolders(parts: FolderParts): FolderRoom {
  const { storage, api, sessions, self, clock, random } = parts;
  const asOwner = async <Result>(work: (options: Pick<CallOptions, "token">) => Promise<Result>): Promise<Result> =>
    await sessions.with(self.baseUrl, async (token) => await work({ token }));

  async function refresh(signal?: AbortSignal): Promise<readonly FolderDocument[]> {
    const { folders } = await asOwner(
      async (options): Promise<AnswerOf<"getFolders">> => await api.call(self.baseUrl, "getFolders", { ...options, signal }),
    );
    if (folders.length > MAX_FOLDERS) throw new SmimpError("too_large", "the server lists more folders than anybody has");
    await storage.transact(async (writer) => {
      const named = new Set(folders.map(({ name }) => name));
      for (const { name } of await allFolders(writer)) if (!named.has(name)) deleteFolder(writer, name);
      for (const folder of folders) await put(writer, folder);
    });
    return await allFolders(storage);
  }

  /** Seals a name under the month's archive key, which the keystore on the server holds before anything is sealed with it. */
  async function sealed(name: string, text: FolderText): Promise<string> {
    const { key, unsaved } = await storage.transact(async (writer) => {
      const month = await archiveKeyOf(writer, clock(), random);
      if (month.fresh) await markDirty(writer);
      return { key: month.key, unsaved: await isUnsaved(writer) };
    });
    if (unsaved) await parts.keystore.save();
    return toB64(sealedFolderText.seal(key, name, text, random));
  }

  async function store(folder: FolderDocument): Promise<Folder> {
    await storage.transact(async (writer) => await put(writer, folder));
    return await shown(folder);
  }

  async function put(writer: StorageWriter, folder: FolderDocument): Promise<void> {
    if (await putFolder(writer, folder)) await refileFolder(storage, writer, folder.name);
  }

  async function change(id: string, changed: (text: FolderText | null) => FolderText, parent?: string | null): Promise<Folder> {
    const known = await getFolder(storage, id);
    if (known === null) throw new SmimpError("not_found", "there is no such folder");
    const folder = {
      ...known,
      display_name: await sealed(id, changed(await textOf(storage, known))),
      parent: parent === undefined ? known.parent : parent,
    };
    await asOwner(
      async (options) => await api.call(self.baseUrl, "changeFolder", { ...options, params: { name: id }, body: body(folder) }),
    );
    return await store(folder);
  }

  async function shown(folder: FolderDocument): Promise<Folder> {
    const text = await textOf(storage, folder);
    const counts = await countOf(storage, storage, { folder: folder.name });
    return {
      id: folder.name,
      name: text?.name ?? null,
      role: text?.role ?? null,
      parent: folder.parent,
      messageType: folder.message_type,
      ...counts,
    };
  }

  /** Seals names anew whose key was destroyed. */
  async function reseal(): Promise<void> {
    for (const folder of await allFolders(storage)) {
      const text = await textOf(storage, folder);
      if (text !== null && (await openText(storage, folder)) === null) await change(folder.name, () => text);
    }
  }

  return {
    refresh,
    reseal,
    list: async () => {
      const all = await Promise.all((await allFolders(storage)).map(shown));
      return all.toSorted((a, b) => (a.name ?? "").localeCompare(b.name ?? "") || (a.id < b.id ? -1 : 1));
    },
    create: async ({ name, role, parent = null, messageType = EMAIL }) => {
      const id = toHex(random(ID_BYTES));
      const text = { name, ...(role === undefined ? {} : { role }) };
      const folder = { name: id, message_type: messageType, parent, display_name: await sealed(id, text) };
      await asOwner(async (options) => await api.call(self.baseUrl, "createFolder", { ...options, body: body(folder) }));
      return await store(folder);
    },
    rename: async (id, name) => await change(id, (text) => ({ ...text, name })),
    setParent: async (id, parent) =>
      await change(
        id,
        (text) => {
          if (text === null) throw new SmimpError("key_unknown", "the folder has no name that can be read: name it first");
          return text;
        },
        parent,
      ),
    remove: async (id) => {
      try {
        await asOwner(async (options) => await api.call(self.baseUrl, "deleteFolder", { ...options, params: { name: id } }));
      } catch (error) {
        // Gone already: another device was faster, or an answer was lost.
        if (!(error instanceof SmimpError && error.code === "not_found")) throw error;
      }
      await storage.transact(async (writer) => await Promise.resolve(deleteFolder(writer, id)));
    },
    move: async (messageIds, folder) =>
      await inBatches(
        messageIds,
        { batch: AT_ONCE, limit: PARALLEL },
        async (id) => await parts.mailbox.move(id, folder),
        async (moved) =>
          await storage.transact(async (writer) => {
            await readAheadOf(storage, writer, moved, (line) => ({ ...line, folder }));
            for (const id of moved) await applyServerState(storage, writer, id, { folder });
          }),
      ),
  };
}

function body({ name, message_type, parent, display_name }: FolderDocument): BodyInputOf<"createFolder"> {
  return { name, message_type, parent, display_name };
}
