import assert from "node:assert/strict";
import { addSeconds, DAY, HOUR, isSmimpError, parseBaseUrl, SERVER_PIN_LIFE, type Address } from "@smimp/protocol";
import type { RemoteHistory } from "../remote-pins.ts";
import { addAccount, ALICE, BOB, code, idOf, keyOf, NOW, recordOf, STRANGER, type Case } from "./fixtures.ts";

const LIST_KEY = new Uint8Array(32).fill(7);

function historyOf(name: string, sequence: number, over: Partial<RemoteHistory> = {}): RemoteHistory {
  return {
    address: STRANGER,
    baseUrl: parseBaseUrl("https://smimp.beta.example/"),
    pin: { first_link: idOf("first"), link: idOf(name), sequence, public_key: keyOf(name) },
    lastUsedAt: NOW,
    ...over,
  };
}

function session(name: string, address: Address) {
  return { tokenHash: idOf(name), address, role: "master", local: true, expiresAt: addSeconds(NOW, HOUR) } as const;
}

/** Accounts, chains, invites, sessions, remote pins. */
export const accountCases: readonly Case[] = [
  {
    name: "an account and its chain come back exactly",
    async run(store) {
      await addAccount(store, ALICE);
      const next = { ...recordOf("alice 1", 1, { recovery: `recovery ${ALICE}` }), signedBy: "recovery" as const };
      await store.transact((writer) => writer.accounts.append(ALICE, recordOf(ALICE).head.link, next, null));
      await store.read(async (reader) => {
        assert.deepEqual(await reader.accounts.find(ALICE), {
          address: ALICE,
          head: next.head,
          profile: null,
          listKey: LIST_KEY,
          createdAt: NOW,
          disabledAt: null,
          state: 0,
          usedBytes: 0,
          quotaBytes: null,
        });
        const records = await reader.accounts.records(ALICE);
        assert.deepEqual(
          records.map((record) => record.statement),
          [recordOf(ALICE).statement, next.statement],
        );
        assert.deepEqual((await reader.accounts.lastRecord(ALICE))?.link, next.head.link);
        assert.equal(await reader.accounts.countRecordsSince(ALICE, NOW), 1);
        assert.equal(await reader.accounts.countRecordsSince(ALICE, addSeconds(NOW, 1)), 0);
        assert.equal(await reader.accounts.find(BOB), null);
      });
    },
  },
  {
    name: "of twenty records on one predecessor exactly one wins",
    async run(store) {
      await addAccount(store, ALICE);
      const head = recordOf(ALICE).head.link;
      const attempts = Array.from({ length: 20 }, (_, index) =>
        store.transact((writer) => writer.accounts.append(ALICE, head, recordOf(`fork ${index}`, 1), null)),
      );
      const results = await Promise.allSettled(attempts);
      assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
      for (const result of results) if (result.status === "rejected") assert.ok(isSmimpError(result.reason, "conflict"));
      assert.equal((await store.read((reader) => reader.accounts.records(ALICE))).length, 2);
      assert.equal(await store.read((reader) => reader.accounts.holderOf(keyOf("master fork 19"))), null);
    },
  },
  {
    name: "an address is given once, also when asked for at once, and never after deletion",
    async run(store) {
      const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => addAccount(store, ALICE)));
      assert.equal(attempts.filter((attempt) => attempt.status === "fulfilled").length, 1);
      assert.equal(await store.transact((writer) => writer.accounts.remove(ALICE, NOW)), true);
      assert.equal(await store.transact((writer) => writer.accounts.remove(ALICE, NOW)), false);
      await assert.rejects(addAccount(store, ALICE), code("already_initialized"));
      await store.read(async (reader) => {
        assert.equal(await reader.accounts.find(ALICE), null);
        assert.equal(await reader.accounts.isTaken(ALICE), true);
        assert.equal(await reader.accounts.isTaken(BOB), false);
        assert.equal((await reader.accounts.records(ALICE)).length, 1);
      });
    },
  },
  {
    name: "a key that an address ever held is never another's, as either kind, past change and deletion",
    async run(store) {
      await addAccount(store, ALICE);
      await store.transact((writer) => writer.accounts.append(ALICE, recordOf(ALICE).head.link, recordOf("alice 1", 1), null));
      await store.transact((writer) => writer.accounts.remove(ALICE, NOW));
      for (const keys of [{ master: `master ${ALICE}` }, { master: `recovery ${ALICE}` }, { recovery: "master alice 1" }]) {
        const account = { address: BOB, record: recordOf(BOB, 0, keys), profile: null, listKey: LIST_KEY };
        await assert.rejects(
          store.transact((writer) => writer.accounts.create(account)),
          code("key_reused"),
        );
      }
      await addAccount(store, BOB);
      const record = recordOf("bob 1", 1, { master: "master alice 1" });
      await assert.rejects(
        store.transact((writer) => writer.accounts.append(BOB, recordOf(BOB).head.link, record, null)),
        code("key_reused"),
      );
      assert.deepEqual((await store.read((reader) => reader.accounts.find(BOB)))?.head, recordOf(BOB).head);
      assert.equal(await store.read((reader) => reader.accounts.holderOf(keyOf("master alice 1"))), ALICE);
    },
  },
  {
    name: "accounts are listed page by page and can be disabled",
    async run(store) {
      await addAccount(store, BOB);
      await addAccount(store, ALICE);
      await store.transact((writer) => writer.accounts.setDisabled(BOB, NOW));
      const first = await store.read((reader) => reader.accounts.list({ limit: 1 }));
      const second = await store.read((reader) => reader.accounts.list({ after: ALICE, limit: 5 }));
      assert.deepEqual([first.map((each) => each.address), second.map((each) => each.disabledAt)], [[ALICE], [NOW]]);
      await store.transact((writer) => writer.accounts.setDisabled(BOB, null));
      assert.equal((await store.read((reader) => reader.accounts.find(BOB)))?.disabledAt, null);
      assert.equal(await store.transact((writer) => writer.accounts.setDisabled(STRANGER, NOW)), false);
    },
  },
  {
    name: "an invite is used once, in time, for its address",
    async run(store) {
      const create = (name: string, address: typeof ALICE | null) =>
        store.transact((writer) =>
          writer.invites.create({ codeHash: idOf(name), address, createdAt: NOW, expiresAt: addSeconds(NOW, DAY) }),
        );
      await create("any", null);
      await create("alice's", ALICE);
      const use = (name: string, address: typeof ALICE, at = NOW) =>
        store.transact((writer) => writer.invites.use(idOf(name), address, at));
      assert.equal(await use("alice's", BOB), false);
      assert.equal(await use("alice's", ALICE, addSeconds(NOW, DAY)), false);
      assert.equal(await use("alice's", ALICE), true);
      const parallel = await Promise.all(Array.from({ length: 10 }, () => use("any", BOB)));
      assert.equal(parallel.filter(Boolean).length, 1);
      const found = await store.read((reader) => reader.invites.find(idOf("any")));
      assert.deepEqual([found?.usedBy, found?.usedAt], [BOB, NOW]);
    },
  },
  {
    name: "a challenge is taken once, in time, by its address",
    async run(store) {
      await store.transact((writer) =>
        writer.sessions.createChallenge({ tokenHash: idOf("token"), address: ALICE, expiresAt: addSeconds(NOW, 60) }),
      );
      const take = (address: typeof ALICE, at = NOW) =>
        store.transact((writer) => writer.sessions.takeChallenge(idOf("token"), address, at));
      assert.equal(await take(BOB), false);
      assert.equal(await take(ALICE, addSeconds(NOW, 60)), false);
      const parallel = await Promise.all(Array.from({ length: 10 }, () => take(ALICE)));
      assert.equal(parallel.filter(Boolean).length, 1);
    },
  },
  {
    name: "sessions end alone and all together",
    async run(store) {
      await store.transact(async (writer) => {
        for (const name of ["a1", "a2", "a3"]) await writer.sessions.create(session(name, ALICE));
        await writer.sessions.create(session("b1", BOB));
      });
      assert.deepEqual(await store.read((reader) => reader.sessions.find(idOf("a1"))), session("a1", ALICE));
      assert.equal(await store.transact((writer) => writer.sessions.end(idOf("a1"))), true);
      assert.equal(await store.transact((writer) => writer.sessions.end(idOf("a1"))), false);
      assert.equal(await store.transact((writer) => writer.sessions.endAll(ALICE)), 2);
      assert.equal(await store.read((reader) => reader.sessions.find(idOf("a2"))), null);
      assert.notEqual(await store.read((reader) => reader.sessions.find(idOf("b1"))), null);
    },
  },
  {
    name: "a remote pin only grows, holds its key, lapses when idle, and can be cleared",
    async run(store) {
      const put = (history: RemoteHistory) => store.transact((writer) => writer.remotePins.put(history));
      await put(historyOf("one", 1));
      await put(historyOf("two", 2));
      await put(historyOf("two", 2));
      await assert.rejects(put(historyOf("one", 1)), code("history_rewritten"));
      await assert.rejects(put(historyOf("fork", 2)), code("history_rewritten"));
      await assert.rejects(
        put(historyOf("three", 3, { pin: { ...historyOf("three", 3).pin, first_link: idOf("other") } })),
        code("history_rewritten"),
      );
      await assert.rejects(put(historyOf("two", 2, { address: BOB })), code("key_reused"));
      assert.deepEqual(await store.read((reader) => reader.remotePins.find(STRANGER, NOW)), historyOf("two", 2));
      const later = addSeconds(NOW, SERVER_PIN_LIFE - DAY);
      await store.transact((writer) => writer.remotePins.touch(STRANGER, later));
      const idle = addSeconds(later, SERVER_PIN_LIFE);
      assert.equal(await store.read((reader) => reader.remotePins.holderOf(keyOf("two"), addSeconds(idle, -1))), STRANGER);
      assert.equal(await store.read((reader) => reader.remotePins.holderOf(keyOf("two"), idle)), null);
      assert.equal(await store.read((reader) => reader.remotePins.find(STRANGER, idle)), null);
      assert.equal(await store.transact((writer) => writer.remotePins.clear(STRANGER)), true);
      await put(historyOf("fork", 0));
    },
  },
];
