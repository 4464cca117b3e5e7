import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSmimpError, MIN_PASSPHRASE_MEMORY, randomBytes, toHex, utf8 } from "@smimp/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { storageConformance } from "./conformance.ts";
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

/** A storage, and which of the values that were ever written stand in its files, by the order in which they were written. */
async function openWatched(): Promise<{ readonly storage: Storage; readonly standing: () => Promise<readonly number[]> }> {
  const drawn: Uint8Array[] = [];
  const random = (length: number): Uint8Array => {
    const bytes = randomBytes(length);
    drawn.push(bytes.slice());
    return bytes;
  };
  const storage = await openSqliteStorage({ file, passphrase: "correct horse", cost, random });
  opened.push(storage);
  const before = drawn.length;
  const standing = async (): Promise<readonly number[]> => {
    const contents = await Promise.all([file, `${file}-wal`].map(async (each) => await readFile(each)));
    // Each box begins with its nonce, 24 bytes of many that are drawn at once: where that stands, the box stands.
    const nonces = Buffer.concat(drawn.slice(before));
    const boxes = Array.from({ length: nonces.length / 24 }, (_, index) => index);
    return boxes.filter((index) => contents.some((content) => content.includes(nonces.subarray(24 * index, 24 * index + 24))));
  };
  return { storage, standing };
}

describe("the conformance suite: memory", () => {
  const cases = storageConformance(async () => {
    const storage = createMemoryStorage();
    return { open: async () => await Promise.resolve(storage), openWrongly: null, discard: async () => await storage.close() };
  }, false);
  test.each(cases)("$name", async ({ run }) => await run());
});

describe("the conformance suite: SQLite", () => {
  const cases = storageConformance(async () => {
    const own = await mkdtemp(join(tmpdir(), "smimp-storage-"));
    const openWith = async (passphrase: string): Promise<Storage> =>
      await openSqliteStorage({ file: join(own, "mail.db"), passphrase, cost, waitMilliseconds: 50 });
    return {
      open: async () => await openWith("correct horse"),
      openWrongly: async () => await openWith("wrong"),
      discard: async () => await rm(own, { recursive: true, force: true }),
    };
  }, true);
  test.each(cases)("$name", async ({ run }) => await run());
});

describe("storage on a disk", () => {
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
      const { storage, standing } = await openWatched();
      await storage.transact(async (writer) => writer.put("keys", "a", utf8("secret a")));
      await storage.transact(async (writer) => writer.put("keys", "b", utf8("secret b")));
      expect(await standing()).toEqual([0, 1]);
      await storage.transact(async (writer) => writer.put("keys", "a", utf8("destroyed")));
      await storage.transact(async (writer) => writer.delete("keys", "b"));
      await vi.runAllTimersAsync();
      expect(await standing()).toEqual([2]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("written anew, leaves nothing either of what its database had moved before it was deleted", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { storage, standing } = await openWatched();
      const living = new Map<string, { readonly box: number; readonly size: number }>();
      const left = async (): Promise<readonly number[]> => {
        const boxes = new Set([...living.values()].map(({ box }) => box));
        return (await standing()).filter((box) => !boxes.has(box));
      };
      // Values of all lengths come and go in each other's place until some are left where they stood before they were moved. The
      // numbers are the same each time.
      let boxes = 0;
      for (let round = 0; round < 200 && (await left()).length === 0; round++) {
        await storage.transact(async (writer) => {
          const changed = new Set<string>();
          for (let step = 20 * round; step < 20 * (round + 1); step++) {
            const key = `key${(step * 7_919) % 53}`;
            if (changed.has(key)) continue;
            changed.add(key);
            const size = 1 + ((step * 7_907) % 901);
            if (step % 3 === 0) {
              writer.delete("things", key);
              living.delete(key);
            } else {
              writer.put("things", key, new Uint8Array(size));
              living.set(key, { box: boxes++, size });
            }
          }
          await Promise.resolve();
        });
        await vi.runAllTimersAsync();
      }
      expect((await left()).length).toBeGreaterThan(0);
      await storage.scrub?.();
      expect(await left()).toEqual([]);
      const kept = await storage.list("things");
      expect(kept.map(({ key, value }) => [key, value.length])).toEqual([...living].map(([key, { size }]) => [key, size]).toSorted());
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
