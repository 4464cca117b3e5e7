import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addAccount, ALICE, CONTENT, HASH, messageOf, NOW, readAll, upload } from "../store/conformance/fixtures.ts";
import { openStore } from "../store/sqlite.ts";
import type { Store } from "../store/store.ts";
import { findBlob, readBlob } from "./blobs.ts";

let dataDir: string;
let store: Store;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "smimp-blobs-"));
  store = await openStore({ dataDir });
  await addAccount(store, ALICE);
});
afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function addMessage(name: string): Promise<void> {
  await upload(store, name);
  await store.transact((writer) => writer.messages.add(messageOf(name, { blobs: [{ hash: HASH, size: CONTENT.length }] })));
}
/** Deletes a message, and waits until its files are gone. */
async function remove(name: string): Promise<void> {
  await store.transact((writer) => writer.messages.remove(ALICE, messageOf(name).messageId, NOW));
  await store.close();
  store = await openStore({ dataDir });
}

describe("a blob whose message is deleted after it was found", () => {
  it("is not found any more", async () => {
    await addMessage("one");
    const blob = await findBlob(store, ALICE, HASH);
    await remove("one");
    await expect(readBlob(store, ALICE, blob, null)).rejects.toMatchObject({ code: "not_found" });
  });

  it("is read from another message that names it", async () => {
    await addMessage("one");
    await addMessage("two");
    const blob = await findBlob(store, ALICE, HASH);
    await remove("one");
    expect((await findBlob(store, ALICE, HASH)).file).not.toBe(blob.file);
    expect(await readAll(await readBlob(store, ALICE, blob, { start: 5, end: 9 }))).toEqual(CONTENT.slice(5, 10));
    await remove("two");
    await expect(readBlob(store, ALICE, blob, null)).rejects.toMatchObject({ code: "not_found" });
  });

  it("is read to its end where reading has begun", async () => {
    await addMessage("one");
    const bytes = await readBlob(store, ALICE, await findBlob(store, ALICE, HASH), null);
    await remove("one");
    expect(await readAll(bytes)).toEqual(CONTENT);
  });

  it("and one whose file is lost is a fault of the server", async () => {
    await addMessage("one");
    const blob = await findBlob(store, ALICE, HASH);
    await store.blobs.remove(blob.file);
    await expect(readBlob(store, ALICE, blob, null)).rejects.toMatchObject({ code: "temporarily_unavailable" });
  });
});
