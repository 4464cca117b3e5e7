import assert from "node:assert/strict";
import { addAccount, ALICE, BOB, idOf, messageOf, NOW, recordOf, type Case } from "./fixtures.ts";

/** Transactions, snapshots, group commit. */
export const transactionCases: readonly Case[] = [
  {
    name: "a function that throws undoes only its own writes, also among others in one commit",
    async run(store) {
      const create = (name: string, fails: boolean) =>
        store.transact(async (writer) => {
          const invite = { codeHash: idOf(name), address: null, createdAt: NOW, expiresAt: NOW };
          await writer.invites.create(invite);
          if (fails) throw new RangeError(name);
          return name;
        });
      const names = Array.from({ length: 40 }, (_, index) => `invite ${index}`);
      const results = await Promise.allSettled(names.map((name, index) => create(name, index % 3 === 0)));
      for (const [index, result] of results.entries()) assert.equal(result.status, index % 3 === 0 ? "rejected" : "fulfilled");
      const kept = await store.read((reader) => reader.invites.list());
      const expected = names.filter((_, index) => index % 3 !== 0).map(idOf);
      assert.deepEqual(kept.map((invite) => invite.codeHash).toSorted(), expected.toSorted());
    },
  },
  {
    name: "a failed statement leaves the function free to go on, and what it throws is what the caller gets",
    async run(store) {
      await addAccount(store, ALICE);
      const attempt = store.transact(async (writer) => {
        await assert.rejects(
          writer.accounts.create({ address: ALICE, record: recordOf("again"), profile: null, listKey: new Uint8Array(32) }),
        );
        await writer.accounts.setDisabled(ALICE, NOW);
      });
      await attempt;
      assert.equal((await store.read((reader) => reader.accounts.find(ALICE)))?.disabledAt, NOW);
    },
  },
  {
    name: "a write is seen by every read that begins after it was acknowledged",
    async run(store) {
      await addAccount(store, ALICE);
      for (let index = 0; index < 50; index++) {
        const state = await store.transact((writer) => writer.messages.add(messageOf(`message ${index}`)));
        assert.equal(await store.read((reader) => reader.messages.state(ALICE)), state);
      }
    },
  },
  {
    name: "one read sees one moment",
    async run(store) {
      await addAccount(store, ALICE);
      const writes = Array.from({ length: 100 }, (_, index) => store.transact((writer) => writer.messages.add(messageOf(`${index}`))));
      const reads = Array.from({ length: 20 }, () =>
        store.read(async (reader) => {
          const first = await reader.messages.state(ALICE);
          const account = await reader.accounts.find(ALICE);
          const page = await reader.messages.page(ALICE, messageOf("").messageType, { limit: 500 });
          assert.equal(account?.state, first);
          assert.equal(page.messages.length, first);
        }),
      );
      await Promise.all([...writes, ...reads]);
    },
  },
  {
    name: "a reader and a writer that are over refuse",
    async run(store) {
      await addAccount(store, BOB);
      const writer = await store.transact((each) => Promise.resolve({ each }));
      await assert.rejects(writer.each.accounts.remove(BOB, NOW), TypeError);
      const reader = await store.read((each) => Promise.resolve({ each }));
      await assert.rejects(reader.each.accounts.find(BOB), TypeError);
      assert.notEqual(await store.read((each) => each.accounts.find(BOB)), null);
    },
  },
  {
    name: "after close nothing is taken",
    async run(store) {
      const pending = addAccount(store, ALICE);
      await store.close();
      await pending;
      await assert.rejects(addAccount(store, BOB), { code: "temporarily_unavailable" });
      await store.close();
    },
  },
];
