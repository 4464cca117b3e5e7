import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hash, parseMessageType, randomBytes, toHex32 } from "@smimp/protocol";
import {
  askKey,
  createIdentity,
  doWork,
  EMAIL,
  fakeClock,
  joinRaw,
  rawCaller,
  rawJoin,
  rawSession,
  sealRaw,
  startNetwork,
  workAskedFor,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol sections 6 and 7: a ticket and a proof of work are good once, for one sender, recipient and type.

let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let bob: TestIdentity;
let carol: TestIdentity;
let bobToken: string;
let carolToken: string;
const clock = fakeClock();
const alpha = () => network.server("alpha.example").baseUrl;

beforeAll(async () => {
  network = await startNetwork({
    domains: ["alpha.example", "beta.example"],
    clock,
    config: { ...generous, workPolicy: { ...generous.workPolicy, count: 2, strangerBits: 8, establishedBits: 8 } },
  });
  const beta = network.server("beta.example").baseUrl;
  call = rawCaller(network.fetch, alpha());
  alice = createIdentity("alice#alpha.example", alpha(), clock());
  bob = createIdentity("bob#beta.example", beta, clock());
  carol = createIdentity("carol#beta.example", beta, clock());
  await rawJoin(network, alice, 100);
  for (const identity of [bob, carol]) await rawJoin(network, identity);
  bobToken = await rawSession(network, alpha(), bob);
  carolToken = await rawSession(network, alpha(), carol);
});
afterAll(async () => await network.close());

async function workFor(from: TestIdentity, token: string, to = alice) {
  const refused = await call("getMessageKey", { token, body: { address: to.address, message_type: EMAIL } });
  expect(refused.code).toBe("pow_required");
  return doWork(alpha(), from.address, to.address, workAskedFor(refused.bytes));
}

async function ticketOf(from: TestIdentity, token: string) {
  const asked = await call("getMessageKey", { token, body: { address: alice.address, message_type: EMAIL } });
  return asked.code === null ? asked.answer : await askKey(call, token, alice.address, await workFor(from, token));
}

async function send(token: string, envelope: { readonly statement: { data: string; signature: string } }, to = alice) {
  return await call("sendMessage", { token, params: { address: to.address }, body: envelope.statement });
}

describe("proof of work", () => {
  it("is asked of strangers, good once, and only for whom it was asked", async () => {
    const pow = await workFor(bob, bobToken);
    const body = { address: alice.address, message_type: EMAIL, pow };
    expect((await call("getMessageKey", { token: carolToken, body })).code).toBe("pow_invalid");
    const dave = await joinRaw(network, "dave#alpha.example");
    expect((await call("getMessageKey", { token: bobToken, body: { ...body, address: dave.address } })).code).toBe("pow_invalid");
    expect((await call("getMessageKey", { token: bobToken, body: { ...body, message_type: "short-message" } })).code).toBe("pow_invalid");
    const answers = await Promise.all(Array.from({ length: 10 }, async () => await call("getMessageKey", { token: bobToken, body })));
    expect(answers.filter(({ code }) => code === null)).toHaveLength(1);
  });

  it("expires", async () => {
    const pow = await workFor(bob, bobToken);
    clock.advance(601);
    expect((await call("getMessageKey", { token: bobToken, body: { address: alice.address, message_type: EMAIL, pow } })).code).toBe(
      "pow_expired",
    );
  });

  it("is not taken when it was not done", async () => {
    const pow = await workFor(bob, bobToken);
    const undone = { ...pow, values: pow.values.map((value) => `${value.slice(0, 8)}${"0".repeat(56)}`) };
    const body = { address: alice.address, message_type: EMAIL, pow: undone };
    expect((await call("getMessageKey", { token: bobToken, body: body as never })).code).toBe("pow_invalid");
  });
});

describe("the price of a key", () => {
  it("is that of the moment when the work is handed in, whenever it was asked for", async () => {
    const config = { ...generous, workPolicy: { ...generous.workPolicy, strangerBits: 4, establishedBits: 4, firstContactsPerSender: 2 } };
    const other = await startNetwork({ domains: ["gamma.example"], clock, config });
    try {
      const { baseUrl } = other.server("gamma.example");
      const ask = rawCaller(other.fetch, baseUrl);
      const [from, to] = ["mallory", "alice"].map((name) => createIdentity(`${name}#gamma.example`, baseUrl, clock()));
      if (from === undefined || to === undefined) throw new TypeError("two people");
      for (const identity of [from, to]) await rawJoin(other, identity);
      const token = await rawSession(other, baseUrl, from);
      const body = { address: to.address, message_type: EMAIL };
      const hoard = await Promise.all(
        Array.from({ length: 10 }, async () => {
          const parameters = workAskedFor((await ask("getMessageKey", { token, body })).bytes);
          return doWork(baseUrl, from.address, to.address, parameters);
        }),
      );
      const answers = [];
      for (const pow of hoard) answers.push(await ask("getMessageKey", { token, body: { ...body, pow } }));
      expect(answers[0]?.code).toBeNull();
      const last = answers.at(-1);
      expect(last?.code).toBe("pow_required");
      const asked = workAskedFor(last?.bytes ?? new Uint8Array());
      expect(asked.zero_bits + Math.log2(asked.count)).toBe(7);
    } finally {
      await other.close();
    }
  });

  it("is told beforehand as it will be asked, of correspondents too", async () => {
    const config = { ...generous, workPolicy: { ...generous.workPolicy, messagesPerCorrespondent: 1, establishedBits: 3 } };
    const other = await startNetwork({ domains: ["gamma.example"], clock, config });
    try {
      const { baseUrl } = other.server("gamma.example");
      const ask = rawCaller(other.fetch, baseUrl);
      const [from, to] = ["mallory", "alice"].map((name) => createIdentity(`${name}#gamma.example`, baseUrl, clock()));
      if (from === undefined || to === undefined) throw new TypeError("two people");
      for (const identity of [from, to]) await rawJoin(other, identity);
      const token = await rawSession(other, baseUrl, from);
      const params = { address: to.address, message_type: EMAIL };
      const pow = doWork(baseUrl, from.address, to.address, (await ask("getPowParams", { token, params })).answer);
      const { statement } = sealRaw(from, to.address, await askKey(ask, token, to.address, pow), clock());
      expect((await ask("sendMessage", { token, params: { address: to.address }, body: statement })).status).toBe(200);
      const { zero_bits: zeroBits, count } = (await ask("getPowParams", { token, params })).answer;
      expect(zeroBits + Math.log2(count)).toBe(4);
      expect((await ask("getMessageKey", { token, body: { address: to.address, message_type: EMAIL } })).code).toBe("pow_required");
      // Copies to oneself are free, however many.
      for (let copy = 0; copy < 4; copy++) await askKey(ask, token, from.address);
    } finally {
      await other.close();
    }
  });
});

describe("tickets", () => {
  it("deliver one message, which can be sent again without being stored twice", async () => {
    const key = await ticketOf(bob, bobToken);
    const envelope = sealRaw(bob, alice.address, key, clock());
    const answers = await Promise.all(Array.from({ length: 10 }, async () => await send(bobToken, envelope)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map(({ answer }) => answer.message_id))).toEqual(new Set([envelope.messageId]));
    const another = sealRaw(bob, alice.address, key, clock(), { text: "another" });
    expect((await send(bobToken, another)).code).toBe("ticket_invalid");
    const token = await rawSession(network, alpha(), alice);
    const listed = await call("getFolder", { token, params: { message_type: "email" } });
    expect(listed.answer.messages.filter(({ message_id }) => message_id === envelope.messageId)).toHaveLength(1);
  });

  it("are not for another sender, recipient or type, and expire", async () => {
    const key = await ticketOf(bob, bobToken);
    expect((await send(carolToken, sealRaw(carol, alice.address, key, clock()))).code).toBe("ticket_invalid");
    const otherType = sealRaw(bob, alice.address, key, clock(), { messageType: parseMessageType("short-message") });
    expect((await send(bobToken, otherType)).code).toBe("ticket_invalid");
    const unknown = sealRaw(bob, alice.address, key, clock(), { ticket: toHex32(randomBytes(32)) });
    expect((await send(bobToken, unknown)).code).toBe("ticket_invalid");
    const envelope = sealRaw(bob, alice.address, key, clock());
    clock.advance(3_601);
    bobToken = await rawSession(network, alpha(), bob);
    carolToken = await rawSession(network, alpha(), carol);
    expect((await send(bobToken, envelope)).code).toBe("ticket_invalid");
  });
});

describe("sending", () => {
  it("takes only what the session's address signed", async () => {
    const key = await ticketOf(bob, bobToken);
    const envelope = sealRaw(bob, alice.address, key, clock());
    expect((await send(carolToken, envelope)).code).toBe("bad_signature");
    const changed = { statement: { ...envelope.statement, data: envelope.statement.data.replace(/"nonce":"./, '"nonce":"_') } };
    expect((await send(bobToken, changed)).code).toBe("bad_signature");
  });

  it("to somebody whose invite is open tells no more than to somebody who is blocked; to nobody it tells so", async () => {
    const [invited, nobody] = ["invited", "nobody"].map((name) => createIdentity(`${name}#alpha.example`, alpha(), clock()).address);
    if (invited === undefined || nobody === undefined) throw new TypeError("two addresses");
    await network.invite("alpha.example", invited);
    const key = await ticketOf(bob, bobToken);
    for (const [to, code] of [
      [invited, "not_accepted"],
      [nobody, "unknown_user"],
    ] as const) {
      const { statement } = sealRaw(bob, alice.address, key, clock(), { to });
      expect((await call("sendMessage", { token: bobToken, params: { address: to }, body: statement })).code).toBe(code);
      expect((await call("getMessageKey", { token: bobToken, body: { address: to, message_type: EMAIL } })).code).toBe(code);
    }
  });

  it("takes only what names the current heads", async () => {
    const key = await ticketOf(bob, bobToken);
    const old = toHex32(randomBytes(32));
    expect((await send(bobToken, sealRaw(bob, alice.address, key, clock(), { fromLink: old }))).code).toBe("conflict");
    expect((await send(bobToken, sealRaw(bob, alice.address, key, clock(), { toLink: old }))).code).toBe("conflict");
  });

  it("takes only messages whose blobs are there, whole, and under their ticket", async () => {
    const key = await ticketOf(bob, bobToken);
    const bytes = randomBytes(500) as Uint8Array<ArrayBuffer>;
    const named = { hash: toHex32(hash(bytes)), size: bytes.length };
    expect((await send(bobToken, sealRaw(bob, alice.address, key, clock(), { blobs: [named] }))).code).toBe("blob_missing");
    const wrong = await call("putBlob", {
      token: bobToken,
      params: { hash: toHex32(randomBytes(32)) },
      query: { ticket: key.ticket },
      body: bytes,
    });
    expect(wrong.code).toBe("bad_request");
    const foreign = await call("putBlob", { token: carolToken, params: { hash: named.hash }, query: { ticket: key.ticket }, body: bytes });
    expect(foreign.code).toBe("ticket_invalid");
    const put = await call("putBlob", { token: bobToken, params: { hash: named.hash }, query: { ticket: key.ticket }, body: bytes });
    expect(put.status).toBe(201);
    const shorter = sealRaw(bob, alice.address, key, clock(), { blobs: [{ ...named, size: 499 }] });
    expect((await send(bobToken, shorter)).code).toBe("blob_missing");
    expect((await send(bobToken, sealRaw(bob, alice.address, key, clock(), { blobs: [named] }))).status).toBe(200);
    const token = await rawSession(network, alpha(), alice);
    expect((await call("getBlob", { token, params: { hash: named.hash } })).bytes).toEqual(Buffer.from(bytes));
  });
});
