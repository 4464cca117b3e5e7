import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listEntryHash, MAX_LIST_ENTRIES, MAX_LIST_PAGE, parseAddress, parseListEntry, type Hex32 } from "@smimp/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addAccount, ALICE, BOB, idOf, NOW, STRANGER } from "../store/conformance/fixtures.ts";
import { openStore } from "../store/sqlite.ts";
import type { Store } from "../store/store.ts";
import { addToList, readList, removeFromList, standingOf } from "./lists.ts";

let dataDir: string;
let store: Store;
const clock = () => NOW;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "smimp-lists-"));
  store = await openStore({ dataDir });
  await addAccount(store, ALICE);
});
afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const add = async (list: "allowlist" | "blocklist", entry: string) => await addToList({ store, clock }, ALICE, list, { entry, note: null });
const standing = async (sender = STRANGER) =>
  await store.read(async (reader) => {
    const account = await reader.accounts.find(ALICE);
    if (account === null) throw new TypeError("no account");
    return await standingOf(reader, account, sender);
  });

describe("lists", () => {
  it("hold nothing but keyed hashes", async () => {
    const hash = await add("blocklist", "Stranger#Beta.Example");
    expect(hash).toBe(listEntryHash(new Uint8Array(32).fill(7), parseListEntry("stranger#beta.example")));
    expect(await add("allowlist", "stranger#beta.example")).toBe(hash);
    expect((await readList(store, ALICE, "blocklist", undefined)).entries).toEqual([{ hash, note: null, createdAt: NOW }]);
  });

  it("are bounded, and told in pages", async () => {
    const hashes = Array.from({ length: MAX_LIST_ENTRIES }, (_, index) => idOf(`entry ${index}`)).toSorted();
    await store.transact(async (writer) => {
      for (const hash of hashes) await writer.listEntries.put(ALICE, "allowlist", { hash, note: null, createdAt: NOW });
    });
    await expect(add("allowlist", "one#more.example")).rejects.toMatchObject({ code: "quota_exceeded" });
    await add("blocklist", "one#more.example");
    const seen: Hex32[] = [];
    let cursor: Hex32 | null | undefined;
    while (cursor !== null) {
      const page = await readList(store, ALICE, "allowlist", cursor);
      expect(page.entries.length).toBeLessThanOrEqual(MAX_LIST_PAGE);
      seen.push(...page.entries.map(({ hash }) => hash));
      cursor = page.cursor;
    }
    expect(seen).toEqual(hashes);
    await removeFromList(store, ALICE, "allowlist", hashes[0] ?? idOf(""));
    await add("allowlist", "one#more.example");
    // One that stands there already takes no more room.
    await add("allowlist", "one#more.example");
  });

  it.each([
    [[], "unlisted"],
    [["block #beta.example"], "blocked"],
    [["block stranger#beta.example"], "blocked"],
    [["allow #beta.example"], "allowed"],
    [["allow #beta.example", "block #beta.example"], "allowed"],
    [["allow stranger#beta.example", "block stranger#beta.example"], "allowed"],
    [["allow stranger#beta.example", "block #beta.example"], "allowed"],
    [["block stranger#beta.example", "allow #beta.example"], "blocked"],
    [["block other#beta.example", "allow #other.example", "block #alpha.example"], "unlisted"],
  ] as const)("%j make a sender %s", async (entries, expected) => {
    for (const each of entries) {
      const [list, entry = ""] = each.split(" ");
      await add(list === "allow" ? "allowlist" : "blocklist", entry);
    }
    expect(await standing()).toBe(expected);
  });

  it("keep nobody out of their own account", async () => {
    await add("blocklist", ALICE);
    await add("blocklist", "#alpha.example");
    expect(await standing(ALICE)).toBe("unlisted");
    expect(await standing(BOB)).toBe("blocked");
    expect(await standing(parseAddress("x#sub.alpha.example"))).toBe("unlisted");
  });
});
