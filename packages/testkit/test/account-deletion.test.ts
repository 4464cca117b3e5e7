import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { addSeconds, hash, parseBaseUrl, randomBytes, signDeletion, toHex32, type Hex32, type Timestamp } from "@smimp/protocol";
import { openAdmin } from "@smimp/server";
import {
  askKey,
  createIdentity,
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

// Protocol section 8: an account ends with one statement of its recovery key, for good, and only what must outlive it does.

let network: Network;
let call: RawCaller;
let beta: RawCaller;
const clock = fakeClock();
const alpha = () => network.server("alpha.example").baseUrl;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock, config: generous });
  call = rawCaller(network.fetch, alpha());
  beta = rawCaller(network.fetch, network.server("beta.example").baseUrl);
});
afterAll(async () => await network.close());

async function joined(name: string, domain = "alpha.example"): Promise<TestIdentity> {
  return await joinRaw(network, `${name}#${domain}`, 5);
}

interface Deletion {
  readonly link?: Hex32;
  readonly issuedAt?: Timestamp;
  readonly byMaster?: boolean;
  readonly server?: string;
}

function deletionOf(identity: TestIdentity, { link, issuedAt, byMaster = false, server }: Deletion = {}) {
  return signDeletion({
    address: identity.address,
    server: server === undefined ? alpha() : parseBaseUrl(server),
    link: link ?? identity.chain.head.link,
    issuedAt: issuedAt ?? clock(),
    recovery: byMaster ? identity.master : identity.recovery,
  });
}

async function deleted(identity: TestIdentity, how?: Deletion) {
  return await call("deleteAccount", { body: deletionOf(identity, how) });
}

async function rejoined(identity: TestIdentity): Promise<string | null> {
  const { code } = await network.invite("alpha.example");
  const body = {
    code,
    record: identity.chain.head.statement,
    profile: null,
    nonephemeral_key: identity.messageKey("non_ephemeral", clock()).statement,
    ephemeral_keys: [],
    keystore: null,
  };
  return (await call("initializeAccount", { body })).code;
}

/** Sends a message with an attachment; resolves with its envelope and the sender's session. */
async function send(from: TestIdentity, to: TestIdentity) {
  const token = await rawSession(network, alpha(), from);
  const key = await askKey(call, token, to.address);
  const bytes = randomBytes(70_000) as Uint8Array<ArrayBuffer>;
  const blob = toHex32(hash(bytes));
  await call("putBlob", { token, params: { hash: blob }, query: { ticket: key.ticket }, body: bytes });
  const envelope = sealRaw(from, to.address, key, clock(), { blobs: [{ hash: blob, size: bytes.length }] });
  expect((await call("sendMessage", { token, params: { address: to.address }, body: envelope.statement })).code).toBeNull();
  return { token, blob };
}

async function blobFiles(): Promise<readonly string[]> {
  const names = await readdir(join(network.dataDir, "alpha.example", "blobs"), { recursive: true });
  return names.filter((name) => /[0-9a-f]{64}/.test(name)).map((name) => name.slice(3));
}

describe("a deletion is refused", () => {
  it("with another key, server, time or head, and for who was never there", async () => {
    const anna = await joined("anna");
    expect((await deleted(anna, { byMaster: true })).code).toBe("bad_signature");
    expect((await deleted(anna, { server: "https://smimp.elsewhere.example/" })).code).toBe("wrong_server");
    expect((await deleted(anna, { issuedAt: addSeconds(clock(), -301) })).code).toBe("unauthenticated");
    expect((await deleted(anna, { issuedAt: addSeconds(clock(), 301) })).code).toBe("unauthenticated");
    expect((await deleted(anna, { link: toHex32(randomBytes(32)) })).code).toBe("conflict");
    const later = anna.append();
    expect((await call("updateProfile", { body: { record: later.chain.head.statement, profile: null } })).code).toBeNull();
    expect((await deleted(anna)).code).toBe("conflict");
    expect((await deleted(createIdentity("nobody#alpha.example", alpha(), clock()))).code).toBe("unknown_user");
    expect((await call("deleteAccount", { body: { data: "{}", signature: deletionOf(anna).signature } })).code).toBe("bad_request");
    const token = await rawSession(network, alpha(), later);
    expect((await call("getQuota", { token })).code).toBeNull();
  });

  it("with a key of the chain that was replaced, and while the operator has disabled the account", async () => {
    const bill = await joined("bill");
    const admin = await openAdmin(network.server("alpha.example").config, { clock });
    await admin.disableAccount(bill.address);
    expect((await deleted(bill)).code).toBe("unauthenticated");
    await admin.enableAccount(bill.address);
    await admin.close();
    const { recovery } = createIdentity("other#alpha.example", alpha(), clock());
    const later = bill.append({ recovery, byRecovery: true });
    expect((await call("updateProfile", { body: { record: later.chain.head.statement, profile: null } })).code).toBeNull();
    const { link } = later.chain.head;
    expect((await deleted(bill, { link })).code).toBe("bad_signature");
    expect((await deleted(later)).status).toBe(204);
  });
});

describe("a deleted account", () => {
  it("leaves its chain and nothing else; correspondents are told not_accepted; it never comes back", async () => {
    const carol = await joined("carol");
    const dave = await joined("dave");
    const eve = await joined("eve", "beta.example");
    const before = await blobFiles();
    const { token: dave1, blob } = await send(dave, carol);
    await send(carol, dave);
    const remote = await rawSession(network, alpha(), eve);
    const key = await askKey(call, remote, carol.address);
    expect((await blobFiles()).length).toBe(before.length + 2);
    const own = await rawSession(network, alpha(), carol);

    // Its event stream ends with it.
    const stream = await network.fetch(`${alpha()}1.0/events`, { redirect: "manual", headers: { "smimp-authentication": own } });
    const ended = (async () => {
      const pieces: Uint8Array[] = [];
      for await (const piece of stream.body ?? []) pieces.push(piece);
      return Buffer.concat(pieces).toString();
    })();
    expect((await deleted(carol)).status).toBe(204);
    expect(await ended).toContain("event: state");

    expect((await call("getQuota", { token: own })).code).toBe("unauthenticated");
    expect((await call("getSessionChallenge", { params: { address: carol.address } })).code).toBe("unknown_user");
    expect((await call("getMessageKey", { token: dave1, body: { address: carol.address, message_type: "email" } })).code).toBe(
      "not_accepted",
    );
    const late = sealRaw(eve, carol.address, key, clock());
    expect((await call("sendMessage", { token: remote, params: { address: carol.address }, body: late.statement })).code).toBe(
      "not_accepted",
    );
    const upload = {
      token: remote,
      params: { hash: blob },
      query: { ticket: key.ticket },
      body: randomBytes(9) as Uint8Array<ArrayBuffer>,
    };
    expect((await call("putBlob", upload)).code).toBe("not_accepted");

    const history = await call("getHistory", { params: { address: carol.address } });
    expect([history.answer.records.length, history.answer.profile]).toEqual([1, null]);
    expect((await call("getPublicKey", { params: { address: carol.address } })).code).toBe("unknown_user");
    // Dave's own mailbox is his.
    const { answer } = await call("getFolder", { token: dave1, params: { message_type: "email" } });
    expect(answer.messages.map(({ from }) => from)).toEqual([carol.address]);
    // The files go once the deletion is done.
    await expect.poll(async () => (await blobFiles()).length).toBe(before.length + 1);

    expect((await deleted(carol)).code).toBe("unknown_user");
    const record = carol.append().chain.head.statement;
    expect((await call("updateProfile", { body: { record, profile: null } })).code).toBe("unknown_user");
    expect(await rejoined(carol)).toBe("already_initialized");
    expect(await rejoined(createIdentity("carol#alpha.example", alpha(), clock()))).toBe("already_initialized");
    await expect(network.invite("alpha.example", carol.address)).rejects.toMatchObject({ code: "already_initialized" });
  });

  it("is deleted once of several that ask at once, and mail on its way meets a whole account or none", async () => {
    const frank = await joined("frank");
    const grace = await joined("grace");
    const token = await rawSession(network, alpha(), grace);
    const keys = await Promise.all(Array.from({ length: 5 }, async () => await askKey(call, token, frank.address)));
    const sending = keys.map(async (key) => {
      const { statement } = sealRaw(grace, frank.address, key, clock());
      return (await call("sendMessage", { token, params: { address: frank.address }, body: statement })).code;
    });
    const deletions = Array.from({ length: 3 }, async () => (await deleted(frank)).code);
    expect((await Promise.all(deletions)).toSorted()).toEqual([null, "unknown_user", "unknown_user"]);
    for (const code of await Promise.all(sending)) expect([null, "not_accepted"]).toContain(code);
  });

  it("changes nothing at other servers: its chain is as it was", async () => {
    const henry = await joined("henry", "beta.example");
    const ida = await joined("ida");
    const token = await rawSession(network, network.server("beta.example").baseUrl, ida);
    expect((await beta("getMessageKey", { token, body: { address: henry.address, message_type: "email" } })).code).toBeNull();
    expect((await deleted(ida)).status).toBe(204);
    // Within the ten minutes that a history is fresh, and as long as the session lasts, nothing has changed for beta.
    expect((await beta("getMessageKey", { token, body: { address: henry.address, message_type: "email" } })).code).toBeNull();
  });
});
