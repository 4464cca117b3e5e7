import assert from "node:assert/strict";
import { addSeconds, DAY, HOUR, type Address } from "@smimp/protocol";
import { cleanStore } from "../cleaning.ts";
import { takeAway } from "../departures.ts";
import type { Store } from "../store.ts";
import {
  addAccount,
  ALICE,
  BOB,
  code,
  CONTENT,
  HASH,
  idOf,
  isThere,
  messageKeyOf,
  messageOf,
  NOW,
  STRANGER,
  upload,
  type Case,
} from "./fixtures.ts";

async function openSession(store: Store, name: string, address: Address): Promise<void> {
  const session = { tokenHash: idOf(name), address, role: "master", local: true, expiresAt: addSeconds(NOW, HOUR) } as const;
  await store.transact((writer) => writer.sessions.create(session));
}

/** Accounts that end, and access that ends on every node. */
export const departureCases: readonly Case[] = [
  {
    name: "a deleted account is gone at once, and what it owned soon after, but for its chain and its keys' names",
    async run(store) {
      await addAccount(store, ALICE);
      await addAccount(store, BOB);
      const { file } = await upload(store, "one");
      const { file: unnamed } = await upload(store, "two");
      await openSession(store, "session", ALICE);
      await store.transact(async (writer) => {
        await writer.messages.add(messageOf("one", { blobs: [{ hash: HASH, size: CONTENT.length }] }));
        for (let index = 0; index < 250; index++) await writer.messages.add(messageOf(`many ${index}`));
        await writer.messages.add(messageOf("gone"));
        await writer.messages.remove(ALICE, messageOf("gone").messageId, NOW);
        await writer.keystores.put(ALICE, { version: 1, bytes: CONTENT, storedAt: NOW }, "none");
        await writer.messageKeys.add(ALICE, [messageKeyOf("one", addSeconds(NOW, 10 * DAY))], NOW);
        await writer.correspondents.remember(ALICE, STRANGER, NOW);
        await writer.messages.add(messageOf("bob's", { recipient: BOB }));
        await writer.correspondents.remember(BOB, ALICE, NOW);
      });
      await store.transact((writer) => writer.accounts.remove(ALICE, NOW));
      await store.read(async (reader) => {
        assert.equal(await reader.accounts.find(ALICE), null);
        assert.deepEqual(
          (await reader.accounts.list({ limit: 5 })).map(({ address }) => address),
          [BOB],
        );
        assert.equal(await reader.accounts.isTaken(ALICE), true);
        assert.equal(await reader.sessions.find(idOf("session")), null);
        assert.deepEqual(await reader.departures.leaving(), [ALICE]);
        assert.equal((await reader.accounts.records(ALICE)).length, 1);
      });
      assert.equal(await store.transact((writer) => writer.accounts.setDisabled(ALICE, NOW)), false);
      assert.deepEqual(await store.checkIntegrity(), []);
      // What a crash left is taken up by the next cleaning; of an account that isn't leaving nothing goes.
      await cleanStore(store, NOW);
      await takeAway(store, BOB);
      await store.read(async (reader) => {
        assert.deepEqual(await reader.departures.leaving(), []);
        assert.equal(await reader.messages.wasAccepted(ALICE, messageOf("one").messageId), false);
        assert.equal(await reader.messages.wasAccepted(ALICE, messageOf("gone").messageId), false);
        assert.equal(await reader.keystores.find(ALICE), null);
        assert.equal(await reader.messageKeys.find(ALICE, messageKeyOf("one", NOW).keyId), null);
        assert.equal(await reader.correspondents.isKnown(ALICE, STRANGER), false);
        assert.deepEqual([await reader.blobs.isHeld(file), await reader.blobs.isHeld(unnamed)], [false, false]);
        await assert.rejects(reader.messages.state(ALICE), code("unknown_user"));
        assert.equal(await reader.accounts.isTaken(ALICE), true);
        assert.equal((await reader.accounts.records(ALICE)).length, 1);
        assert.equal(await reader.messages.wasAccepted(BOB, messageOf("bob's").messageId), true);
        assert.equal(await reader.correspondents.isKnown(BOB, ALICE), true);
      });
      assert.deepEqual(await store.checkIntegrity(), []);
      await store.close();
      assert.deepEqual([await isThere(store, file), await isThere(store, unnamed)], [false, false]);
    },
  },
  {
    name: "sessions that end are told of in their order, those of others too",
    async run(store) {
      for (const name of ["a1", "a2"]) await openSession(store, name, ALICE);
      await openSession(store, "b1", BOB);
      const before = await store.read((reader) => reader.sessions.endedPosition());
      await store.transact((writer) => writer.sessions.end(idOf("a1")));
      await store.transact((writer) => writer.sessions.end(idOf("unknown")));
      await store.transact((writer) => writer.sessions.endAll(BOB));
      const { position, ended } = await store.read((reader) => reader.sessions.endedSince(before));
      assert.deepEqual(ended, [
        { address: ALICE, session: idOf("a1") },
        { address: BOB, session: null },
      ]);
      assert.deepEqual(await store.read((reader) => reader.sessions.endedSince(position)), { position, ended: [] });
      assert.equal(await store.read((reader) => reader.sessions.endedPosition()), position);
    },
  },
];
