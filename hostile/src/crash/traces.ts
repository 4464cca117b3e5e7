import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import type { Storage } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { archiveKeyIdOf, fromB64, openKeystore, parseKeystoreDocument, parsePhrase, phraseKeystoreKey } from "@smimp/protocol";
import { filesBelow } from "@smimp/testkit";
import { rowsOf } from "../invariants/database.ts";
import { rested } from "../invariants/demands.ts";
import { WHOLE_LIST } from "../invariants/mailbox.ts";
import { assure } from "../violation.ts";
import { PASSPHRASE } from "./program.ts";
import type { Actor, Stage } from "./stage.ts";

/** What is to be gone from all files once it is burned. */
export interface Traces {
  /** Subjects of the messages that burn. */
  readonly doomed: readonly string[];
  /** Ids of the archive keys that burn, and the keys. */
  readonly keys: readonly { readonly id: string; readonly key: string }[];
  /** A piece of each sealed value that holds something of them, as it stands in the client's file. */
  readonly sealed: readonly Buffer[];
  /** A piece of each keystore that holds the archive keys, as it stands in the server's database. */
  readonly keystores: readonly Buffer[];
}

/** Bytes of a sealed value that are looked for, and where they begin: past what is the same for many values. */
const PIECE = 48;
const PIECE_AT = 24;
/** Characters that words may share with the one before. */
const SHARED = 4;
/** Where the sealed copy of the search index stands. */
const INDEX = ["search-index", "search-chunks"] as const;
/** How long a server may take to empty its log, milliseconds. */
const SOON = 20_000;
const PAUSE = 200;

/** Looks where what is about to burn stands, with a search index that holds every word of it. */
export async function rememberTraces(stage: Stage, actor: Actor, month: string): Promise<Traces> {
  const { device, address } = actor;
  await reindex(device);
  const lines = await rested(device, "looking", async (client) => await client.inbox.list({ limit: WHOLE_LIST, view: "all" }));
  await device.close();
  const found = await withStorage(device.file, async (storage) => {
    const keys = (await documentsIn<{ id: string; key: string; month: string }>(storage, "archive-keys")).filter(
      (key) => key.month < month,
    );
    const ids = new Set(keys.map(({ id }) => id));
    const messages = (await documentsIn<{ messageId: string; archive: string | null }>(storage, "messages")).filter(
      ({ archive }) => archive !== null && ids.has(archiveKeyIdOf(fromB64(archive))),
    );
    const burning = new Set(messages.map(({ messageId }) => messageId));
    const doomed = lines.flatMap(({ messageId, state, subject }) => (state === "open" && burning.has(messageId) ? [subject] : []));
    const needles = [...doomed.map((subject) => wordOf(stage, subject)), ...keys.map(({ key }) => key)];
    return { doomed, keys, sealed: await sealedWith(storage, device.file, needles) };
  });
  const keystores = rowsOf(stage.nodeOf(address), "SELECT bytes FROM keystores WHERE address = ?", address).map(({ bytes }) =>
    piece(bytes),
  );
  const traces = { ...found, keystores };
  const content = await contentOf(device.file);
  assure(
    traces.sealed.every((each) => content.includes(each)),
    "sealed values are not looked for where they stand",
  );
  return traces;
}

/** Nothing is left of it: not in what the client's storage opens, not in its file, not in what the server keeps, nor in its files. */
export async function assureForgotten(stage: Stage, actor: Actor, traces: Traces): Promise<void> {
  const { device, address, phrases } = actor;
  await device.close();
  const words = traces.doomed.map((subject) => wordOf(stage, subject));
  await withStorage(device.file, async (storage) => {
    const keys = traces.keys.map(({ key }) => key);
    for (const [collection, key] of placesIn(device.file)) {
      const value = Buffer.from((await storage.get(collection, key)) ?? []);
      const seen = [...words, ...keys].find((text) => value.includes(text));
      assure(seen === undefined, `${device.name} still has something of what was burned in ${collection}`);
    }
  });
  const content = await contentOf(device.file);
  const left = traces.sealed.filter((each) => content.includes(each)).length;
  assure(left === 0, `${left} of ${traces.sealed.length} sealed values that were burned still stand in the file of ${device.name}`);

  const node = stage.nodeOf(address);
  for (const { bytes } of rowsOf(node, "SELECT bytes FROM keystores WHERE address = ?", address)) {
    const { seed } = phraseKeystoreKey(parsePhrase(phrases[0] ?? ""));
    const { text } = openKeystore(address, bytes as Uint8Array, { phraseSeed: seed });
    const ids = new Set(parseKeystoreDocument(text).archive_keys.map(({ id }) => id));
    assure(
      !traces.keys.some(({ id }) => ids.has(id)),
      `${node.domain} still has a keystore of ${address} with an archive key that was burned`,
    );
  }
  const standing = async (): Promise<number> => {
    const files = await Promise.all((await filesBelow(node.dataDir())).filter((name) => name.includes(".sqlite")).map(contentOf));
    return traces.keystores.filter((each) => files.some((file) => file.includes(each))).length;
  };
  for (const until = performance.now() + SOON; (await standing()) > 0 && performance.now() < until;) await delay(PAUSE);
  assure((await standing()) === 0, `a keystore from before the burning still stands in the files of ${node.domain}`);
}

/** The word that stands in this message's body alone. Words in a row share their beginnings in an index: those are left out. */
function wordOf({ ledger }: Stage, subject: string): string {
  const { body = subject } = ledger.sent.get(subject) ?? {};
  return body.slice(body.lastIndexOf(" ") + 1 + SHARED);
}

/** Makes the sealed copy of the search index anew, so that it holds everything. */
async function reindex(device: Actor["device"]): Promise<void> {
  await device.close();
  await withStorage(device.file, async (storage) => {
    await storage.transact(async (writer) => {
      for (const collection of INDEX) for (const { key } of await writer.list(collection)) writer.delete(collection, key);
    });
  });
  await rested(device, "indexing", async (client) => await client.search.index());
}

async function withStorage<Result>(file: string, work: (storage: Storage) => Promise<Result>): Promise<Result> {
  const storage = await openSqliteStorage({ file, passphrase: PASSPHRASE });
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}

async function documentsIn<Document>(storage: Storage, collection: string): Promise<readonly Document[]> {
  return (await storage.list(collection)).map(({ value }) => JSON.parse(Buffer.from(value).toString()) as Document);
}

/** Pieces of the sealed values in which one of these texts stands. */
async function sealedWith(storage: Storage, file: string, texts: readonly string[]): Promise<readonly Buffer[]> {
  const found: Buffer[] = [];
  const collections = new Set<string>();
  for (const [collection, key, sealed] of placesIn(file)) {
    const value = Buffer.from((await storage.get(collection, key)) ?? []);
    if (!texts.some((text) => value.includes(text))) continue;
    found.push(piece(sealed));
    collections.add(collection);
  }
  // Whatever could not be found before is not looked for in the right way.
  for (const name of ["inbox", "archive-keys", "search-chunks"]) assure(collections.has(name), `nothing of what burns is found in ${name}`);
  return found;
}

/** Every place in a client's file, with what stands there as it stands there. Read from a copy in memory: the file is its program's alone. */
function placesIn(file: string): readonly (readonly [collection: string, key: string, sealed: unknown])[] {
  const database = new DatabaseSync(":memory:");
  try {
    const image = readFileSync(file);
    // What is in memory has no log.
    image.fill(1, 18, 20);
    database.deserialize(image);
    const rows = database.prepare("SELECT collection, key, value FROM entries").all();
    return rows.map((row) => [String(row["collection"]), String(row["key"]), row["value"]] as const);
  } finally {
    database.close();
  }
}

function piece(sealed: unknown): Buffer {
  return Buffer.from(sealed as Uint8Array).subarray(PIECE_AT, PIECE_AT + PIECE);
}

/** A file and its log. */
async function contentOf(file: string): Promise<Buffer> {
  const read = async (name: string): Promise<Buffer> => await readFile(name).catch(() => Buffer.alloc(0));
  return Buffer.concat([await read(file), await read(`${file}-wal`)]);
}
