import assert from "node:assert/strict";
import { addSeconds, DAY, parseAddress, TOMBSTONE_LIFE, UNNAMED_BLOB_LIFE, utf8 } from "@smimp/protocol";
import { cleanStore } from "../cleaning.ts";
import { KEPT_KEYSTORES } from "../keystores.ts";
import { sealedEtag } from "../message-filing.ts";
import {
  addAccount,
  ALICE,
  BOB,
  code,
  CONTENT,
  EMAIL,
  HASH,
  idOf,
  isThere,
  messageOf,
  NOW,
  pieces,
  readAll,
  readBytes,
  recordOf,
  STRANGER,
  upload,
  type Case,
} from "./fixtures.ts";

const id = (name: string) => messageOf(name).messageId;

/** Messages, changes, blobs, keystores, cleaning. */
export const mailboxCases: readonly Case[] = [
  {
    name: "a message comes back exactly, to its owner only",
    async run(store) {
      await addAccount(store, ALICE);
      await addAccount(store, BOB);
      const message = messageOf("one", { envelope: { data: '{"text":"ü\\n 💬"}', signature: "s" } });
      assert.equal(await store.transact((writer) => writer.messages.add(message)), 1);
      await store.read(async ({ messages, accounts }) => {
        const found = await messages.find(ALICE, message.messageId);
        assert.deepEqual(found?.envelope, message.envelope);
        assert.equal(found?.size, utf8(message.envelope.data).length);
        assert.equal((await accounts.find(ALICE))?.usedBytes, found?.size);
        assert.equal(await messages.find(BOB, message.messageId), null);
        assert.equal(await messages.wasAccepted(BOB, message.messageId), false);
      });
      assert.equal(await store.transact((writer) => writer.messages.setRead(BOB, message.messageId, true)), null);
      assert.equal(await store.transact((writer) => writer.messages.remove(BOB, message.messageId, NOW)), null);
      await assert.rejects(
        store.transact((writer) => writer.messages.add({ ...message, recipient: messageOf("").from })),
        code("unknown_user"),
      );
    },
  },
  {
    name: "a message is stored once, also when it comes at once and after its deletion",
    async run(store) {
      await addAccount(store, ALICE);
      const message = messageOf("one");
      const add = () => store.transact((writer) => writer.messages.add(message));
      const results = await Promise.allSettled(Array.from({ length: 10 }, add));
      assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
      await store.transact((writer) => writer.messages.remove(ALICE, message.messageId, NOW));
      await assert.rejects(add(), code("conflict"));
      assert.equal((await store.read((reader) => reader.accounts.find(ALICE)))?.usedBytes, 0);
      await cleanStore(store, addSeconds(NOW, TOMBSTONE_LIFE - 1));
      assert.equal(await store.read((reader) => reader.messages.wasAccepted(ALICE, message.messageId)), true);
      await cleanStore(store, addSeconds(NOW, TOMBSTONE_LIFE));
      assert.equal(await store.read((reader) => reader.messages.wasAccepted(ALICE, message.messageId)), false);
    },
  },
  {
    name: "a folder is paged newest first, whatever is deleted meanwhile",
    async run(store) {
      await addAccount(store, ALICE);
      await Promise.all(Array.from({ length: 25 }, (_, index) => store.transact((writer) => writer.messages.add(messageOf(`${index}`)))));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.read((reader) => reader.messages.page(ALICE, EMAIL, { cursor, limit: 10 }));
        seen.push(...page.messages.map((line) => line.messageId));
        cursor = page.cursor ?? undefined;
        await store.transact((writer) => writer.messages.remove(ALICE, messageOf("24").messageId, NOW));
      } while (cursor !== undefined);
      assert.deepEqual(
        seen,
        Array.from({ length: 25 }, (_, index) => messageOf(`${24 - index}`).messageId),
      );
      await assert.rejects(
        store.read((reader) => reader.messages.page(ALICE, EMAIL, { cursor: "x", limit: 10 })),
        code("bad_request"),
      );
      const many = [messageOf("3").messageId, idOf("unknown"), messageOf("1").messageId];
      const found = await store.read((reader) => reader.messages.findMany(ALICE, many));
      assert.deepEqual(
        found.map((message) => message.messageId),
        [many[0], many[2]],
      );
    },
  },
  {
    name: "changes tell everything once, in pages, and survive any mixture",
    async run(store) {
      await addAccount(store, ALICE);
      for (const name of ["a", "b", "c", "d"]) await store.transact((writer) => writer.messages.add(messageOf(name)));
      await store.transact((writer) => writer.messages.setRead(ALICE, id("a"), true));
      assert.equal(await store.transact((writer) => writer.messages.setRead(ALICE, id("a"), true)), 5);
      await store.transact((writer) => writer.messages.remove(ALICE, id("b"), NOW));
      await store.transact((writer) => writer.messages.add(messageOf("e")));
      const changes = (since: number, limit = 100) => store.read((reader) => reader.messages.changes(ALICE, since, limit));
      const none = { created: [], updated: [], destroyed: [], folders: false, more: false };
      assert.deepEqual(await changes(0), { ...none, state: 7, created: [id("a"), id("c"), id("d"), id("e")] });
      assert.deepEqual(await changes(4), { ...none, state: 7, created: [id("e")], updated: [id("a")], destroyed: [id("b")] });
      assert.deepEqual(await changes(7), { ...none, state: 7 });
      assert.deepEqual(await changes(4, 2), { ...none, state: 6, updated: [id("a")], destroyed: [id("b")], more: true });
      assert.deepEqual(await changes(6, 2), { ...none, state: 7, created: [id("e")] });
      await assert.rejects(changes(8), code("state_too_old"));
      await cleanStore(store, addSeconds(NOW, TOMBSTONE_LIFE));
      await assert.rejects(changes(4), code("state_too_old"));
      assert.equal((await changes(6)).state, 7);
      const forgotten = await store.read((reader) => reader.messages.changes(ALICE, 4, 100, { forgotten: true }));
      assert.deepEqual(forgotten.created, [id("e")]);
      assert.equal((await changes(0)).created.length, 4);
    },
  },
  {
    name: "an archive is stored only on the one it was made from",
    async run(store) {
      await addAccount(store, ALICE);
      const { messageId } = messageOf("one");
      await store.transact((writer) => writer.messages.add(messageOf("one")));
      const set = (archive: string, condition: "none" | { readonly etag: string }) =>
        store.transact((writer) => writer.messages.setArchive(ALICE, messageId, { archive, summary: "sum" }, condition));
      assert.equal(await set("one", "none"), 2);
      await assert.rejects(set("two", "none"), code("precondition_failed"));
      await assert.rejects(set("two", { etag: sealedEtag("zero") }), code("precondition_failed"));
      assert.equal(await set("two", { etag: sealedEtag("one") }), 3);
      const page = await store.read((reader) => reader.messages.page(ALICE, EMAIL, { limit: 10 }));
      assert.deepEqual([page.messages[0]?.archive, page.messages[0]?.summary, page.state], ["two", "sum", 3]);
    },
  },
  {
    name: "a blob is stored whole or not at all, and read in ranges",
    async run(store) {
      const receive = (maxBytes: number, expected = HASH) => store.blobs.receive(pieces(CONTENT), { hash: expected, maxBytes });
      await assert.rejects(receive(CONTENT.length - 1), code("too_large"));
      await assert.rejects(receive(CONTENT.length, idOf("other")), code("bad_request"));
      const broken = async function* () {
        yield* pieces(CONTENT.subarray(0, 5_000));
        throw new RangeError("the connection broke");
      };
      await assert.rejects(store.blobs.receive(broken(), { hash: HASH, maxBytes: CONTENT.length }), RangeError);
      const { file, size } = await receive(CONTENT.length);
      assert.equal(size, CONTENT.length);
      assert.deepEqual(await readBytes(store, file), CONTENT);
      assert.deepEqual(await readBytes(store, file, { start: 10, end: 19 }), CONTENT.slice(10, 20));
      const opened = await store.blobs.read(file);
      await store.blobs.remove(file);
      assert.deepEqual(await readAll(opened ?? pieces(new Uint8Array())), CONTENT);
      assert.equal(await store.blobs.read(file), null);
    },
  },
  {
    name: "a message names only what was uploaded whole under its ticket, and is not stored otherwise",
    async run(store) {
      await addAccount(store, ALICE);
      await upload(store, "one");
      const blobs = [{ hash: HASH, size: CONTENT.length }];
      const add = (name: string, over = {}) => store.transact((writer) => writer.messages.add(messageOf(name, { blobs, ...over })));
      await assert.rejects(add("two"), code("blob_missing"));
      await assert.rejects(add("one", { blobs: [{ hash: HASH, size: 1 }] }), code("blob_missing"));
      await assert.rejects(add("one", { blobs: [...blobs, ...blobs] }), code("blob_missing"));
      assert.equal((await store.read((reader) => reader.accounts.find(ALICE)))?.usedBytes, 0);
      await add("one");
      await assert.rejects(add("three", { ticket: idOf("ticket one") }), code("blob_missing"));
      const used = (await store.read((reader) => reader.accounts.find(ALICE)))?.usedBytes ?? 0;
      assert.equal(used, CONTENT.length + utf8(messageOf("one").envelope.data).length);
    },
  },
  {
    name: "uploads of one blob don't collide; files go with their message, and only theirs",
    async run(store) {
      await addAccount(store, ALICE);
      const [first, second] = await Promise.all([upload(store, "one"), upload(store, "two")]);
      const again = await upload(store, "one");
      assert.deepEqual([first.isNew, second.isNew, again.isNew], [true, true, false]);
      const unnamed = () =>
        store.read(async ({ blobs }) => [
          ...Object.values(await blobs.unnamedFor(ALICE, STRANGER)),
          await blobs.unnamedBy(STRANGER),
          await blobs.unnamedBy(BOB),
        ]);
      assert.deepEqual(await unnamed(), [...Array.from({ length: 4 }, () => 2 * CONTENT.length), 0]);
      const others = await store.read(async ({ blobs }) => [
        await blobs.unnamedFor(ALICE, parseAddress("friend#beta.example")),
        await blobs.unnamedFor(ALICE, parseAddress("friend#notbeta.example")),
      ]);
      assert.deepEqual(others, [
        { all: 2 * CONTENT.length, ofSender: 0, ofDomain: 2 * CONTENT.length },
        { all: 2 * CONTENT.length, ofSender: 0, ofDomain: 0 },
      ]);
      const blobs = [{ hash: HASH, size: CONTENT.length }];
      for (const name of ["one", "two"]) await store.transact((writer) => writer.messages.add(messageOf(name, { blobs })));
      assert.deepEqual(await unnamed(), [0, 0, 0, 0, 0]);
      const failing = store.transact(async (writer) => {
        await writer.messages.remove(ALICE, messageOf("one").messageId, NOW);
        throw new RangeError("not after all");
      });
      await assert.rejects(failing, RangeError);
      assert.equal(await isThere(store, first.file), true);
      await store.transact((writer) => writer.messages.remove(ALICE, messageOf("one").messageId, NOW));
      const left = await store.read((reader) => reader.blobs.find(ALICE, HASH));
      assert.equal(left?.file, second.file);
      assert.equal(await store.read((reader) => reader.blobs.find(BOB, HASH)), null);
      assert.deepEqual(await store.checkIntegrity(), []);
      await store.close();
      assert.deepEqual(
        [await isThere(store, first.file), await isThere(store, again.file), await isThere(store, second.file)],
        [false, false, true],
      );
    },
  },
  {
    name: "an unnamed blob goes after 24 h, a named one stays; a missing file is found",
    async run(store) {
      await addAccount(store, ALICE);
      const named = await upload(store, "one");
      const unnamed = await upload(store, "two");
      await store.transact((writer) => writer.messages.add(messageOf("one", { blobs: [{ hash: HASH, size: CONTENT.length }] })));
      assert.equal((await cleanStore(store, addSeconds(NOW, UNNAMED_BLOB_LIFE - 1))).uploads, 0);
      assert.equal((await cleanStore(store, addSeconds(NOW, UNNAMED_BLOB_LIFE))).uploads, 1);
      await store.blobs.remove(named.file);
      assert.equal((await store.checkIntegrity()).length, 1);
      await store.close();
      assert.equal(await isThere(store, unnamed.file), false);
    },
  },
  {
    name: "a keystore is replaced only by who saw the newest; ten versions stay",
    async run(store) {
      await addAccount(store, ALICE);
      const put = (version: number, condition: "none" | { readonly etag: string }) =>
        store.transact((writer) => writer.keystores.put(ALICE, { version, bytes: utf8(`keystore ${version}`), storedAt: NOW }, condition));
      let etag = await put(1, "none");
      await assert.rejects(put(2, "none"), code("precondition_failed"));
      await assert.rejects(put(2, { etag: idOf("other") }), code("precondition_failed"));
      const racing = await Promise.allSettled(Array.from({ length: 5 }, () => put(2, { etag })));
      assert.equal(racing.filter((result) => result.status === "fulfilled").length, 1);
      etag = (await store.read((reader) => reader.keystores.find(ALICE)))?.etag ?? "";
      for (let version = 3; version <= 12; version++) etag = await put(version, { etag });
      await store.read(async ({ keystores }) => {
        assert.deepEqual((await keystores.find(ALICE))?.bytes, utf8("keystore 12"));
        assert.equal((await keystores.find(ALICE, 13 - KEPT_KEYSTORES))?.version, 3);
        assert.equal(await keystores.find(ALICE, 12 - KEPT_KEYSTORES), null);
        assert.equal(await keystores.find(BOB), null);
      });
    },
  },
  {
    name: "cleaning takes what has lapsed and nothing else",
    async run(store) {
      await store.transact(async (writer) => {
        for (let index = 0; index < 1_200; index++) {
          await writer.sessions.createChallenge({ tokenHash: idOf(`old ${index}`), address: ALICE, expiresAt: NOW });
        }
        await writer.sessions.createChallenge({ tokenHash: idOf("new"), address: ALICE, expiresAt: addSeconds(NOW, 1) });
        const session = { address: ALICE, role: "master", local: true } as const;
        await writer.sessions.create({ ...session, tokenHash: idOf("s1"), expiresAt: addSeconds(NOW, -DAY) });
        await writer.sessions.create({ ...session, tokenHash: idOf("s2"), expiresAt: addSeconds(NOW, 1 - DAY) });
        await writer.counters.countIssue({
          sender: BOB,
          recipient: ALICE,
          stranger: true,
          prefix: "192.0.2.0/24",
          at: addSeconds(NOW, -2 * DAY),
        });
        await writer.counters.countFirstContact([], addSeconds(NOW, -9 * DAY));
      });
      const report = await cleanStore(store, NOW);
      assert.deepEqual([report.challenges, report.sessions, report.counters], [1_200, 1, 4]);
      assert.equal(await store.transact((writer) => writer.sessions.takeChallenge(idOf("new"), ALICE, NOW)), true);
      assert.notEqual(await store.read((reader) => reader.sessions.find(idOf("s2"))), null);
      assert.deepEqual(await cleanStore(store, NOW).then((second) => Object.values(second).every((count) => count === 0)), true);
    },
  },
  {
    name: "cleaning takes old counts in portions, so that nobody waits for all of them",
    async run(store) {
      const at = addSeconds(NOW, -9 * DAY);
      await store.transact(async ({ counters }) => {
        for (let index = 0; index < 30; index++) {
          const sender = parseAddress(`stranger${index}#beta.example`);
          await counters.countIssue({ sender, recipient: ALICE, stranger: true, prefix: `192.0.${index}.0/24`, at });
          await counters.countFirstContact([{ by: "sender", subject: sender }], at);
        }
      });
      // 30 of senders, 30 of networks, 31 of first contacts, and one of the recipient.
      const { counters } = await store.transact((writer) => writer.cleaning.run(NOW, 10, 30));
      assert.equal(counters, 31);
      assert.equal((await cleanStore(store, NOW)).counters, 92 - 31);
      assert.equal((await cleanStore(store, NOW)).counters, 0);
    },
  },
  {
    name: "a mailbox that comes with a high state is paged to its end",
    async run(store) {
      const state = 2 ** 50;
      await store.transact(async ({ moving }) => {
        const { head } = recordOf("arriving");
        await moving.begin({ address: ALICE, head, profile: null, listKey: new Uint8Array(32), createdAt: NOW, state });
        await moving.complete(ALICE, [recordOf("arriving")]);
      });
      for (const name of ["a", "b", "c"]) await store.transact((writer) => writer.messages.add(messageOf(name)));
      const page = (cursor?: string) => store.read((reader) => reader.messages.page(ALICE, EMAIL, { cursor, limit: 2 }));
      const first = await page();
      assert.equal(first.cursor, String(state + 2));
      assert.deepEqual(
        (await page(first.cursor ?? "")).messages.map((line) => line.messageId),
        [id("a")],
      );
      for (const cursor of ["9007199254740993", "12345678901234567", "-1", "1e3", ""])
        await assert.rejects(page(cursor), code("bad_request"));
    },
  },
];
