import assert from "node:assert/strict";
import { addSeconds, DAY, HOUR, timestampOf, secondsOf } from "@smimp/protocol";
import { INFLOW_HOURS } from "../counters.ts";
import { addAccount, ALICE, BOB, code, EMAIL, idOf, messageKeyOf, NOW, STRANGER, type Case } from "./fixtures.ts";

const LATER = addSeconds(NOW, 30 * DAY);

/** Message keys, tickets, work, counters. */
export const sendingCases: readonly Case[] = [
  {
    name: "200 parallel requests on 100 single-use keys: each key once, then none",
    async run(store) {
      await addAccount(store, ALICE);
      const keys = Array.from({ length: 100 }, (_, index) => messageKeyOf(`${index}`, LATER));
      assert.equal(await store.transact((writer) => writer.messageKeys.add(ALICE, keys, NOW)), 100);
      const issued = await Promise.all(Array.from({ length: 200 }, () => store.transact((writer) => writer.messageKeys.issue(ALICE, NOW))));
      const ids = issued.flatMap((key) => (key === null ? [] : [key.keyId]));
      assert.equal(ids.length, 100);
      assert.deepEqual(new Set(ids), new Set(keys.map((key) => key.keyId)));
    },
  },
  {
    name: "an issued key comes with its exact statement and is never issued again, though uploaded again",
    async run(store) {
      await addAccount(store, ALICE);
      const key = messageKeyOf("one", LATER);
      await store.transact((writer) => writer.messageKeys.add(ALICE, [key], NOW));
      assert.deepEqual(await store.transact((writer) => writer.messageKeys.issue(ALICE, NOW)), key);
      assert.equal(await store.transact((writer) => writer.messageKeys.add(ALICE, [key], NOW)), 0);
      assert.equal(await store.transact((writer) => writer.messageKeys.replaceHeld(ALICE, [key], NOW)), 0);
      assert.equal(await store.transact((writer) => writer.messageKeys.issue(ALICE, NOW)), null);
      assert.deepEqual(await store.read((reader) => reader.messageKeys.find(ALICE, key.keyId)), {
        kind: "ephemeral",
        state: "issued",
        expiresAt: LATER,
      });
    },
  },
  {
    name: "an issue that is rolled back leaves the key held",
    async run(store) {
      await addAccount(store, ALICE);
      await store.transact((writer) => writer.messageKeys.add(ALICE, [messageKeyOf("one", LATER)], NOW));
      const failing = store.transact(async (writer) => {
        await writer.messageKeys.issue(ALICE, NOW);
        throw new RangeError("refused after all");
      });
      await assert.rejects(failing, RangeError);
      assert.notEqual(await store.transact((writer) => writer.messageKeys.issue(ALICE, NOW)), null);
    },
  },
  {
    name: "keys go by expiry, oldest first, none with under 24 h left",
    async run(store) {
      await addAccount(store, ALICE);
      const day = addSeconds(NOW, DAY);
      const keys = [messageKeyOf("late", LATER), messageKeyOf("short", addSeconds(day, -1)), messageKeyOf("soon", day)];
      await store.transact((writer) => writer.messageKeys.add(ALICE, keys, NOW));
      const issue = async () => (await store.transact((writer) => writer.messageKeys.issue(ALICE, NOW)))?.keyId;
      assert.deepEqual([await issue(), await issue(), await issue()], [keys[2]?.keyId, keys[0]?.keyId, undefined]);
      assert.deepEqual(await store.read((reader) => reader.messageKeys.heldIds(ALICE, NOW)), [keys[1]?.keyId]);
      assert.deepEqual(await store.read((reader) => reader.messageKeys.heldIds(ALICE, day)), []);
    },
  },
  {
    name: "replacing keeps what is named, makes the rest void for ever, touches no other account",
    async run(store) {
      await addAccount(store, ALICE);
      await addAccount(store, BOB);
      const [kept, dropped, added] = [messageKeyOf("kept", LATER), messageKeyOf("dropped", LATER), messageKeyOf("added", LATER)];
      await store.transact((writer) => writer.messageKeys.add(ALICE, [kept, dropped], NOW));
      await store.transact((writer) => writer.messageKeys.add(BOB, [dropped], NOW));
      assert.equal(await store.transact((writer) => writer.messageKeys.replaceHeld(ALICE, [kept, added], NOW)), 2);
      assert.equal(await store.transact((writer) => writer.messageKeys.add(ALICE, [dropped], NOW)), 2);
      assert.equal((await store.read((reader) => reader.messageKeys.find(ALICE, dropped.keyId)))?.state, "void");
      assert.equal((await store.read((reader) => reader.messageKeys.find(BOB, dropped.keyId)))?.state, "held");
      assert.equal(await store.transact((writer) => writer.messageKeys.replaceHeld(ALICE, [], NOW)), 0);
    },
  },
  {
    name: "there is one non-ephemeral key; an older or single-use one does not come back",
    async run(store) {
      await addAccount(store, ALICE);
      const set = (name: string, expiresAt = LATER) =>
        store.transact((writer) => writer.messageKeys.setNonEphemeral(ALICE, messageKeyOf(name, expiresAt)));
      await set("one");
      await set("two");
      await set("two", addSeconds(LATER, DAY));
      await store.transact((writer) => writer.messageKeys.add(ALICE, [messageKeyOf("single", LATER), messageKeyOf("two", LATER)], NOW));
      await assert.rejects(set("one"), code("conflict"));
      await assert.rejects(set("single"), code("conflict"));
      const current = messageKeyOf("two", addSeconds(LATER, DAY));
      assert.deepEqual(await store.read((reader) => reader.messageKeys.nonEphemeral(ALICE)), current);
      assert.deepEqual(await store.read((reader) => reader.messageKeys.heldIds(ALICE, NOW)), [messageKeyOf("single", LATER).keyId]);
    },
  },
  {
    name: "all keys of an account, or all held ones of all accounts, are made void",
    async run(store) {
      await addAccount(store, ALICE);
      await addAccount(store, BOB);
      for (const address of [ALICE, BOB]) {
        await store.transact(async (writer) => {
          await writer.messageKeys.add(address, [messageKeyOf("a", LATER), messageKeyOf("b", LATER)], NOW);
          await writer.messageKeys.setNonEphemeral(address, messageKeyOf("n", LATER));
        });
      }
      await store.transact((writer) => writer.messageKeys.voidAll(ALICE));
      assert.equal(await store.read((reader) => reader.messageKeys.nonEphemeral(ALICE)), null);
      assert.equal(await store.transact((writer) => writer.messageKeys.voidAllHeld()), 2);
      assert.equal(await store.transact((writer) => writer.messageKeys.issue(BOB, NOW)), null);
      assert.notEqual(await store.read((reader) => reader.messageKeys.nonEphemeral(BOB)), null);
    },
  },
  {
    name: "a ticket comes back exactly and is spent once",
    async run(store) {
      const parameters = { algorithm: "blake2b", zero_bits: 3, count: 1, nonce: idOf("nonce"), expires_at: NOW } as const;
      const ticket = {
        ticket: idOf("ticket"),
        sender: STRANGER,
        recipient: ALICE,
        messageType: EMAIL,
        keyId: idOf("key"),
        expiresAt: addSeconds(NOW, HOUR),
        work: { parameters, pow: { nonce: idOf("nonce"), values: [idOf("value")] } },
      };
      await store.transact((writer) => writer.tickets.create(ticket));
      assert.deepEqual(await store.read((reader) => reader.tickets.find(ticket.ticket)), { ...ticket, spentBy: null });
      const spend = (name: string) => store.transact((writer) => writer.tickets.spend(ticket.ticket, idOf(name)));
      const results = await Promise.all(Array.from({ length: 10 }, (_, index) => spend(`message ${index}`)));
      assert.equal(results.filter(Boolean).length, 1);
      assert.equal((await store.read((reader) => reader.tickets.find(ticket.ticket)))?.spentBy, idOf(`message ${results.indexOf(true)}`));
      assert.equal(await store.transact((writer) => writer.tickets.spend(idOf("unknown"), idOf("x"))), false);
    },
  },
  {
    name: "work parameters come back exactly and are spent once",
    async run(store) {
      const parameters = { algorithm: "blake2b", zero_bits: 20, count: 8, nonce: idOf("nonce"), expires_at: LATER } as const;
      const demand = { parameters, sender: STRANGER, recipient: ALICE, messageType: "email" };
      await store.transact((writer) => writer.work.create(demand));
      assert.deepEqual(await store.read((reader) => reader.work.find(parameters.nonce)), { ...demand, spentAt: null });
      const spent = await Promise.all(
        Array.from({ length: 10 }, () => store.transact((writer) => writer.work.spend(parameters.nonce, NOW))),
      );
      assert.equal(spent.filter(Boolean).length, 1);
      assert.equal((await store.read((reader) => reader.work.find(parameters.nonce)))?.spentAt, NOW);
    },
  },
  {
    name: "issues are counted per day, pair and recipient",
    async run(store) {
      const count = (sender: typeof ALICE, stranger: boolean, at = NOW) =>
        store.transact((writer) => writer.counters.countIssue({ sender, recipient: ALICE, stranger, prefix: "192.0.2.0/24", at }));
      await count(STRANGER, true);
      await count(STRANGER, true);
      await count(BOB, false);
      await count(BOB, true, addSeconds(NOW, DAY));
      await store.read(async ({ counters }) => {
        assert.equal(await counters.issuedTo(STRANGER, ALICE, NOW), 2);
        assert.equal(await counters.issuedTo(BOB, ALICE, NOW), 1);
        assert.equal(await counters.issuedTo(ALICE, STRANGER, NOW), 0);
        assert.equal(await counters.issuedToStrangers(ALICE, NOW), 2);
        assert.equal(await counters.issuedToStrangers(ALICE, addSeconds(NOW, DAY)), 1);
      });
    },
  },
  {
    name: "first contacts are counted per hour and source; the median takes quiet hours in",
    async run(store) {
      const hour = timestampOf(secondsOf(NOW) - (secondsOf(NOW) % HOUR));
      const sender = { by: "sender", subject: STRANGER } as const;
      const domain = { by: "domain", subject: "beta.example" } as const;
      await store.transact(async ({ counters }) => {
        for (let back = 1; back <= INFLOW_HOURS; back++) {
          // 84 quiet hours and 84 with two: the median lies between.
          if (back % 2 === 0) for (const _ of [1, 2]) await counters.countFirstContact([domain], addSeconds(NOW, -back * HOUR));
        }
        for (const _ of [1, 2, 3]) await counters.countFirstContact([sender, domain], addSeconds(hour, 10));
      });
      await store.read(async ({ counters }) => {
        assert.deepEqual(await counters.firstContacts(sender, NOW, 24), [{ hour, count: 3 }]);
        assert.deepEqual(await counters.firstContacts(domain, NOW, 3), [
          { hour, count: 3 },
          { hour: addSeconds(hour, -2 * HOUR), count: 2 },
        ]);
        assert.equal(await counters.strangerInflow(NOW), 3);
        assert.equal(await counters.strangerInflowMedian(NOW), 1);
      });
    },
  },
  {
    name: "a correspondent is remembered once, one way",
    async run(store) {
      const remember = () => store.transact((writer) => writer.correspondents.remember(ALICE, STRANGER, NOW));
      assert.deepEqual([await remember(), await remember()], [true, false]);
      assert.equal(await store.read((reader) => reader.correspondents.isKnown(ALICE, STRANGER)), true);
      assert.equal(await store.read((reader) => reader.correspondents.isKnown(STRANGER, ALICE)), false);
    },
  },
];
