import { parseAddress, type Address } from "@smimp/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { json, rawCaller, startHistoryPeer, startNetwork, type HistoryPeer, type Network, type RawCaller } from "../src/index.ts";
import { generous } from "./generous.ts";

// What another server answers when a history is asked of it is nobody's word but its own: a server tells its own users what it
// found in words of its own, with codes that belong there (protocol section 10).

const ALPHA = "alpha.example";
const PEER = "peer.example";
const CANARY = "canary0123456789abcdef";
let network: Network;
let peer: HistoryPeer;
let call: RawCaller;
let address: Address;
let count = 0;

beforeAll(async () => {
  network = await startNetwork({ domains: [ALPHA], config: { ...generous, logLevel: "trace" } });
  call = rawCaller(network.fetch, network.server(ALPHA).baseUrl);
});
afterAll(async () => await network.close());

beforeEach(async () => {
  // A domain of its own each time: one that failed is left alone for a while.
  peer = await startHistoryPeer(network.authority, `${count}.${PEER}`);
  for (const [host, at] of Object.entries(peer.hosts)) network.addHost(host, at);
  address = parseAddress(`mallory#${count++}.${PEER}`);
  return async () => await peer.close();
});

/** Begins a session for an address whose server answers as it was told to. */
async function told(answerTo = address) {
  const { answer } = await call("getSessionChallenge", { params: { address: answerTo } });
  const data = JSON.stringify({
    server: network.server(ALPHA).baseUrl,
    address: answerTo,
    token: answer.token,
    role: "master",
    issued_at: network.clock(),
  });
  const { status, code, bytes } = await call("createSession", {
    params: { address: answerTo },
    body: { data, signature: `${"A".repeat(85)}A` },
  });
  return { status, code, members: JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown> };
}

const historyOf = (who: string) => `/1.0/get_user/${who}/history`;

describe("a remote server's problem document", () => {
  it.each([
    ["session_expired", 401],
    ["unauthenticated", 401],
    ["pow_required", 403],
    ["ticket_invalid", 403],
    ["conflict", 409],
    ["too_large", 413],
    ["rate_limited", 429],
    ["quota_exceeded", 507],
  ])("is not passed on as this server's own: %s", async (code, status) => {
    const document = { code, status: 200, detail: CANARY, type: CANARY, pow: CANARY, [CANARY]: CANARY };
    peer.answer(historyOf(address), json(document, status));
    const { members, ...answer } = await told();
    expect(answer).toEqual({ status: 503, code: "temporarily_unavailable" });
    expect(JSON.stringify(members)).not.toContain(CANARY);
    expect(Object.keys(members).toSorted()).toEqual(["code", "detail", "status", "type"]);
  });

  it("that says what may be true is believed in its code alone", async () => {
    peer.answer(historyOf(address), json({ code: "unknown_user", detail: CANARY, [CANARY]: CANARY }, 404));
    const { members, ...answer } = await told();
    expect(answer).toEqual({ status: 404, code: "unknown_user" });
    expect(JSON.stringify(members)).not.toContain(CANARY);
  });
});

describe("what can't be reached", () => {
  it("is told alike, whether a name leads nowhere, inside, or to a wrong certificate", async () => {
    network.addHost(`wrong.${PEER}`, peer.peer.address);
    const answers = [`a#nowhere.${PEER}`, "a#localhost.localdomain", `a#wrong.${PEER}`].map(parseAddress);
    const codes = new Set<string>();
    for (const who of answers) {
      const { status, code, members } = await told(who);
      codes.add(`${status} ${code} ${String(members["detail"])}`);
    }
    expect([...codes]).toHaveLength(1);
    expect([...codes][0]).toContain("503 temporarily_unavailable");
  });

  it("is logged without the name that was asked for", () => {
    expect(network.server(ALPHA).logs()).toContain("unavailable");
    expect(network.server(ALPHA).logs()).not.toContain(PEER);
  });
});
