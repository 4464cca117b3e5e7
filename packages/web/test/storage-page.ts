import { storageConformance, type StorageCase } from "@smimp/client/storage-conformance";
import { isSmimpError, randomBytes, toHex, utf8 } from "@smimp/protocol";
import { openIndexedDbStorage } from "../src/storage/indexed-db.ts";
import { completed, deleteDatabase, openDatabase, resultOf } from "../src/storage/requests.ts";

// What is demanded of the storage in a browser. `storage.test.ts` bundles it for a page of its own; nobody else is served it.

let count = 0;

const everywhere = storageConformance(async () => {
  const name = `case ${++count}`;
  const [key, another] = [randomBytes(32), randomBytes(32)];
  return {
    open: async () => await openIndexedDbStorage(name, key.slice()),
    openWrongly: async () => await openIndexedDbStorage(name, another.slice()),
    discard: async () => await deleteDatabase(name),
  };
}, true);

const CANARIES = ["canary-in-a-value", "carol#alpha"];

const here: readonly StorageCase[] = [
  {
    name: "holds nothing readable",
    run: async () => {
      const storage = await openIndexedDbStorage("readable", randomBytes(32));
      try {
        const hidden = storage.hiddenKey("people", "carol#alpha.example");
        await storage.transact(async (writer) => writer.put("people", hidden, utf8("canary-in-a-value")));
        const rows = await raw("readable", async (entries) =>
          JSON.stringify([
            await resultOf(entries.getAllKeys()),
            (await resultOf(entries.getAll())).map((value) => toHex(value as Uint8Array)),
          ]),
        );
        if (!rows.includes(hidden)) throw new Error("what was put is not there");
        const found = CANARIES.filter((canary) => rows.includes(canary) || rows.includes(toHex(utf8(canary))));
        if (found.length > 0) throw new Error(`${found.join(", ")} can be read`);
      } finally {
        await storage.close();
        await deleteDatabase("readable");
      }
    },
  },
  {
    name: "a value that was moved to another place does not open",
    run: async () => {
      const storage = await openIndexedDbStorage("moved", randomBytes(32));
      try {
        await storage.transact(async (writer) => {
          writer.put("things", "a", utf8("for a"));
          writer.put("things", "b", utf8("for b"));
        });
        await raw("moved", async (entries) => entries.put(await resultOf(entries.get(["things", "a"])), ["things", "b"]));
        const refused = await storage.get("things", "b").then(
          () => false,
          (error: unknown) => isSmimpError(error, "decryption_failed"),
        );
        if (!refused) throw new Error("it opened");
      } finally {
        await storage.close();
        await deleteDatabase("moved");
      }
    },
  },
];

/** Without what only some browsers have. */
const elsewhere = everywhere
  .filter(({ name }) => name.startsWith("lists"))
  .map(({ name, run }) => ({
    name: `${name}, in a browser that reads backwards step by step`,
    run: async () => {
      const { prototype } = IDBObjectStore;
      const kept = Object.getOwnPropertyDescriptor(prototype, "getAllRecords");
      Reflect.deleteProperty(prototype, "getAllRecords");
      try {
        await run();
      } finally {
        if (kept !== undefined) Object.defineProperty(prototype, "getAllRecords", kept);
      }
    },
  }));

/** Every case, in their order. */
export const cases: readonly StorageCase[] = [...everywhere, ...here, ...elsewhere];

/** Runs one of them; what is wrong, or null. */
export async function runCase(index: number): Promise<string | null> {
  try {
    await cases[index]?.run();
    return null;
  } catch (error) {
    return String(error);
  }
}

/** Looks into a database as somebody does who has the disk. */
async function raw<Result>(name: string, work: (entries: IDBObjectStore) => Promise<Result>): Promise<Result> {
  const database = await openDatabase(name, 1, () => undefined);
  try {
    const transaction = database.transaction("entries", "readwrite");
    const done = completed(transaction);
    const result = await work(transaction.objectStore("entries"));
    await done;
    return result;
  } finally {
    database.close();
  }
}
