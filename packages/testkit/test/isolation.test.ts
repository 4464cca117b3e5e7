import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ARCHIVE_BYTES, hash, randomBytes, toB64, toHex32, type Hex32 } from "@smimp/protocol";
import {
  askKey,
  createIdentity,
  fakeClock,
  rawCaller,
  rawJoin,
  rawSession,
  sealRaw,
  startNetwork,
  type Network,
  type RawCaller,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 10: another account's ids answer exactly as ids that don't exist.

let network: Network;
let call: RawCaller;
let eve: string;
let message: Hex32;
let blob: Hex32;
const clock = fakeClock();

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example"], clock, config: generous });
  const { baseUrl } = network.server("alpha.example");
  call = rawCaller(network.fetch, baseUrl);
  const [alice, bob, third] = ["alice", "bob", "eve"].map((name) => createIdentity(`${name}#alpha.example`, baseUrl, clock()));
  if (alice === undefined || bob === undefined || third === undefined) throw new TypeError("three people");
  for (const identity of [alice, bob, third]) await rawJoin(network, identity, 5);
  const token = await rawSession(network, baseUrl, bob);
  const key = await askKey(call, token, alice.address);
  const bytes = randomBytes(400) as Uint8Array<ArrayBuffer>;
  blob = toHex32(hash(bytes));
  await call("putBlob", { token, params: { hash: blob }, query: { ticket: key.ticket }, body: bytes });
  const envelope = sealRaw(bob, alice.address, key, clock(), { blobs: [{ hash: blob, size: bytes.length }] });
  expect((await call("sendMessage", { token, params: { address: alice.address }, body: envelope.statement })).status).toBe(200);
  message = envelope.messageId;
  eve = await rawSession(network, baseUrl, third);
});
afterAll(async () => await network.close());

const archive = { archive: toB64(randomBytes(ARCHIVE_BYTES)), summary: toB64(randomBytes(80)) };
const CALLS: readonly (readonly [string, (id: Hex32) => ReturnType<RawCaller>])[] = [
  ["message", async (id) => await call("getMessage", { token: eve, params: { id, update_read: "true" } })],
  ["messages", async (id) => await call("getMessages", { token: eve, body: { ids: [id] } })],
  ["message deletion", async (id) => await call("deleteMessage", { token: eve, params: { id } })],
  ["message_read", async (id) => await call("getMessageRead", { token: eve, params: { id } })],
  ["marking as read", async (id) => await call("setMessageRead", { token: eve, params: { id }, body: { read: true } })],
  [
    "message_archive",
    async (id) => await call("putMessageArchive", { token: eve, params: { id }, body: archive, headers: { "if-none-match": "*" } }),
  ],
];

describe("another account's message", () => {
  it.each(CALLS)("%s", async (_name, ask) => {
    const foreign = await ask(message);
    const unknown = await ask(toHex32(randomBytes(32)));
    expect({ status: foreign.status, body: Buffer.from(foreign.bytes).toString() }).toEqual({
      status: unknown.status,
      body: Buffer.from(unknown.bytes).toString(),
    });
    expect(foreign.code === "not_found" || foreign.bytes.length === 0).toBe(true);
  });

  it("blob", async () => {
    const foreign = await call("getBlob", { token: eve, params: { hash: blob } });
    const unknown = await call("getBlob", { token: eve, params: { hash: toHex32(randomBytes(32)) } });
    expect(foreign.code).toBe("not_found");
    expect(Buffer.from(foreign.bytes).toString()).toBe(Buffer.from(unknown.bytes).toString());
  });

  it("changes and listings show nothing of it", async () => {
    expect((await call("getChanges", { token: eve, query: { since: "0" } })).answer.created).toEqual([]);
    expect((await call("getFolder", { token: eve, params: { message_type: "email" } })).answer.messages).toEqual([]);
  });

  it("without a session nothing answers at all", async () => {
    for (const name of ["getQuota", "getFolders", "getEphemeralKeys", "getKeystore", "getNonephemeralKey"] as const) {
      expect((await call(name)).code).toBe("unauthenticated");
      expect((await call(name, { token: toB64(randomBytes(32)) })).code).toBe("unauthenticated");
    }
  });
});
