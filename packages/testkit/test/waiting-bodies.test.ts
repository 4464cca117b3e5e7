import { randomBytes, toHex32, type Statement } from "@smimp/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  askKey,
  createIdentity,
  fakeClock,
  fetchFrom,
  joinRaw,
  rawCaller,
  rawSession,
  sealRaw,
  silence,
  startHistoryPeer,
  startNetwork,
  type HistoryPeer,
  type Network,
  type RawCaller,
  type RawMessage,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// docs/threat-model.md, "Somebody who wants to use it up": messages that wait for the history of their sender, whose server says nothing.

const ALPHA = "alpha.example";
const EVIL = "evil.example";
const MIB = 1024 * 1024;
const PEER_BYTES = 16 * MIB;
const clock = fakeClock();
let network: Network;
let peer: HistoryPeer;
let call: RawCaller;
let alice: TestIdentity;
let mallory: TestIdentity;
let token: string;
let count = 0;

beforeAll(async () => {
  network = await startNetwork({
    domains: [ALPHA],
    clock,
    config: { ...generous, limits: { bodyBytes: 2 * PEER_BYTES, bodyBytesPerPeer: PEER_BYTES } },
  });
  peer = await startHistoryPeer(network.authority, EVIL);
  for (const [host, address] of Object.entries(peer.hosts)) network.addHost(host, address);
  const { baseUrl } = network.server(ALPHA);
  call = rawCaller(network.fetch, baseUrl);
  alice = await joinRaw(network, `alice#${ALPHA}`, 20);
});
afterAll(async () => {
  await network.close();
  await peer.close();
});

// Somebody new, whose history was fetched and is known well.
beforeEach(async () => {
  mallory = createIdentity(`mallory${count++}#${EVIL}`, peer.baseUrl, clock());
  peer.show(mallory.address, mallory);
  token = await rawSession(network, network.server(ALPHA).baseUrl, mallory);
});

/** A message that names a record that no history shows, or is otherwise as it is said. */
async function beyond(message: RawMessage = {}, key = askKey(call, token, alice.address)): Promise<Statement> {
  return sealRaw(mallory, alice.address, await key, clock(), { fromLink: toHex32(randomBytes(32)), ...message }).statement;
}
const send = async (body: Statement) => await call("sendMessage", { token, params: { address: alice.address }, body });

describe("a message that names a record which is not known", () => {
  it("has no other server asked without a ticket for it, however old what is known of the sender is", async () => {
    const ticket = toHex32(randomBytes(32));
    const unpaid = await beyond({ ticket });
    const atHead = sealRaw(mallory, alice.address, await askKey(call, token, alice.address), clock(), { ticket }).statement;
    const spent = await askKey(call, token, alice.address);
    expect((await send(sealRaw(mallory, alice.address, spent, clock()).statement)).code).toBeNull();
    const again = await beyond({ text: "again" }, Promise.resolve(spent));
    const asked = peer.peer.requests.length;
    // Beyond ten minutes any history is fetched again.
    for (const seconds of [60, 900]) {
      clock.advance(seconds);
      expect((await send(unpaid)).code).toBe("conflict");
      expect((await send(again)).code).toBe("conflict");
      expect((await send({ ...unpaid, signature: again.signature })).code).toBe("bad_signature");
      expect((await send({ ...unpaid, data: "{}" })).code).toBe("bad_signature");
      expect((await send(atHead)).code).toBe("ticket_invalid");
    }
    expect(peer.peer.requests.length).toBe(asked);
  });

  it("is accepted with one, once the history shows the record", async () => {
    const key = await askKey(call, token, alice.address);
    mallory = mallory.append();
    peer.show(mallory.address, mallory);
    clock.advance(60);
    const { statement } = sealRaw(mallory, alice.address, key, clock());
    expect((await send(statement)).code).toBeNull();
    // Sent again it is the same, whether its ticket is spent or the history is known.
    clock.advance(900);
    expect((await send(statement)).code).toBeNull();
  });
});

describe("messages that wait for a server that says nothing", () => {
  it("take a peer's share of the memory and no more, while others are served", async () => {
    const { baseUrl } = network.server(ALPHA);
    const bodies: Statement[] = [];
    for (let index = 0; index < 24; index++) bodies.push(await beyond({ text: "x".repeat(900_000) }));
    clock.advance(60);
    peer.answer("*", silence);
    const attackers = Array.from({ length: 2 }, () => fetchFrom(network, "127.9.0.1"));
    const codes: (string | null)[] = [];
    const params = { address: alice.address };
    const over = bodies.map(async (body, index) => {
      const { fetch } = attackers[index % attackers.length] ?? network;
      codes.push((await rawCaller(fetch, baseUrl)("sendMessage", { token, params, body })).code);
    });
    const fit = Math.floor(PEER_BYTES / JSON.stringify(bodies[0]).length);
    // All but those that fit are refused, before any of them is decided.
    await expect.poll(() => codes.length, { timeout: 9_000 }).toBeGreaterThanOrEqual(bodies.length - fit);
    expect(new Set(codes)).toEqual(new Set(["rate_limited"]));
    const friend = fetchFrom(network, "127.9.1.1");
    const from = rawCaller(friend.fetch, baseUrl);
    const bob = await joinRaw(network, `bob#${ALPHA}`, 1);
    const session = await rawSession({ ...network, fetch: friend.fetch }, baseUrl, bob);
    const { statement } = sealRaw(bob, alice.address, await askKey(from, session, alice.address), clock(), { text: "x".repeat(900_000) });
    expect((await from("sendMessage", { token: session, params, body: statement })).code).toBeNull();
    await peer.close();
    await Promise.all(over);
    for (const each of [...attackers, friend]) each.close();
  });
});
