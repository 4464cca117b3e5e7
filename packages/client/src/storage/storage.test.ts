import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSmimpError, MIN_PASSPHRASE_MEMORY, randomBytes, toHex, utf8 } from "@smimp/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createMemoryStorage } from "./memory.ts";
import { openSharing, openSqliteStorage, StorageInUseError } from "./sqlite.ts";
import type { Storage } from "./storage.ts";

const cost = { memory: MIN_PASSPHRASE_MEMORY };
let folder = "";
let file = "";
let opened: Storage[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "smimp-storage-"));
  file = join(folder, "mail.db");
});
afterEach(async () => {
  for (const storage of opened) await storage.close();
  opened = [];
  await rm(folder, { recursive: true, force: true });
});

const openFile = async (passphrase = "correct horse"): Promise<Storage> => {
  const storage = await openSqliteStorage({ file, passphrase, cost, waitMilliseconds: 50 });
  opened.push(storage);
  return storage;
};
const openMemory = async (): Promise<Storage> => {
  const storage = createMemoryStorage();
  opened.push(storage);
  return storage;
};
const keysOf = async (storage: Storage, options?: Parameters<Storage["list"]>[1]): Promise<readonly string[]> =>
  (await storage.list("things", options)).map(({ key }) => key);

describe.each([
  ["memory", openMemory],
  ["SQLite", openFile],
])("storage: %s", (_name, open) => {
  test("gives back what was put, and null for what was not", async () => {
    const storage = await open();
    await storage.transact(async (writer) => writer.put("things", "a", Uint8Array.of(1, 2, 3)));
    expect(await storage.get("things", "a")).toEqual(Uint8Array.of(1, 2, 3));
    expect(await storage.get("things", "b")).toBeNull();
    expect(await storage.get("others", "a")).toBeNull();
  });

  test("replaces and deletes", async () => {
    const storage = await open();
    await storage.transact(async (writer) => writer.put("things", "a", utf8("old")));
    await storage.transact(async (writer) => writer.put("things", "a", utf8("new")));
    expect(await storage.get("things", "a")).toEqual(utf8("new"));
    await storage.transact(async (writer) => writer.delete("things", "a"));
    expect(await storage.get("things", "a")).toBeNull();
  });

  test("lists in the order of keys, in both directions, page by page", async () => {
    const storage = await open();
    await storage.transact(async (writer) => {
      for (const key of ["c", "a", "e", "b", "d", "B"]) writer.put("things", key, utf8(key));
    });
    expect(await keysOf(storage)).toEqual(["B", "a", "b", "c", "d", "e"]);
    expect(await keysOf(storage, { after: "b", limit: 2 })).toEqual(["c", "d"]);
    expect(await keysOf(storage, { reverse: true, limit: 2 })).toEqual(["e", "d"]);
    expect(await keysOf(storage, { reverse: true, after: "b" })).toEqual(["a", "B"]);
    expect(await keysOf(storage, { skip: 4 })).toEqual(["d", "e"]);
    expect(await keysOf(storage, { skip: 1, limit: 2, reverse: true })).toEqual(["d", "c"]);
    expect(await keysOf(storage, { skip: 1, limit: 2, after: "a" })).toEqual(["c", "d"]);
    expect(await keysOf(storage, { skip: 6, limit: 2 })).toEqual([]);
    expect(await storage.list("nothing")).toEqual([]);
  });

  test("a transaction that throws leaves nothing behind", async () => {
    const storage = await open();
    const failing = storage.transact(async (writer) => {
      writer.put("things", "a", utf8("x"));
      throw new RangeError("on purpose");
    });
    await expect(failing).rejects.toBeInstanceOf(RangeError);
    expect(await storage.get("things", "a")).toBeNull();
    await storage.transact(async (writer) => writer.put("things", "b", utf8("y")));
    expect(await keysOf(storage)).toEqual(["b"]);
  });

  test("a transaction reads its own writes, and nobody else does before its end", async () => {
    const storage = await open();
    await storage.transact(async (writer) => {
      for (const key of ["a", "b", "c"]) writer.put("things", key, utf8(key));
    });
    await storage.transact(async (writer) => {
      writer.delete("things", "a");
      writer.put("things", "d", utf8("d"));
      expect(await writer.get("things", "a")).toBeNull();
      expect(await writer.get("things", "d")).toEqual(utf8("d"));
      expect((await writer.list("things", { limit: 2 })).map(({ key }) => key)).toEqual(["b", "c"]);
      expect((await writer.list("things", { reverse: true, limit: 2 })).map(({ key }) => key)).toEqual(["d", "c"]);
      expect((await writer.list("things", { skip: 1, limit: 2 })).map(({ key }) => key)).toEqual(["c", "d"]);
      expect((await writer.list("things", { skip: 1, reverse: true })).map(({ key }) => key)).toEqual(["c", "b"]);
      expect(await keysOf(storage)).toEqual(["a", "b", "c"]);
    });
    expect(await keysOf(storage)).toEqual(["b", "c", "d"]);
  });

  test("transactions run one after the other", async () => {
    const storage = await open();
    const add = async (): Promise<void> =>
      await storage.transact(async (writer) => {
        const before = (await writer.get("things", "count"))?.[0] ?? 0;
        writer.put("things", "count", Uint8Array.of(before + 1));
      });
    await Promise.all(Array.from({ length: 20 }, add));
    expect(await storage.get("things", "count")).toEqual(Uint8Array.of(20));
  });

  test("hidden keys are steady, differ by collection, and hide", async () => {
    const storage = await open();
    const key = storage.hiddenKey("people", "alice#alpha.example");
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(storage.hiddenKey("people", "alice#alpha.example")).toBe(key);
    expect(storage.hiddenKey("others", "alice#alpha.example")).not.toBe(key);
  });

  test("a closed storage refuses", async () => {
    const storage = await open();
    await storage.close();
    await expect(storage.get("things", "a")).rejects.toBeInstanceOf(TypeError);
    await expect(storage.transact(async (writer) => writer.put("things", "a", utf8("x")))).rejects.toBeInstanceOf(TypeError);
    await storage.close();
  });
});

describe("storage on a disk", () => {
  test("is there again after it was closed, under the same hidden keys", async () => {
    const first = await openFile();
    const key = first.hiddenKey("people", "bob#beta.example");
    await first.transact(async (writer) => writer.put("people", key, utf8("pin")));
    await first.close();
    const second = await openFile();
    expect(second.hiddenKey("people", "bob#beta.example")).toBe(key);
    expect(await second.get("people", key)).toEqual(utf8("pin"));
  });

  test("refuses a wrong passphrase", async () => {
    await (await openFile()).close();
    await expect(openFile("wrong")).rejects.toSatisfy((error) => isSmimpError(error, "decryption_failed"));
  });

  test("belongs to one process at a time, and says so", async () => {
    const first = await openFile();
    await expect(openFile()).rejects.toBeInstanceOf(StorageInUseError);
    await first.close();
    expect(await (await openFile()).list("things")).toEqual([]);
  });

  test("holds nothing readable, and is its owner's alone", async () => {
    const storage = await openFile();
    await storage.transact(async (writer) =>
      writer.put("people", storage.hiddenKey("people", "carol#alpha.example"), utf8("canary-in-a-value")),
    );
    const files = [file, `${file}-wal`];
    const written = async (): Promise<string> => {
      const contents = await Promise.all(files.map(async (each) => await readFile(each).catch(() => new Uint8Array())));
      return contents.map((each) => toHex(each)).join("|");
    };
    const during = await written();
    await storage.close();
    for (const text of [during, await written()]) {
      expect(text.length).toBeGreaterThan(1_000);
      for (const canary of ["canary-in-a-value", "carol#alpha", "correct horse"]) expect(text).not.toContain(toHex(utf8(canary)));
    }
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  test("leaves nothing of what was replaced or deleted in any file, while it is open", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const drawn: string[] = [];
      const random = (length: number): Uint8Array => {
        const bytes = randomBytes(length);
        drawn.push(toHex(bytes));
        return bytes;
      };
      const storage = await openSqliteStorage({ file, passphrase: "correct horse", cost, random });
      opened.push(storage);
      const before = drawn.length;
      await storage.transact(async (writer) => writer.put("keys", "a", utf8("secret a")));
      await storage.transact(async (writer) => writer.put("keys", "b", utf8("secret b")));
      // Each box begins with its nonce, 24 bytes of what was drawn at once: where that stands, the box stands.
      const [nonces = ""] = drawn.slice(before);
      const boxes = [nonces.slice(0, 48), nonces.slice(48, 96)];
      expect(drawn).toHaveLength(before + 1);
      const stands = async (box: string): Promise<boolean> => {
        const files = await Promise.all([file, `${file}-wal`].map(async (each) => toHex(await readFile(each))));
        return files.some((content) => content.includes(box));
      };
      expect(await Promise.all(boxes.map(stands))).toEqual([true, true]);
      await storage.transact(async (writer) => writer.put("keys", "a", utf8("destroyed")));
      await storage.transact(async (writer) => writer.delete("keys", "b"));
      await vi.runAllTimersAsync();
      expect(await Promise.all(boxes.map(stands))).toEqual([false, false]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a value that was moved to another place does not open", async () => {
    const storage = await openFile();
    await storage.transact(async (writer) => {
      writer.put("things", "a", utf8("for a"));
      writer.put("things", "b", utf8("for b"));
    });
    await storage.close();
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(file);
    database.exec("UPDATE entries SET value = (SELECT value FROM entries WHERE key = 'a') WHERE key = 'b'");
    database.close();
    const tampered = await openFile();
    expect(await tampered.get("things", "a")).toEqual(utf8("for a"));
    await expect(tampered.get("things", "b")).rejects.toSatisfy((error) => isSmimpError(error, "decryption_failed"));
  });
});

test("another program finds the secret of a storage that is open, with its passphrase alone", async () => {
  const storage = await openSqliteStorage({ file, passphrase: "correct horse", cost });
  opened.push(storage);
  const { sealedKey } = storage.sharing;
  const secret = storage.sharing.secret.slice();
  expect(openSharing("correct horse", sealedKey)).toEqual(secret);
  expect(() => openSharing("another", sealedKey)).toThrow(expect.objectContaining({ code: "decryption_failed" }) as Error);
  await storage.close();
  expect(storage.sharing.secret).toEqual(new Uint8Array(32));
  const again = await openSqliteStorage({ file, passphrase: "correct horse", cost });
  opened.push(again);
  expect(again.sharing.secret).toEqual(secret);
});

describe("a copy of a storage on a disk", () => {
  test("opens with the same passphrase and holds what was there, whatever comes after", async () => {
    const storage = await openSqliteStorage({ file, passphrase: "correct horse", cost });
    opened.push(storage);
    const canary = `canary${toHex(randomBytes(12))}`;
    await storage.transact(async (writer) => writer.put("things", "a", utf8(canary)));
    const copy = join(folder, "copy.db");
    await storage.copyTo(copy);
    await storage.transact(async (writer) => writer.put("things", "a", utf8("later")));
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    expect((await readFile(copy)).includes(canary)).toBe(false);
    await expect(storage.copyTo(copy)).rejects.toMatchObject({ code: "EEXIST" });
    await expect(openSqliteStorage({ file: copy, passphrase: "another" })).rejects.toMatchObject({ code: "decryption_failed" });
    const second = await openSqliteStorage({ file: copy, passphrase: "correct horse" });
    opened.push(second);
    expect(await second.get("things", "a")).toEqual(utf8(canary));
  });

  test("is not left half-written", async () => {
    const storage = await openSqliteStorage({ file, passphrase: "correct horse", cost });
    opened.push(storage);
    await expect(storage.copyTo(join(folder, "no such folder", "copy.db"))).rejects.toMatchObject({ code: "ENOENT" });
    await storage.close();
    await expect(storage.copyTo(join(folder, "copy.db"))).rejects.toThrow(TypeError);
  });
});
