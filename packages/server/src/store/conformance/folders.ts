import assert from "node:assert/strict";
import { parseMessageType } from "@smimp/protocol";
import type { Folder } from "../folders.ts";
import { sealedEtag } from "../message-filing.ts";
import type { Store } from "../store.ts";
import { addAccount, ALICE, BOB, code, EMAIL, messageOf, NOW, STRANGER, type Case } from "./fixtures.ts";

const folderOf = (name: string, over: Partial<Folder> = {}): Folder => ({
  name,
  messageType: EMAIL,
  parent: null,
  displayName: `sealed-${name}`,
  ...over,
});
const id = (name: string) => messageOf(name).messageId;
const put = (store: Store, folder: Folder) => store.transact((writer) => writer.folders.put(ALICE, folder));
const move = (store: Store, name: string, folder: string | null) =>
  store.transact((writer) => writer.messages.move(ALICE, id(name), folder));
const counts = async (store: Store, name: string) => {
  const folder = await store.read((reader) => reader.folders.find(ALICE, name));
  return folder === null ? null : [folder.total, folder.unread];
};

/** Folders, what stands in them, and what clients note about a message. */
export const folderCases: readonly Case[] = [
  {
    name: "a folder comes back as it was made or changed, to its owner only, and each change is a state",
    async run(store) {
      await addAccount(store, ALICE);
      await addAccount(store, BOB);
      assert.equal(await put(store, folderOf("b", { displayName: null })), 1);
      assert.equal(await put(store, folderOf("a", { parent: "b" })), 2);
      assert.equal(await put(store, folderOf("a", { displayName: "other" })), 3);
      const empty = { total: 0, unread: 0 };
      assert.deepEqual(await store.read((reader) => reader.folders.list(ALICE)), [
        { ...folderOf("a", { displayName: "other" }), ...empty },
        { ...folderOf("b", { displayName: null }), ...empty },
      ]);
      assert.deepEqual(await store.read((reader) => reader.folders.list(BOB)), []);
      assert.equal(await store.read((reader) => reader.folders.find(BOB, "a")), null);
      assert.equal(await store.transact((writer) => writer.folders.remove(BOB, "a")), null);
      assert.equal(await store.transact((writer) => writer.folders.put(BOB, folderOf("a"))), 1);
      assert.equal(await store.transact((writer) => writer.folders.remove(ALICE, "a")), 4);
      assert.equal(await store.transact((writer) => writer.folders.remove(ALICE, "a")), null);
      assert.equal(await store.read((reader) => reader.folders.changedAt(ALICE)), 4);
      await assert.rejects(
        store.transact((writer) => writer.folders.put(STRANGER, folderOf("a"))),
        (error: unknown) => error instanceof Error,
      );
    },
  },
  {
    name: "only an empty folder is deleted",
    async run(store) {
      await addAccount(store, ALICE);
      await put(store, folderOf("top"));
      await put(store, folderOf("below", { parent: "top" }));
      await store.transact((writer) => writer.messages.add(messageOf("one")));
      await move(store, "one", "below");
      const remove = (name: string) => store.transact((writer) => writer.folders.remove(ALICE, name));
      await assert.rejects(remove("top"), code("conflict"));
      await assert.rejects(remove("below"), code("conflict"));
      await move(store, "one", null);
      await remove("below");
      await remove("top");
      assert.deepEqual(await store.checkIntegrity(), []);
    },
  },
  {
    name: "messages move between folders of their type, are paged and counted there, and the moves are changes",
    async run(store) {
      await addAccount(store, ALICE);
      await put(store, folderOf("a"));
      await put(store, folderOf("b"));
      await put(store, folderOf("other", { messageType: parseMessageType("short-message") }));
      for (const name of ["1", "2", "3"]) await store.transact((writer) => writer.messages.add(messageOf(name)));
      assert.equal(await move(store, "1", "a"), 7);
      assert.equal(await move(store, "1", "a"), 7);
      assert.equal(await move(store, "3", "a"), 8);
      await assert.rejects(move(store, "2", "other"), code("not_found"));
      await assert.rejects(move(store, "2", "unknown"), code("not_found"));
      assert.equal(await move(store, "unknown", "a"), null);
      assert.equal(await store.transact((writer) => writer.messages.move(BOB, id("1"), null)), null);

      const page = async (folder: string | null, limit = 10, cursor?: string) =>
        await store.read((reader) => reader.messages.page(ALICE, EMAIL, { folder, limit, cursor }));
      const idsOf = async (folder: string | null) => (await page(folder)).messages.map((line) => line.messageId);
      assert.deepEqual(await idsOf("a"), [id("3"), id("1")]);
      assert.deepEqual(await idsOf(null), [id("2")]);
      const first = await page("a", 1);
      assert.deepEqual((await page("a", 1, first.cursor ?? "")).messages[0]?.messageId, id("1"));
      assert.equal((await store.read((reader) => reader.messages.find(ALICE, id("1"))))?.folder, "a");

      assert.deepEqual(await counts(store, "a"), [2, 2]);
      await store.transact((writer) => writer.messages.setRead(ALICE, id("1"), true));
      assert.deepEqual(await counts(store, "a"), [2, 1]);
      await move(store, "1", "b");
      assert.deepEqual(
        [await counts(store, "a"), await counts(store, "b")],
        [
          [1, 1],
          [1, 0],
        ],
      );
      await store.transact((writer) => writer.messages.remove(ALICE, id("1"), NOW));
      await store.transact((writer) => writer.messages.remove(ALICE, id("3"), NOW));
      assert.deepEqual(
        [await counts(store, "a"), await counts(store, "b")],
        [
          [0, 0],
          [0, 0],
        ],
      );
      assert.deepEqual(await store.checkIntegrity(), []);
    },
  },
  {
    name: "changes tell once that folders changed, also in pages",
    async run(store) {
      await addAccount(store, ALICE);
      const changes = (since: number, limit = 100) => store.read((reader) => reader.messages.changes(ALICE, since, limit));
      for (const name of ["1", "2"]) await store.transact((writer) => writer.messages.add(messageOf(name)));
      await put(store, folderOf("a"));
      await store.transact((writer) => writer.messages.add(messageOf("3")));
      assert.equal((await changes(0)).folders, true);
      assert.equal((await changes(3)).folders, false);
      const first = await changes(0, 2);
      assert.deepEqual([first.state, first.folders, first.more], [2, false, true]);
      assert.deepEqual(await changes(2), { state: 4, created: [id("3")], updated: [], destroyed: [], folders: true, more: false });
      await move(store, "1", "a");
      assert.deepEqual(await changes(4), { state: 5, created: [], updated: [id("1")], destroyed: [], folders: false, more: false });
      await store.transact((writer) => writer.folders.remove(ALICE, "none"));
      await put(store, folderOf("b"));
      assert.deepEqual(await changes(5), { state: 6, created: [], updated: [], destroyed: [], folders: true, more: false });
    },
  },
  {
    name: "extensions are kept, counted, and stored only on those that the writer has seen, if it says so",
    async run(store) {
      await addAccount(store, ALICE);
      const message = messageOf("one");
      await store.transact((writer) => writer.messages.add(message));
      const set = (extensions: string, condition: "none" | { readonly etag: string } | null = null) =>
        store.transact((writer) => writer.messages.setExtensions(ALICE, message.messageId, extensions, condition));
      const used = async () => (await store.read((reader) => reader.accounts.find(ALICE)))?.usedBytes ?? 0;
      const before = await used();
      assert.deepEqual(await set("AAAA", "none"), { state: 2, grownBy: 4 });
      await assert.rejects(set("BBBB", "none"), code("precondition_failed"));
      await assert.rejects(set("BBBB", { etag: sealedEtag("CCCC") }), code("precondition_failed"));
      assert.deepEqual(await set("BB", { etag: sealedEtag("AAAA") }), { state: 3, grownBy: -2 });
      assert.deepEqual(await set("CCCCCC"), { state: 4, grownBy: 4 });
      assert.equal((await store.read((reader) => reader.messages.find(ALICE, message.messageId)))?.extensions, "CCCCCC");
      assert.equal(await used(), before + 6);
      assert.equal(await store.transact((writer) => writer.messages.setExtensions(BOB, message.messageId, "A", null)), null);
      assert.deepEqual(await store.checkIntegrity(), []);
      await store.transact((writer) => writer.messages.remove(ALICE, message.messageId, NOW));
      assert.equal(await used(), 0);
    },
  },
];
