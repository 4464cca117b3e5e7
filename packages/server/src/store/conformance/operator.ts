import assert from "node:assert/strict";
import { addSeconds, DAY, HOUR, parseBaseUrl, parseDomain, parseAddress, type Address } from "@smimp/protocol";
import { cleanStore } from "../cleaning.ts";
import { deleteOldMessages } from "../retention.ts";
import {
  addAccount,
  ALICE,
  BOB,
  code,
  CONTENT,
  HASH,
  idOf,
  isThere,
  keyOf,
  messageKeyOf,
  messageOf,
  NOW,
  STRANGER,
  upload,
  type Case,
} from "./fixtures.ts";

/** What an operator sets and does: quotas, retention, pins, restored backups; and the indexes behind it. */
export const operatorCases: readonly Case[] = [
  {
    name: "an account's own quota is kept, and is none of its state",
    async run(store) {
      await addAccount(store, ALICE);
      const quota = async () => (await store.read((reader) => reader.accounts.find(ALICE)))?.quotaBytes;
      for (const bytes of [5_000, -1, 0, null]) {
        assert.equal(await store.transact((writer) => writer.accounts.setQuota(ALICE, bytes)), true);
        assert.equal(await quota(), bytes);
      }
      assert.equal(await store.transact((writer) => writer.accounts.setQuota(BOB, 1)), false);
    },
  },
  {
    name: "messages that are too old go like deleted ones, the oldest first, of all accounts",
    async run(store) {
      await addAccount(store, ALICE);
      await addAccount(store, BOB);
      const { file } = await upload(store, "old");
      await store.transact(async (writer) => {
        await writer.messages.add(messageOf("old", { blobs: [{ hash: HASH, size: CONTENT.length }] }));
        for (let index = 0; index < 150; index++) await writer.messages.add(messageOf(`bob ${index}`, { recipient: BOB }));
        await writer.messages.add(messageOf("new", { receivedAt: addSeconds(NOW, 1) }));
      });
      const states = new Map<Address, number>();
      const count = await deleteOldMessages(store, NOW, addSeconds(NOW, DAY), (owner, state) => void states.set(owner, state));
      assert.equal(count, 151);
      await store.read(async ({ messages }) => {
        assert.equal(await messages.find(ALICE, messageOf("old").messageId), null);
        assert.equal(await messages.wasAccepted(ALICE, messageOf("old").messageId), true);
        assert.notEqual(await messages.find(ALICE, messageOf("new").messageId), null);
        assert.equal(states.get(ALICE), await messages.state(ALICE));
        assert.equal(states.get(BOB), await messages.state(BOB));
      });
      assert.deepEqual(await store.checkIntegrity(), []);
      assert.equal(await deleteOldMessages(store, NOW, NOW, () => assert.fail("nothing is left to delete")), 0);
      await store.close();
      assert.equal(await isThere(store, file), false);
    },
  },
  {
    name: "pins are listed page by page, by domain too",
    async run(store) {
      const baseUrl = parseBaseUrl("https://smimp.beta.example/");
      for (const name of ["a#beta.example", "b#beta.example", "a#gamma.beta.example"]) {
        const pin = { first_link: idOf(name), link: idOf(name), sequence: 0, public_key: keyOf(name) };
        await store.transact((writer) => writer.remotePins.put({ address: parseAddress(name), baseUrl, pin, lastUsedAt: NOW }));
      }
      const list = async (options: { after?: Address; domain?: string; limit: number }) => {
        const { domain, ...rest } = options;
        const only = domain === undefined ? {} : { domain: parseDomain(domain) };
        return (await store.read((reader) => reader.remotePins.list({ ...rest, ...only }))).map(({ address }) => address);
      };
      assert.deepEqual(await list({ limit: 2 }), ["a#beta.example", "a#gamma.beta.example"]);
      assert.deepEqual(await list({ limit: 2, after: parseAddress("a#gamma.beta.example") }), ["b#beta.example"]);
      assert.deepEqual(await list({ limit: 9, domain: "beta.example" }), ["a#beta.example", "b#beta.example"]);
    },
  },
  {
    name: "an open invite is found by its address, or as one for anybody",
    async run(store) {
      const create = (name: string, address: Address | null, expiresAt = addSeconds(NOW, DAY)) =>
        store.transact((writer) => writer.invites.create({ codeHash: idOf(name), address, createdAt: NOW, expiresAt }));
      const open = (address: Address, at = NOW) =>
        store.read(async ({ invites }) => [await invites.isOpenFor(address, at), await invites.isOpenForAny(at)]);
      await create("alice's", ALICE);
      assert.deepEqual(
        [await open(ALICE), await open(BOB)],
        [
          [true, false],
          [false, false],
        ],
      );
      await create("any", null);
      assert.deepEqual(
        [await open(BOB), await open(BOB, addSeconds(NOW, DAY))],
        [
          [false, true],
          [false, false],
        ],
      );
      await store.transact((writer) => writer.invites.use(idOf("alice's"), ALICE, NOW));
      await store.transact((writer) => writer.invites.use(idOf("any"), BOB, NOW));
      assert.deepEqual(await open(ALICE), [false, false]);
    },
  },
  {
    name: "an address keeps so many sessions, those that run out last",
    async run(store) {
      const session = (name: string, address: Address, seconds: number) =>
        ({ tokenHash: idOf(name), address, role: "master", local: true, expiresAt: addSeconds(NOW, seconds) }) as const;
      await store.transact(async ({ sessions }) => {
        for (const [index, name] of ["s0", "s1", "s2", "s3"].entries()) await sessions.create(session(name, ALICE, HOUR + index));
        await sessions.create(session("bob's", BOB, 1));
        await sessions.endOldest(ALICE, 2);
      });
      const left: boolean[] = [];
      for (const name of ["s0", "s1", "s2", "s3", "bob's"]) {
        left.push((await store.read((reader) => reader.sessions.find(idOf(name)))) !== null);
      }
      assert.deepEqual(left, [false, false, true, true, true]);
      const { ended } = await store.read((reader) => reader.sessions.endedSince(0));
      assert.deepEqual(new Set(ended.map((each) => each.session)), new Set([idOf("s0"), idOf("s1")]));
    },
  },
  {
    name: "single-use keys for first contacts are counted for their network, by the day",
    async run(store) {
      const prefix = "192.0.2.0/24";
      const issue = (stranger: boolean, at = NOW) =>
        store.transact((writer) => writer.counters.countIssue({ sender: STRANGER, recipient: ALICE, stranger, prefix, at }));
      await issue(true);
      await issue(true);
      await issue(false);
      await store.read(async ({ counters }) => {
        assert.equal(await counters.issuedToPrefix(prefix, NOW), 2);
        assert.equal(await counters.issuedToPrefix("198.51.100.0/24", NOW), 0);
        assert.equal(await counters.issuedToPrefix(prefix, addSeconds(NOW, DAY)), 0);
      });
      await cleanStore(store, addSeconds(NOW, 2 * DAY));
      assert.equal(await store.read((reader) => reader.counters.issuedToPrefix(prefix, NOW)), 0);
    },
  },
  {
    name: "after a backup was put back no state of before is known, and nothing that was under way goes on",
    async run(store) {
      await addAccount(store, ALICE);
      const { file } = await upload(store, "unnamed");
      const ticket = { ticket: idOf("ticket"), sender: STRANGER, recipient: ALICE, messageType: messageOf("").messageType };
      await store.transact(async (writer) => {
        await writer.messages.add(messageOf("kept"));
        await writer.messageKeys.add(ALICE, [messageKeyOf("held", addSeconds(NOW, 10 * DAY))], NOW);
        await writer.tickets.create({ ...ticket, keyId: idOf("key"), expiresAt: addSeconds(NOW, HOUR), work: null });
        await writer.sessions.create({
          tokenHash: idOf("s"),
          address: ALICE,
          role: "master",
          local: true,
          expiresAt: addSeconds(NOW, HOUR),
        });
        await writer.invites.create({ codeHash: idOf("open"), address: null, createdAt: NOW, expiresAt: addSeconds(NOW, DAY) });
        await writer.invites.create({ codeHash: idOf("used"), address: null, createdAt: NOW, expiresAt: addSeconds(NOW, DAY) });
        await writer.invites.use(idOf("used"), ALICE, NOW);
      });
      const report = await store.transact((writer) => writer.restoring.voidRest());
      assert.deepEqual(report, { accounts: 1, tickets: 1, work: 0, sessions: 1, invites: 1, uploads: 1 });
      await store.read(async (reader) => {
        const state = await reader.messages.state(ALICE);
        for (const since of [1, 2, 500, 999_999_999])
          await assert.rejects(reader.messages.changes(ALICE, since, 10), code("state_too_old"));
        assert.deepEqual((await reader.messages.changes(ALICE, 0, 10)).created, [messageOf("kept").messageId]);
        assert.deepEqual((await reader.messages.changes(ALICE, state, 10)).created, []);
        assert.notEqual(await reader.invites.find(idOf("used")), null);
      });
      assert.deepEqual(await store.checkIntegrity(), []);
      await store.close();
      assert.equal(await isThere(store, file), false);
    },
  },
];
