import assert from "node:assert/strict";
import { addSeconds, DAY, HOUR, UNNAMED_AVATAR_LIFE, utf8, type DeviceLinkCode } from "@smimp/protocol";
import { cleanStore } from "../cleaning.ts";
import { takeAway } from "../departures.ts";
import type { Store } from "../store.ts";
import { addAccount, ALICE, BOB, EMAIL, idOf, NOW, type Case } from "./fixtures.ts";

const CODE = "AAAABBBBCCCCDDDD" as DeviceLinkCode;
const OTHER = "EEEEFFFFGGGGHHHH" as DeviceLinkCode;
const linkOf = (code: DeviceLinkCode, over = {}) => ({
  code,
  publicKey: `key ${code}`,
  sealed: null,
  expiresAt: addSeconds(NOW, 600),
  ...over,
});
const image = (name: string, storedAt = NOW) => ({ hash: idOf(name), mediaType: "image/png" as const, storedAt });

async function namedHash(store: Store): Promise<string | null> {
  return (await store.read((reader) => reader.avatars.named(ALICE)))?.hash ?? null;
}

/** What an account has besides messages: lists, an avatar, links of devices. */
export const belongingsCases: readonly Case[] = [
  {
    name: "list entries stand in one list of one account, in the order of their hashes",
    async run(store) {
      await addAccount(store, ALICE);
      await addAccount(store, BOB);
      const hashes = Array.from({ length: 5 }, (_, index) => idOf(`entry ${index}`)).toSorted();
      const [first = idOf(""), second = idOf("")] = hashes;
      await store.transact(async (writer) => {
        for (const hash of hashes) await writer.listEntries.put(ALICE, "allowlist", { hash, note: "n", createdAt: NOW });
        await writer.listEntries.put(ALICE, "blocklist", { hash: first, note: null, createdAt: NOW });
        await writer.listEntries.put(ALICE, "allowlist", { hash: first, note: "new", createdAt: addSeconds(NOW, 1) });
      });
      await store.read(async ({ listEntries }) => {
        assert.deepEqual(await listEntries.find(ALICE, "allowlist", first), { hash: first, note: "new", createdAt: NOW });
        const page = await listEntries.page(ALICE, "allowlist", { limit: 3 });
        const rest = await listEntries.page(ALICE, "allowlist", { after: page.at(-1)?.hash, limit: 3 });
        assert.deepEqual(
          [...page, ...rest].map(({ hash }) => hash),
          hashes,
        );
        assert.deepEqual([await listEntries.count(ALICE, "allowlist"), await listEntries.count(ALICE, "blocklist")], [5, 1]);
        assert.deepEqual(
          (await listEntries.standing(ALICE, [first, second, idOf("none")])).map(({ list, hash }) => `${list} ${hash}`).toSorted(),
          [`allowlist ${first}`, `allowlist ${second}`, `blocklist ${first}`].toSorted(),
        );
        assert.deepEqual(await listEntries.standing(BOB, [first]), []);
        assert.equal(await listEntries.find(BOB, "allowlist", first), null);
      });
      const remove = (owner: typeof ALICE, list: "allowlist" | "blocklist") =>
        store.transact((writer) => writer.listEntries.remove(owner, list, second));
      assert.deepEqual([await remove(BOB, "allowlist"), await remove(ALICE, "blocklist")], [false, false]);
      assert.deepEqual([await remove(ALICE, "allowlist"), await remove(ALICE, "allowlist")], [true, false]);
    },
  },
  {
    name: "an account has the avatar that its profile names, and one that waits to be named for a day",
    async run(store) {
      await addAccount(store, ALICE);
      const bytes = utf8("an image");
      const put = (name: string, named: boolean, storedAt = NOW) =>
        store.transact((writer) => writer.avatars.put(ALICE, image(name, storedAt), bytes, named));
      const name = (hash: string | null) => store.transact((writer) => writer.avatars.name(ALICE, hash === null ? null : idOf(hash)));
      const has = async (hash: string) => (await store.read((reader) => reader.avatars.bytes(ALICE, idOf(hash), 0, 100))) !== null;
      await put("one", false);
      assert.equal(await namedHash(store), null);
      await name("one");
      assert.equal(await namedHash(store), idOf("one"));
      await put("two", false);
      await put("three", false);
      assert.deepEqual([await has("one"), await has("two"), await has("three")], [true, false, true]);
      // The same image once more stays named.
      await put("one", false);
      assert.equal(await namedHash(store), idOf("one"));
      await put("three", false);
      await name("three");
      assert.deepEqual([await namedHash(store), await has("one")], [idOf("three"), false]);
      await put("four", true);
      assert.deepEqual([await namedHash(store), await has("three")], [idOf("four"), false]);
      await put("five", false);
      await put("five", true);
      assert.deepEqual([await namedHash(store), await has("four")], [idOf("five"), false]);
      await put("six", false);
      await cleanStore(store, addSeconds(NOW, UNNAMED_AVATAR_LIFE - 1));
      assert.equal(await has("six"), true);
      assert.equal((await cleanStore(store, addSeconds(NOW, UNNAMED_AVATAR_LIFE))).avatars, 1);
      assert.deepEqual([await has("five"), await has("six")], [true, false]);
      await name(null);
      assert.deepEqual([await namedHash(store), await has("five")], [null, false]);
      await put("seven", false);
      await store.transact((writer) => writer.avatars.clear(ALICE));
      assert.equal(await has("seven"), false);
    },
  },
  {
    name: "an avatar is read in pieces",
    async run(store) {
      await addAccount(store, ALICE);
      const bytes = new Uint8Array(1_000).map((_, index) => index % 251);
      await store.transact((writer) => writer.avatars.put(ALICE, image("one"), bytes, true));
      const read = (offset: number, length: number) => store.read((reader) => reader.avatars.bytes(ALICE, idOf("one"), offset, length));
      assert.equal((await store.read((reader) => reader.avatars.named(ALICE)))?.size, 1_000);
      assert.deepEqual(await read(0, 400), bytes.slice(0, 400));
      assert.deepEqual(await read(800, 400), bytes.slice(800));
      assert.equal((await read(1_000, 400))?.length, 0);
      assert.equal(await store.read((reader) => reader.avatars.bytes(BOB, idOf("one"), 0, 1)), null);
    },
  },
  {
    name: "links of devices are found by code, hand-overs by account and code, and both lapse",
    async run(store) {
      await addAccount(store, ALICE);
      await addAccount(store, BOB);
      const handOver = { ...linkOf(CODE, { expiresAt: addSeconds(NOW, 90 * DAY) }), sealed: "for alice" };
      await store.transact(async (writer) => {
        await writer.deviceLinks.put(linkOf(CODE));
        await writer.deviceLinks.put(linkOf(OTHER, { expiresAt: addSeconds(NOW, 1) }));
        await writer.deviceLinks.put(linkOf(CODE, { sealed: "sealed" }));
        await writer.deviceLinks.putHandOver(ALICE, handOver);
        await writer.deviceLinks.putHandOver(BOB, { ...handOver, sealed: "for bob" });
        await writer.deviceLinks.putHandOver(ALICE, { ...handOver, sealed: "again" });
      });
      await store.read(async ({ deviceLinks }) => {
        assert.deepEqual(await deviceLinks.find(CODE), linkOf(CODE, { sealed: "sealed" }));
        assert.equal((await deviceLinks.handOver(ALICE, CODE))?.sealed, "again");
        assert.equal((await deviceLinks.handOver(BOB, CODE))?.sealed, "for bob");
        assert.equal(await deviceLinks.handOver(ALICE, OTHER), null);
        assert.deepEqual([await deviceLinks.countWaiting(NOW, 10), await deviceLinks.countWaiting(NOW, 1)], [2, 1]);
        assert.equal(await deviceLinks.countWaiting(addSeconds(NOW, 1), 10), 1);
        assert.equal(await deviceLinks.countHandOvers(ALICE, NOW), 1);
      });
      assert.equal((await cleanStore(store, addSeconds(NOW, HOUR))).deviceLinks, 2);
      assert.notEqual(await store.read((reader) => reader.deviceLinks.handOver(ALICE, CODE)), null);
      assert.equal((await cleanStore(store, addSeconds(NOW, 90 * DAY))).handOvers, 2);
      assert.equal(await store.read((reader) => reader.deviceLinks.handOver(ALICE, CODE)), null);
    },
  },
  {
    name: "all of it goes with its account",
    async run(store) {
      await addAccount(store, ALICE);
      await store.transact(async (writer) => {
        await writer.listEntries.put(ALICE, "allowlist", { hash: idOf("a"), note: null, createdAt: NOW });
        await writer.avatars.put(ALICE, image("one"), utf8("image"), true);
        await writer.deviceLinks.putHandOver(ALICE, { ...linkOf(CODE), sealed: "s" });
        await writer.folders.put(ALICE, { name: "a", messageType: EMAIL, parent: null, displayName: null });
        await writer.folders.put(ALICE, { name: "b", messageType: EMAIL, parent: "a", displayName: null });
        await writer.accounts.remove(ALICE, NOW);
      });
      await takeAway(store, ALICE);
      await store.read(async (reader) => {
        assert.equal(await reader.listEntries.count(ALICE, "allowlist"), 0);
        assert.equal(await reader.avatars.named(ALICE), null);
        assert.equal(await reader.deviceLinks.handOver(ALICE, CODE), null);
        assert.deepEqual(await reader.folders.list(ALICE), []);
      });
      assert.deepEqual(await store.checkIntegrity(), []);
    },
  },
];
