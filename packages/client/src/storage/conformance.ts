import { isSmimpError, utf8 } from "@smimp/protocol";
import type { ListOptions, Storage, StorageReader, StorageWriter } from "./storage.ts";

/** One demand on a storage: `run` throws where it is not met. */
export interface StorageCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** How storages of a kind are had. */
export interface StorageKind {
  /** Opens the storage of the case that runs: the same one each time, empty at first. */
  open(): Promise<Storage>;
  /** Opens it with another key or passphrase than `open`; null where nothing is left of a storage that was closed. */
  readonly openWrongly: (() => Promise<Storage>) | null;
  /** Throws it away. */
  discard(): Promise<void>;
}

/**
 * Every demand on a storage, wherever it keeps what it holds: needs nothing but the language, so that it runs in a browser as well.
 * `begin` is called for each case, and gives a storage that is the case's own.
 */
export function storageConformance(begin: () => Promise<StorageKind>, lasts: boolean): readonly StorageCase[] {
  return Object.entries(lasts ? { ...DEMANDS, ...LASTING } : DEMANDS).map(([name, meet]) => ({
    name,
    run: async () => {
      const kind = await begin();
      const opened: Storage[] = [];
      const remembered = (open: () => Promise<Storage>) => async (): Promise<Storage> => {
        const storage = await open();
        opened.push(storage);
        return storage;
      };
      const wrongly = kind.openWrongly ?? kind.open;
      try {
        await meet(
          remembered(async () => await kind.open()),
          remembered(async () => await wrongly()),
        );
      } finally {
        for (const storage of opened) await storage.close();
        await kind.discard();
      }
    },
  }));
}

type Open = () => Promise<Storage>;
type Demand = (open: Open, openWrongly: Open) => Promise<void>;

const DEMANDS: Readonly<Record<string, Demand>> = {
  "gives back what was put, and null for what was not": async (open) => {
    const storage = await open();
    await put(storage, "a", Uint8Array.of(1, 2, 3));
    same(await storage.get("things", "a"), Uint8Array.of(1, 2, 3));
    same(await storage.get("things", "b"), null);
    same(await storage.get("others", "a"), null);
  },

  "keeps what is empty and what is large": async (open) => {
    const storage = await open();
    const large = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
    await storage.transact(async (writer) => {
      writer.put("things", "empty", new Uint8Array());
      writer.put("things", "large", large);
    });
    same(await storage.get("things", "empty"), new Uint8Array());
    same(await storage.get("things", "large"), large);
  },

  "what a caller does to bytes that were put or given changes nothing": async (open) => {
    const storage = await open();
    const bytes = Uint8Array.of(1);
    await storage.transact(async (writer) => {
      writer.put("things", "a", bytes);
      (await writer.get("things", "a"))?.fill(8);
    });
    bytes.fill(9);
    (await storage.get("things", "a"))?.fill(9);
    (await storage.list("things"))[0]?.value.fill(9);
    same(await storage.get("things", "a"), Uint8Array.of(1));
  },

  "replaces and deletes": async (open) => {
    const storage = await open();
    await put(storage, "a", utf8("old"));
    await put(storage, "a", utf8("new"));
    same(await storage.get("things", "a"), utf8("new"));
    await storage.transact(async (writer) => writer.delete("things", "a"));
    same(await storage.get("things", "a"), null);
    await storage.transact(async (writer) => writer.delete("things", "a"));
  },

  "lists in the order of keys, in both directions, page by page": async (open) => {
    const storage = await open();
    await putAll(storage, ["c", "a", "e", "b", "d", "B"]);
    same(await keysOf(storage), ["B", "a", "b", "c", "d", "e"]);
    same(await keysOf(storage, { after: "b", limit: 2 }), ["c", "d"]);
    same(await keysOf(storage, { after: "bb", limit: 2 }), ["c", "d"]);
    same(await keysOf(storage, { reverse: true, limit: 2 }), ["e", "d"]);
    same(await keysOf(storage, { reverse: true, after: "b" }), ["a", "B"]);
    same(await keysOf(storage, { skip: 4 }), ["d", "e"]);
    same(await keysOf(storage, { skip: 1, limit: 2, reverse: true }), ["d", "c"]);
    same(await keysOf(storage, { skip: 1, limit: 2, after: "a" }), ["c", "d"]);
    same(await keysOf(storage, { skip: 1, limit: 2, after: "d", reverse: true }), ["b", "a"]);
    same(await keysOf(storage, { skip: 6, limit: 2 }), []);
    same(await keysOf(storage, { limit: 0 }), []);
    same(await keysOf(storage, { after: "e" }), []);
    same(await storage.list("nothing"), []);
    same(await storage.list("nothing", { reverse: true, skip: 2 }), []);
  },

  "lists keys alone": async (open) => {
    const storage = await open();
    await putAll(storage, ["c", "a", "e", "b", "d", "B"]);
    await storage.transact(async (writer) => writer.put("things-more", "x", utf8("x")));
    same(await storage.keys("things"), ["B", "a", "b", "c", "d", "e"]);
    same(await storage.keys("things", { after: "b", limit: 2 }), ["c", "d"]);
    same(await storage.keys("things", { limit: 0 }), []);
    same(await storage.keys("things", { after: "e" }), []);
    same(await storage.keys("nothing"), []);
    await storage.transact(async (writer) => {
      same(await writer.keys("things", { limit: 2 }), ["B", "a"]);
      writer.delete("things", "a");
      writer.put("things", "bb", utf8("bb"));
      same(await writer.keys("things", { after: "B", limit: 2 }), ["b", "bb"]);
    });
    same(await storage.keys("things"), ["B", "b", "bb", "c", "d", "e"]);
  },

  "lists each collection for itself, whatever its name begins with": async (open) => {
    const storage = await open();
    await storage.transact(async (writer) => {
      for (const collection of ["thing", "things", "things-more"]) writer.put(collection, collection, utf8(collection));
    });
    same(await keysOf(storage), ["things"]);
    same(await keysOf(storage, { reverse: true }), ["things"]);
    same(await keysOf(storage, { reverse: true, after: "zzz" }), ["things"]);
    same((await storage.list("things"))[0]?.value, utf8("things"));
  },

  "lists a thousand, in pages that together are all of them": async (open) => {
    const storage = await open();
    const keys = Array.from({ length: 1_000 }, (_, index) => String(index).padStart(4, "0"));
    await putAll(storage, keys);
    for (const reverse of [false, true]) {
      const found: string[] = [];
      for (let page: readonly string[] = ["first"]; page.length > 0;) {
        const after = found.at(-1);
        page = await keysOf(storage, { limit: 99, reverse, ...(after === undefined ? {} : { after }) });
        found.push(...page);
      }
      same(found, reverse ? keys.toReversed() : keys);
      same(await keysOf(storage, { skip: 700, limit: 3, reverse }), found.slice(700, 703));
    }
  },

  "a transaction that throws leaves nothing behind": async (open) => {
    const storage = await open();
    await refused(
      storage.transact(async (writer) => {
        writer.put("things", "a", utf8("x"));
        throw new RangeError("on purpose");
      }),
      (error) => error instanceof RangeError,
    );
    same(await storage.get("things", "a"), null);
    await put(storage, "b", utf8("y"));
    same(await keysOf(storage), ["b"]);
  },

  "a transaction reads its own writes, and nobody else does before its end": async (open) => {
    const storage = await open();
    await putAll(storage, ["a", "b", "c"]);
    await storage.transact(async (writer) => {
      writer.delete("things", "a");
      writer.put("things", "d", utf8("d"));
      same(await writer.get("things", "a"), null);
      same(await writer.get("things", "d"), utf8("d"));
      same(await keysOf(writer, { limit: 2 }), ["b", "c"]);
      same(await keysOf(writer, { reverse: true, limit: 2 }), ["d", "c"]);
      same(await keysOf(writer, { skip: 1, limit: 2 }), ["c", "d"]);
      same(await keysOf(writer, { skip: 1, reverse: true }), ["c", "b"]);
      same(await keysOf(storage), ["a", "b", "c"]);
    });
    same(await keysOf(storage), ["b", "c", "d"]);
  },

  "a transaction gives what its work gives, and writes nothing where there is nothing to write": async (open) => {
    const storage = await open();
    same(await storage.transact(async () => await Promise.resolve("done")), "done");
    same(await keysOf(storage), []);
  },

  "transactions run one after the other": async (open) => {
    const storage = await open();
    const add = async (): Promise<void> =>
      await storage.transact(async (writer) => {
        const before = (await writer.get("things", "count"))?.[0] ?? 0;
        writer.put("things", "count", Uint8Array.of(before + 1));
      });
    await Promise.all(Array.from({ length: 20 }, add));
    same(await storage.get("things", "count"), Uint8Array.of(20));
  },

  "many read at once, while somebody writes": async (open) => {
    const storage = await open();
    const keys = Array.from({ length: 200 }, (_, index) => String(index).padStart(3, "0"));
    await putAll(storage, keys);
    const [read] = await Promise.all([
      Promise.all(keys.map(async (key) => await storage.get("things", key))),
      put(storage, "more", utf8("more")),
      storage.list("things"),
    ]);
    same(read, keys.map(utf8));
    same((await keysOf(storage)).length, 201);
  },

  "hidden keys are steady, differ by collection, and hide": async (open) => {
    const storage = await open();
    const key = storage.hiddenKey("people", "alice#alpha.example");
    same(/^[0-9a-f]{64}$/.test(key), true);
    same(storage.hiddenKey("people", "alice#alpha.example"), key);
    same(storage.hiddenKey("others", "alice#alpha.example") === key, false);
  },

  "a closed storage refuses, and closes again": async (open) => {
    const storage = await open();
    await put(storage, "a", utf8("a"));
    await storage.close();
    const isTypeError = (error: unknown): boolean => error instanceof TypeError;
    await refused(storage.get("things", "a"), isTypeError);
    await refused(storage.list("things"), isTypeError);
    await refused(
      storage.transact(async (writer) => writer.put("things", "a", utf8("x"))),
      isTypeError,
    );
    await storage.close();
  },

  "closing waits for the transactions before it": async (open) => {
    const storage = await open();
    let done = false;
    const writing = put(storage, "a", utf8("a")).then(() => (done = true));
    await storage.close();
    same(done, true);
    await writing;
  },
};

/** Demands on storages that outlive the program. */
const LASTING: Readonly<Record<string, Demand>> = {
  "is there again after it was closed, under the same hidden keys": async (open) => {
    const first = await open();
    const key = first.hiddenKey("people", "bob#beta.example");
    await first.transact(async (writer) => writer.put("people", key, utf8("pin")));
    await putAll(first, ["a", "b"]);
    await first.transact(async (writer) => writer.delete("things", "a"));
    await first.close();
    const second = await open();
    same(second.hiddenKey("people", "bob#beta.example"), key);
    same(await second.get("people", key), utf8("pin"));
    same(await keysOf(second), ["b"]);
  },

  "opens nothing with another key": async (open, openWrongly) => {
    const first = await open();
    await put(first, "a", utf8("secret"));
    await first.close();
    await refused(
      openWrongly().then(async (storage) => await storage.get("things", "a")),
      (error) => isSmimpError(error, "decryption_failed"),
    );
    same(await (await open()).get("things", "a"), utf8("secret"));
  },
};

async function put(storage: Storage, key: string, value: Uint8Array): Promise<void> {
  await storage.transact(async (writer) => writer.put("things", key, value));
}

async function putAll(storage: Storage, keys: readonly string[]): Promise<void> {
  await storage.transact(async (writer: StorageWriter) => {
    for (const key of keys) writer.put("things", key, utf8(key));
  });
}

async function keysOf(reader: StorageReader, options?: ListOptions): Promise<readonly string[]> {
  return (await reader.list("things", options)).map(({ key }) => key);
}

/** Demands that two values say the same. */
function same(found: unknown, wanted: unknown): void {
  const [is, shall] = [textOf(found), textOf(wanted)];
  if (is !== shall) throw new Error(`${shorten(is)} instead of ${shorten(shall)}`);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) => (each instanceof Uint8Array ? `bytes ${each.join(" ")}` : each));
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Demands that something fails, and how. */
async function refused(work: Promise<unknown>, how: (error: unknown) => boolean): Promise<void> {
  const outcome = await work.then(
    () => "it was not refused",
    (error: unknown) => (how(error) ? null : `it was refused with ${String(error)}`),
  );
  if (outcome !== null) throw new Error(outcome);
}
