import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  checkMessageKey,
  ENDPOINTS,
  randomBytes,
  signDeletion,
  signingKey,
  type Endpoint,
  type EndpointName,
  type Hex32,
} from "@smimp/protocol";
import {
  askKey,
  fakeClock,
  joinRaw,
  rawCaller,
  rawSession,
  sealRaw,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol sections 3 and 5: a new master key comes with everything that belongs to it in one moment, and a recovery session
// leads to the few things that take the address back.

let network: Network;
let call: RawCaller;
const clock = fakeClock();
const alpha = () => network.server("alpha.example").baseUrl;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example"], clock, config: { ...generous, logLevel: "silent" } });
  call = rawCaller(network.fetch, alpha());
});
afterAll(async () => await network.close());

async function joined(name: string, keys = 0): Promise<TestIdentity> {
  return await joinRaw(network, `${name}#alpha.example`, keys);
}

/** A record with a new master key, and what comes with it. */
function rotationOf(identity: TestIdentity, singleUse: number, byRecovery = false) {
  const rotated = identity.append({ master: signingKey(randomBytes(32)), byRecovery });
  const keys = Array.from({ length: singleUse }, () => rotated.messageKey("ephemeral", network.clock()));
  const body = {
    record: rotated.chain.head.statement,
    profile: null,
    nonephemeral_key: rotated.messageKey("non_ephemeral", network.clock()).statement,
    ephemeral_keys: keys.map(({ statement }) => statement),
  };
  return { rotated, body, keyIds: new Set<Hex32>(keys.map(({ keyId }) => keyId)) };
}

describe("a rotation", () => {
  it("while keys are asked for: each key given belongs to the head that came with it, and none is given twice", async () => {
    const bob = await joined("bob");
    const token = await rawSession(network, alpha(), bob);
    const alice = await joined("alice", 100);
    const { rotated, body, keyIds } = rotationOf(alice, 100);
    const asking = Array.from({ length: 80 }, async () => await askKey(call, token, alice.address));
    const rotating = call("updateProfile", { body });
    const asked = await Promise.all(asking);
    expect((await rotating).code).toBeNull();
    asked.push(await askKey(call, token, alice.address));
    const given = asked.map(({ message_key: statement, public_key: publicKey, link }) => {
      const { keyId } = checkMessageKey({ statement, address: alice.address, publicKey, now: clock() });
      const after = link === rotated.chain.head.link;
      expect(publicKey).toBe(after ? rotated.chain.head.document.public_key : alice.chain.head.document.public_key);
      if (!after) expect(keyIds.has(keyId)).toBe(false);
      return keyId;
    });
    expect(new Set(given).size).toBe(given.length);
    expect(keyIds.has(given.at(-1) ?? ("" as Hex32))).toBe(true);
    // What was given under the old head is refused from now on: seal again.
    const old = asked.find(({ link }) => link !== rotated.chain.head.link);
    if (old !== undefined) {
      const { statement } = sealRaw(bob, alice.address, old, clock());
      expect((await call("sendMessage", { token, params: { address: alice.address }, body: statement })).code).toBe("conflict");
    }
  });

  it("of two at once happens once, wholly: the other changes nothing", async () => {
    const carol = await joined("carol", 5);
    const attempts = [rotationOf(carol, 3), rotationOf(carol, 4), rotationOf(carol, 5, true)];
    const codes = await Promise.all(attempts.map(async ({ body }) => (await call("updateProfile", { body })).code));
    expect(codes.filter((code) => code === null)).toHaveLength(1);
    expect(codes.filter((code) => code === "conflict")).toHaveLength(2);
    const winner = attempts[codes.indexOf(null)];
    if (winner === undefined) throw new TypeError("one wins");
    const token = await rawSession(network, alpha(), winner.rotated);
    expect(new Set((await call("getEphemeralKeys", { token })).answer.key_ids)).toEqual(winner.keyIds);
    for (const { rotated } of attempts) {
      if (rotated !== winner.rotated) await expect(rawSession(network, alpha(), rotated)).rejects.toThrow("bad_signature");
    }
  });

  it("while the old key's owner uploads: what it signed is void, whichever comes first", async () => {
    const dave = await joined("dave", 5);
    const token = await rawSession(network, alpha(), dave);
    const { rotated, body, keyIds } = rotationOf(dave, 3);
    const late = Array.from({ length: 5 }, async () => {
      const keys = [dave.messageKey("ephemeral", clock()).statement];
      return (await call("addEphemeralKeys", { token, body: { keys } })).code;
    });
    expect((await call("updateProfile", { body })).code).toBeNull();
    for (const code of await Promise.all(late)) expect([null, "conflict", "unauthenticated"]).toContain(code);
    const now = await rawSession(network, alpha(), rotated);
    expect(new Set((await call("getEphemeralKeys", { token: now })).answer.key_ids)).toEqual(keyIds);
  });
});

it("a server killed while it rotates has either all of it or nothing", async () => {
  const processes = await startNetwork({ domains: ["alpha.example"], processes: true, config: { ...generous, logLevel: "silent" } });
  try {
    const { baseUrl, process } = processes.server("alpha.example");
    const ask = rawCaller(processes.fetch, baseUrl);
    let identity = await joinRaw(processes, "erin#alpha.example", 10);
    for (let round = 0; round < 6; round++) {
      const rotated = identity.append({ master: signingKey(randomBytes(32)) });
      const keys = Array.from({ length: 10 }, () => rotated.messageKey("ephemeral", processes.clock()));
      const body = {
        record: rotated.chain.head.statement,
        profile: null,
        nonephemeral_key: rotated.messageKey("non_ephemeral", processes.clock()).statement,
        ephemeral_keys: keys.map(({ statement }) => statement),
      };
      const answered = ask("updateProfile", { body }).then(
        ({ code }) => code,
        () => "broken off",
      );
      await new Promise((resolve) => setTimeout(resolve, round * 8));
      await process?.kill();
      const outcome = await answered;
      await process?.restart();
      const { answer } = await ask("getPublicKey", { params: { address: identity.address } });
      const happened = answer.link === rotated.chain.head.link;
      // What was acknowledged is there.
      if (outcome === null) expect(happened).toBe(true);
      if (happened) identity = rotated;
      const token = await rawSession(processes, baseUrl, identity);
      const held = (await ask("getEphemeralKeys", { token })).answer.key_ids;
      if (happened) expect(new Set(held)).toEqual(new Set(keys.map(({ keyId }) => keyId)));
      else for (const { keyId } of keys) expect(held).not.toContain(keyId);
      const standIn = (await ask("getNonephemeralKey", { token })).answer;
      const publicKey = identity.chain.head.document.public_key;
      checkMessageKey({ statement: standIn, address: identity.address, publicKey, now: processes.clock(), kind: "non_ephemeral" });
    }
  } finally {
    await processes.close();
  }
});

describe("a recovery session", () => {
  const definitions = Object.entries(ENDPOINTS) as readonly (readonly [EndpointName, Endpoint])[];
  const withSession = definitions.filter(([, { caller }]) => caller !== "anyone").map(([name]) => name);
  const allowed: readonly EndpointName[] = ["getKeystore", "putKeystore", "destroySession"];
  let token: string;

  beforeAll(async () => {
    const frank = await joined("frank");
    token = await rawSession(network, alpha(), frank, { role: "recovery" });
  });

  it.each(withSession.filter((name) => !allowed.includes(name)))("may not use %s", async (name) => {
    const { code, status } = await call(name, {
      token,
      params: { address: "frank#alpha.example", id: "0".repeat(64), hash: "0".repeat(64) },
    });
    expect([status, code]).toEqual([401, "unauthenticated"]);
  });

  it("reads and writes the keystore, takes the address back, deletes the account, and ends", async () => {
    const grace = await joined("grace", 3);
    const session = await rawSession(network, alpha(), grace, { role: "recovery" });
    const bytes = new Uint8Array(100);
    expect((await call("putKeystore", { token: session, body: bytes, headers: { "if-none-match": "*" } })).status).toBe(204);
    expect((await call("getKeystore", { token: session })).bytes).toHaveLength(100);
    expect((await call("destroySession", { token: session })).status).toBe(204);
    expect((await call("getKeystore", { token: session })).code).toBe("unauthenticated");
    // These two authenticate themselves.
    const { rotated, body } = rotationOf(grace, 2, true);
    expect((await call("updateProfile", { body })).code).toBeNull();
    const { link } = rotated.chain.head;
    const statement = signDeletion({ address: grace.address, server: alpha(), link, issuedAt: clock(), recovery: rotated.recovery });
    expect((await call("deleteAccount", { body: statement })).status).toBe(204);
  });

  it("ends with the recovery key that opened it, and only then", async () => {
    const iris = await joined("iris", 1);
    const recovering = await rawSession(network, alpha(), iris, { role: "recovery" });
    const writing = await rawSession(network, alpha(), iris);
    const put = await call("putKeystore", { token: writing, body: new Uint8Array(100), headers: { "if-none-match": "*" } });
    expect(put.status).toBe(204);
    const same = iris.append();
    expect((await call("updateProfile", { body: { record: same.chain.head.statement, profile: null } })).code).toBeNull();
    expect((await call("getKeystore", { token: recovering })).status).toBe(200);
    const replaced = same.append({ recovery: signingKey(randomBytes(32)), byRecovery: true });
    expect((await call("updateProfile", { body: { record: replaced.chain.head.statement, profile: null } })).code).toBeNull();
    expect((await call("getKeystore", { token: recovering })).code).toBe("unauthenticated");
    expect((await call("getKeystore", { token: writing })).status).toBe(200);
    const anew = await rawSession(network, alpha(), replaced, { role: "recovery" });
    expect((await call("getKeystore", { token: anew })).status).toBe(200);
  });

  it("is for one's own server only", async () => {
    const elsewhere = await startNetwork({ domains: ["beta.example", "gamma.example"], config: { ...generous, logLevel: "silent" } });
    const { baseUrl } = elsewhere.server("gamma.example");
    const henry = await joinRaw(elsewhere, "henry#beta.example");
    await expect(rawSession(elsewhere, baseUrl, henry, { role: "recovery" })).rejects.toThrow("unauthenticated");
    await elsewhere.close();
  });
});
