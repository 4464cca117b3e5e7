import { addSeconds, HOUR, isSmimpError } from "@smimp/protocol";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { addAccount, ALICE, idOf, keyOf, NOW } from "../store/conformance/fixtures.ts";
import { openStore } from "../store/sqlite.ts";
import type { Store } from "../store/store.ts";
import { untilEnded, watchAccess } from "./lasting-access.ts";
import { createStateBus } from "./state-bus.ts";

let dataDir: string;
let store: Store;
const session = idOf("session");
const caller = { address: ALICE, role: "master", session, expiresAt: NOW, local: { publicKey: keyOf("key"), link: idOf("link") } } as const;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "smimp-access-"));
  store = await openStore({ dataDir });
  await addAccount(store, ALICE);
  const row = { tokenHash: session, address: ALICE, role: "master", local: true, expiresAt: addSeconds(NOW, HOUR) } as const;
  await store.transact((writer) => writer.sessions.create(row));
});
afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

it("stands where only earlier sessions of the account have ended, told late, and ends with its own", async () => {
  const bus = createStateBus();
  const access = watchAccess({ bus, store }, caller);
  bus.endAccount(ALICE);
  bus.endSession(session);
  // What the notices led to is over once a later question is answered.
  await store.read((reader) => access.assertStands(reader));
  expect(access.signal.aborted).toBe(false);
  await store.transact((writer) => writer.sessions.endAll(ALICE));
  await expect(store.read((reader) => access.assertStands(reader))).rejects.toMatchObject({ code: "unauthenticated" });
  bus.endAccount(ALICE);
  await once(access.signal, "abort");
  expect(isSmimpError(access.signal.reason, "unauthenticated")).toBe(true);
  access.release();
});

it("ends what waits for bytes that never come", async () => {
  const bus = createStateBus();
  const access = watchAccess({ bus, store }, caller);
  async function* stalling() {
    yield new Uint8Array(1);
    await new Promise(() => undefined);
  }
  const bytes = untilEnded(stalling(), access.signal);
  expect((await bytes.next()).value).toHaveLength(1);
  const waiting = bytes.next();
  await store.transact((writer) => writer.sessions.end(session));
  bus.endSession(session);
  await expect(waiting).rejects.toMatchObject({ code: "unauthenticated" });
  access.release();
});
