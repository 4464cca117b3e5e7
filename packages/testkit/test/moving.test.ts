import { afterAll, beforeAll, expect, it } from "vitest";
import {
  appendRecord,
  deviceLinkCode,
  hash,
  profileHash,
  randomBytes,
  signDeletion,
  signRecord,
  toB64,
  toHex32,
  xWingPublicKey,
  type BaseUrl,
  type Chain,
  type Hex32,
} from "@smimp/protocol";
import { createIdentity, fakeClock, joinRaw, rawSession, type Network, type RawCaller, type TestIdentity } from "../src/index.ts";
import { archive, callerOf, deliver, homeAt, importBody, joinPeople, keystore, linesOf, startTwoHomes } from "./moving-account.ts";

// Protocol sections 3 and 8: a person moves to another server with everything, and nobody who writes to them notices.

let network: Network;
let alpha: RawCaller;
let beta: RawCaller;
const clock = fakeClock();
const PICTURE = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...randomBytes(900)]);
const PROFILE = JSON.stringify({ name: "Alice", avatar: { hash: toHex32(hash(PICTURE)), media_type: "image/png" } });
const urlOf = (domain: string) => network.server(domain).baseUrl;

beforeAll(async () => {
  network = await startTwoHomes(clock);
  alpha = callerOf(network, "alpha.example");
  beta = callerOf(network, "beta.example");
});
afterAll(async () => await network.close());

async function messagesOf(call: RawCaller, token: string) {
  const { answer } = await call("getChanges", { token, query: { since: "0" } });
  const { bytes } = await call("getMessages", { token, body: { ids: answer.created } });
  const lines = linesOf(bytes) as readonly { readonly kind: string; readonly position: number; readonly message_id: Hex32 }[];
  // Each server counts for itself: what stays is the order.
  expect(lines.map(({ position }) => position)).toEqual(lines.map(({ position }) => position).toSorted((one, other) => one - other));
  return lines.map(({ position: _position, ...message }) => message);
}

/** Appends a record that names servers, and a profile with an avatar; resolves with the chain. */
async function append(
  call: RawCaller,
  { address, master, recovery }: TestIdentity,
  chain: Chain,
  servers: readonly BaseUrl[],
): Promise<Chain> {
  const hashes = { profileHash: profileHash(PROFILE), changedAt: clock() };
  const record = signRecord({ address, previous: chain.head, servers, ...hashes, master, recovery, signer: master });
  expect((await call("updateProfile", { body: { record, profile: PROFILE } })).code).toBeNull();
  return appendRecord(chain, address, record);
}

it("an account moves whole: mail, attachments, folders, lists, keystores; what is left behind is taken along later", async () => {
  const bob = await joinRaw(network, "bob#beta.example", 5);
  const { identity: alice, keyIds } = await joinPeople(network, "alice", 8);
  const here = await rawSession(network, urlOf("alpha.example"), alice);
  const sent = [
    await deliver(network, urlOf("alpha.example"), bob, alice.address, "one"),
    await deliver(network, urlOf("alpha.example"), bob, alice.address, "two", [700_000, 300]),
    await deliver(network, urlOf("alpha.example"), bob, alice.address, "three"),
    await deliver(network, urlOf("alpha.example"), bob, alice.address, "gone"),
  ] as const;
  const [one, two, , gone] = sent;
  const sealed = archive();
  await alpha("putMessageArchive", { token: here, params: { id: one.messageId }, body: sealed, headers: { "if-none-match": "*" } });
  const inner = { name: "inner", message_type: "email", parent: "outer", display_name: toB64(randomBytes(60)) };
  await alpha("createFolder", { token: here, body: { ...inner, name: "outer", parent: null } });
  await alpha("createFolder", { token: here, body: inner });
  await alpha("moveMessage", { token: here, params: { id: two.messageId }, body: { folder: "inner" } });
  await alpha("setMessageExtensions", { token: here, params: { id: one.messageId }, body: { extensions: toB64(randomBytes(90)) } });
  await alpha("setMessageRead", { token: here, params: { id: two.messageId }, body: { read: true } });
  await alpha("deleteMessage", { token: here, params: { id: gone.messageId } });
  await alpha("addToAllowlist", { token: here, body: { entry: "#friends.example", note: toB64(randomBytes(70)) } });
  const blocked = await alpha("addToBlocklist", { token: here, body: { entry: "eve#gamma.example", note: null } });
  const publicKey = xWingPublicKey(randomBytes(32));
  const device = { code: deviceLinkCode(publicKey), handOver: { sealed: toB64(randomBytes(1_400)), public_key: toB64(publicKey) } };
  expect((await alpha("sealDeviceLink", { token: here, params: { code: device.code }, body: device.handOver })).code).toBeNull();
  const etag = (await alpha("getKeystore", { token: here })).headers.get("etag") ?? "";
  expect((await alpha("putKeystore", { token: here, body: keystore(2, 300_000), headers: { "if-match": etag } })).code).toBeNull();
  const before = await messagesOf(alpha, here);
  expect(before).toHaveLength(3);
  const used = (await alpha("getQuota", { token: here })).answer;
  const { state } = (await alpha("getChanges", { token: here, query: { since: "0" } })).answer;

  // Both servers are named, then the account is copied, under a session of the address itself.
  expect((await alpha("postUserAvatar", { token: here, body: PICTURE })).code).toBeNull();
  const both = await append(alpha, alice, alice.chain, [urlOf("alpha.example"), urlOf("beta.example")]);
  const { code } = await network.invite("beta.example", alice.address);
  const there = await rawSession(network, urlOf("beta.example"), alice);
  const exported = await alpha("exportAccount", { token: here });
  expect(exported.headers.get("content-type")).toContain("application/x-ndjson");
  const ndjson = { "content-type": "application/x-ndjson" };
  const arrived = await beta("importAccount", { token: there, body: importBody(code, exported.bytes), headers: ndjson });
  expect([arrived.code, arrived.answer]).toEqual([null, { link: both.head.link }]);

  // The session was a stranger's; from now on the owner logs in.
  expect((await beta("getQuota", { token: there })).code).toBe("unauthenticated");
  const home = await rawSession(network, urlOf("beta.example"), alice);
  expect(await messagesOf(beta, home)).toEqual(before);
  expect((await beta("getQuota", { token: home })).answer).toEqual(used);
  for (const blob of two.blobs) {
    expect(Buffer.from((await beta("getBlob", { token: home, params: { hash: blob.hash } })).bytes).equals(blob.bytes)).toBe(true);
  }
  const avatar = await beta("getUserAvatar", { params: { address: alice.address } });
  expect([avatar.headers.get("content-type"), Buffer.from(avatar.bytes).equals(PICTURE)]).toEqual(["image/png", true]);
  expect((await beta("getHistory", { params: { address: alice.address } })).answer.profile).toBe(PROFILE);
  for (const name of ["getAllowlist", "getBlocklist"] as const) {
    const [copy, original] = [await beta(name, { token: home }), await alpha(name, { token: here })];
    expect([copy.answer, copy.answer.entries.length]).toEqual([original.answer, 1]);
  }
  // The lists hold by themselves: their hashes were made under a key that came along.
  expect((await beta("addToBlocklist", { token: home, body: { entry: "eve#gamma.example", note: null } })).answer).toEqual(blocked.answer);
  const handed = { params: { code: device.code }, query: { address: alice.address } };
  expect((await beta("getDeviceLink", handed)).answer).toEqual((await alpha("getDeviceLink", handed)).answer);
  expect((await beta("getFolders", { token: home })).answer).toEqual((await alpha("getFolders", { token: here })).answer);
  for (const version of ["1", "2"]) {
    const { bytes } = await beta("getKeystore", { token: home, query: { version } });
    expect(toHex32(hash(bytes))).toBe(toHex32(hash(version === "1" ? keystore(1) : keystore(2, 300_000))));
  }
  // A client that knows a state of the old server's is told to look again, whichever it is.
  expect((await beta("getChanges", { token: home, query: { since: String(Number(state) - 1) } })).code).toBe("state_too_old");
  expect((await beta("getChanges", { token: home, query: { since: state } })).answer.created).toHaveLength(3);

  // No single-use key of the old server is ever given out here, uploaded again or not.
  expect((await beta("getEphemeralKeys", { token: home })).answer.count).toBe(0);
  const late = await deliver(network, urlOf("alpha.example"), bob, alice.address, "late", [5_000]);
  const fresh = alice.messageKey("ephemeral", clock());
  expect((await beta("addEphemeralKeys", { token: home, body: { keys: [fresh.statement] } })).answer.count).toBe(1);
  expect(keyIds).toHaveLength(8);

  // The domain names the new server; bob, who knew the old one, writes on.
  homeAt(network, "beta.example");
  clock.advance(601);
  const last = await append(beta, alice, both, [urlOf("beta.example")]);
  await deliver(network, urlOf("beta.example"), bob, alice.address, "after");

  // What came to the old server meanwhile follows, and what is here stays as it is.
  const again = await rawSession(network, urlOf("alpha.example"), alice);
  const rest = await alpha("exportAccount", { token: again, query: { since: state } });
  const owner = await rawSession(network, urlOf("beta.example"), alice);
  expect((await beta("importAccount", { token: owner, body: importBody(null, rest.bytes) })).answer).toEqual({
    link: last.head.link,
  });
  const full = await alpha("exportAccount", { token: again });
  expect((await beta("importAccount", { token: owner, body: importBody(null, full.bytes) })).code).toBeNull();
  const after = await messagesOf(beta, owner);
  expect(new Set(after.map((line) => line.message_id))).toEqual(
    new Set([...before.map((line) => line.message_id), late.messageId, ...after.slice(3, 4).map((line) => line.message_id)]),
  );
  expect(after).toHaveLength(5);
  expect((await beta("getBlob", { token: owner, params: { hash: late.blobs[0]?.hash ?? "" } })).bytes).toHaveLength(5_000);
  // A deleted message stays deleted, also when its sender sends it again.
  expect(after.map((line) => line.message_id)).not.toContain(gone.messageId);

  // The old server forgets.
  const statement = signDeletion({
    address: alice.address,
    server: urlOf("alpha.example"),
    link: both.head.link,
    issuedAt: clock(),
    recovery: alice.recovery,
  });
  expect((await alpha("deleteAccount", { body: statement })).status).toBe(204);
  expect((await beta("getQuota", { token: owner })).code).toBeNull();
});

it("an export that nobody reads on ends, and the next one begins", async () => {
  const { identity } = await joinPeople(network, "reader");
  const bob = await joinRaw(network, "bob2#beta.example", 5);
  for (const sizes of [[900_000], [900_000]]) await deliver(network, urlOf("alpha.example"), bob, identity.address, "text", sizes);
  const token = await rawSession(network, urlOf("alpha.example"), identity);
  const stop = new AbortController();
  const init = { redirect: "manual", headers: { "smimp-authentication": token }, signal: stop.signal } as const;
  const { body, status } = await network.fetch(`${urlOf("alpha.example")}1.0/export`, init);
  expect(status).toBe(200);
  await body?.[Symbol.asyncIterator]().next();
  // One at a time for an account.
  expect((await alpha("exportAccount", { token })).code).toBe("rate_limited");
  stop.abort();
  await expect.poll(async () => (await alpha("exportAccount", { token })).code, { timeout: 15_000 }).toBeNull();
});

it("a person of the domain who has no account anywhere here is unknown at both", async () => {
  const nobody = createIdentity("nobody#people.example", urlOf("alpha.example"), clock());
  expect((await beta("getSessionChallenge", { params: { address: nobody.address } })).code).toBe("unknown_user");
  await network.invite("beta.example", nobody.address);
  // An open code lets the server ask the address's own; which knows nothing.
  await expect(rawSession(network, urlOf("beta.example"), nobody)).rejects.toThrow("unknown_user");
});
