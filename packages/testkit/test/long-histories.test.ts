import { startServer, type RunningServer } from "@smimp/server";
import { addSeconds, DAY, parseAddress, parseBaseUrl, toB64, type BaseUrl, type RecordStatement } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createIdentity,
  fakeClock,
  joinRaw,
  json,
  rawCaller,
  rawSession,
  startHistoryPeer,
  startNetwork,
  type HistoryPeer,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 3, rule 6: a chain has up to a thousand records. To verify them takes most of a second, in which others are served; and
// however many a thief makes, the owner gets their address back.

const ALPHA = "alpha.example";
const clock = fakeClock();
let network: Network;
let peer: HistoryPeer;
let fresh: RunningServer | null = null;
let call: RawCaller;
const base = (domain = ALPHA): BaseUrl => network.server(domain).baseUrl;

beforeAll(async () => {
  network = await startNetwork({ domains: [ALPHA, "beta.example"], clock, config: generous });
  peer = await startHistoryPeer(network.authority, "peer.example");
  for (const [host, address] of Object.entries(peer.hosts)) network.addHost(host, address);
  call = rawCaller(network.fetch, base());
});
afterAll(async () => {
  await fresh?.close();
  await network.close();
  await peer.close();
});

/** A history of so many records, all signed by the recovery key, for which no day is too short. */
function grown(identity: TestIdentity, records: number): TestIdentity {
  let longer = identity;
  for (let count = 1; count < records; count++) longer = longer.append({ byRecovery: true });
  return longer;
}

/** How many requests, one after the other, are answered while a long one is under way. */
async function servedDuring(long: Promise<unknown>, short: () => Promise<unknown>): Promise<number> {
  const state = { over: false };
  const ending = long.finally(() => (state.over = true));
  let count = 0;
  for (; !state.over; count++) await short();
  await ending;
  return count;
}

describe("while a long history is verified, others are served", () => {
  it("that of somebody of another server", async () => {
    const mallory = grown(createIdentity("mallory#peer.example", peer.baseUrl, clock()), 900);
    const answered = Promise.withResolvers<void>();
    peer.answer(`/1.0/get_user/${mallory.address}/history`, (request, response) => {
      response.once("finish", answered.resolve);
      json(mallory.history())(request, response);
    });
    const session = rawSession(network, base(), mallory);
    await answered.promise;
    // By now it has arrived, and is being verified.
    await new Promise((resolve) => setTimeout(resolve, 30));
    const served = await servedDuring(
      session,
      async () => await call("getHistory", { params: { address: parseAddress(`nobody#${ALPHA}`) } }),
    );
    expect(served).toBeGreaterThan(10);
    expect(await session).not.toBe("");
  });

  it("that of one's own, where it is not in memory; and a record by nobody costs no such thing", async () => {
    const alice = await joinRaw(network, `alice#${ALPHA}`);
    let chain = alice;
    for (let count = 0; count < 250; count++) {
      chain = chain.append({ byRecovery: true });
      expect((await call("updateProfile", { body: { record: chain.chain.head.statement, profile: null } })).code).toBeNull();
    }
    // Another process on the same data remembers nothing yet.
    const { config } = network.server(ALPHA);
    fresh = await startServer(
      { ...config, listen: { host: "127.0.0.1", port: 0 } },
      { fetch: network.fetch, clock, log: { write: () => undefined } },
    );
    network.addHost("fresh.alpha.example", `127.0.0.1:${fresh.port}`);
    network.addHost(new URL(base()).host, `127.0.0.1:${fresh.port}`);
    const { statement } = chain.append({ byRecovery: true }).chain.head;
    const forged: RecordStatement = { ...statement, signature: toB64(new Uint8Array(64).fill(1)) };
    const next = async (record: RecordStatement) => await call("updateProfile", { body: { record, profile: null } });
    const refused = next(forged);
    expect((await refused).code).toBe("history_invalid");
    const accepted = next(statement);
    const other = async () => await call("getPublicKey", { params: { address: alice.address } });
    expect(await servedDuring(accepted, other)).toBeGreaterThan(5);
    expect((await accepted).code).toBeNull();
  });
});

describe("a thief of the master key", () => {
  it("can't make the history too large for others, so that the owner gets the address back", async () => {
    const bert = await joinRaw(network, "bert#beta.example");
    const there = rawCaller(network.fetch, base("beta.example"));
    const fat = Array.from({ length: 50 }, (_, index) => parseBaseUrl(`https://smimp.beta.example/${"x".repeat(40)}/${index}/`));
    let chain = bert;
    let refusal: string | null = null;
    for (let count = 0; refusal === null && count < 975; count++) {
      if (count % 20 === 0) clock.advance(DAY + 1);
      const longer = chain.append({ servers: [base("beta.example"), ...fat], changedAt: clock() });
      const { code } = await there("updateProfile", { body: { record: longer.chain.head.statement, profile: null } });
      if (code === null) chain = longer;
      refusal = code;
    }
    expect(refusal).toBe("too_large");
    const stolen = createIdentity("bert#beta.example", base("beta.example"), clock());
    for (let count = 0; count < 30; count++) {
      chain = chain.append({ servers: [base("beta.example"), ...fat], changedAt: addSeconds(clock(), count), byRecovery: true });
      expect((await there("updateProfile", { body: { record: chain.chain.head.statement, profile: null } })).code).toBeNull();
    }
    const back = chain.append({ servers: [base("beta.example")], master: stolen.master, byRecovery: true });
    const keys = { nonephemeral_key: back.messageKey("non_ephemeral", clock()).statement, ephemeral_keys: [] };
    expect((await there("updateProfile", { body: { record: back.chain.head.statement, profile: null, ...keys } })).code).toBeNull();
    // Elsewhere as well.
    expect(await rawSession(network, base(), back)).not.toBe("");
  });
});
