import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  askKey,
  createIdentity,
  EMAIL,
  rawCaller,
  rawJoin,
  rawSession,
  sealRaw,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 9: mail from elsewhere comes in as messages to oneself, marked so.

const OWN_TICKETS = 12;
let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let bob: TestIdentity;
let tokens: Map<TestIdentity, string>;

beforeAll(async () => {
  const config = { ...generous, quotas: { ...generous.quotas, ticketsPerHour: 3, ownTicketsPerDay: OWN_TICKETS } };
  network = await startNetwork({ domains: ["alpha.example"], config });
  const { baseUrl } = network.server("alpha.example");
  call = rawCaller(network.fetch, baseUrl);
  [alice, bob] = ["alice", "bob"].map((name) => createIdentity(`${name}#alpha.example`, baseUrl, network.clock())) as [
    TestIdentity,
    TestIdentity,
  ];
  tokens = new Map();
  for (const identity of [alice, bob]) {
    await rawJoin(network, identity);
    tokens.set(identity, await rawSession(network, baseUrl, identity));
  }
});
afterAll(async () => await network.close());

async function send(from: TestIdentity, to: TestIdentity, query?: Readonly<Record<string, string>>) {
  const token = tokens.get(from) ?? "";
  const key = await askKey(call, token, to.address);
  const { statement, messageId } = sealRaw(from, to.address, key, network.clock());
  const request = { token, params: { address: to.address }, body: statement, ...(query === undefined ? {} : { query }) };
  return { messageId, answer: await call("sendMessage", request), again: async () => await call("sendMessage", request) };
}

async function receivedVia(id: string): Promise<string> {
  const message = await call("getMessage", { token: tokens.get(alice) ?? "", params: { id, update_read: "false" } });
  return message.answer.received_via;
}

describe("mail from elsewhere", () => {
  it("is marked, comes in once, and from nobody but oneself", async () => {
    const imported = await send(alice, alice, { received_via: "import_api" });
    expect(imported.answer.status).toBe(200);
    expect((await imported.again()).answer).toEqual({ message_id: imported.messageId });
    expect(await receivedVia(imported.messageId)).toBe("import_api");
    const copy = await send(alice, alice);
    expect(await receivedVia(copy.messageId)).toBe("smimp_client");
    const foreign = await send(bob, alice, { received_via: "import_api" });
    expect(foreign.answer.code).toBe("bad_request");
    for (const via of ["smtp_bridge", "imap_bridge", "smimp_client", ""]) {
      expect((await send(alice, alice, { received_via: via })).answer.code).toBe("bad_request");
    }
  });

  it("has a limit of its own, high above that of messages to others", async () => {
    const token = tokens.get(bob) ?? "";
    const ask = async (to: TestIdentity) => await call("getMessageKey", { token, body: { address: to.address, message_type: EMAIL } });
    const codes: (string | null)[] = [];
    for (let index = 0; index <= OWN_TICKETS; index++) codes.push((await ask(bob)).code);
    expect(codes).toEqual([...Array.from({ length: OWN_TICKETS }, () => null), "rate_limited"]);
    // One of three is used up by now.
    expect([(await ask(alice)).code, (await ask(alice)).code, (await ask(alice)).code]).toEqual([null, null, "rate_limited"]);
  });
});
