import { checkMessageKey } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askKey, createIdentity, fakeClock, rawCaller, rawJoin, rawSession, startNetwork, type Network } from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 4: a single-use key is issued at most once, ever.

let network: Network;
const clock = fakeClock();

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock, config: generous });
});
afterAll(async () => await network.close());

async function pair(name: string, keys: number) {
  const alpha = network.server("alpha.example").baseUrl;
  const beta = network.server("beta.example").baseUrl;
  const recipient = createIdentity(`${name}#alpha.example`, alpha, clock());
  const sender = createIdentity(`${name}#beta.example`, beta, clock());
  await rawJoin(network, recipient, keys);
  await rawJoin(network, sender);
  const call = rawCaller(network.fetch, alpha);
  return { recipient, sender, call, token: await rawSession(network, alpha, sender), alpha };
}

describe("single-use keys", () => {
  it("200 parallel requests on 100 keys: 100 distinct ones, and 100 times the non-ephemeral one", async () => {
    const { recipient, call, token } = await pair("parallel", 100);
    const answers = await Promise.all(Array.from({ length: 200 }, async () => await askKey(call, token, recipient.address)));
    const kinds = answers.map(({ message_key: statement, public_key: publicKey }) =>
      checkMessageKey({ statement, address: recipient.address, publicKey, now: clock() }),
    );
    const single = kinds.filter(({ kind }) => kind === "ephemeral").map(({ keyId }) => keyId);
    expect(single).toHaveLength(100);
    expect(new Set(single).size).toBe(100);
    const standing = kinds.filter(({ kind }) => kind === "non_ephemeral").map(({ keyId }) => keyId);
    expect(standing).toHaveLength(100);
    expect(new Set(standing).size).toBe(1);
    expect(new Set(answers.map(({ ticket }) => ticket)).size).toBe(200);
  });

  it("a key that was issued is not issued again when it is uploaded again", async () => {
    const { recipient, call, token, alpha } = await pair("again", 0);
    const owner = await rawSession(network, alpha, recipient);
    const keys = [recipient.messageKey("ephemeral", clock()).statement];
    await call("addEphemeralKeys", { token: owner, body: { keys } });
    const first = await askKey(call, token, recipient.address);
    expect(first.message_key).toEqual(keys[0]);
    await call("addEphemeralKeys", { token: owner, body: { keys } });
    await call("replaceEphemeralKeys", { token: owner, body: { keys } });
    const second = await askKey(call, token, recipient.address);
    expect(
      checkMessageKey({ statement: second.message_key, address: recipient.address, publicKey: second.public_key, now: clock() }).kind,
    ).toBe("non_ephemeral");
  });

  it("only the owner's valid keys are taken, and 200 at the most", async () => {
    const { recipient, sender, call, alpha } = await pair("valid", 0);
    const owner = await rawSession(network, alpha, recipient);
    const foreign = sender.messageKey("ephemeral", clock()).statement;
    expect((await call("addEphemeralKeys", { token: owner, body: { keys: [foreign] } })).code).toBe("bad_signature");
    const wrongKind = recipient.messageKey("non_ephemeral", clock()).statement;
    expect((await call("addEphemeralKeys", { token: owner, body: { keys: [wrongKind] } })).code).toBe("bad_request");
    const many = Array.from({ length: 150 }, () => recipient.messageKey("ephemeral", clock()).statement);
    expect((await call("addEphemeralKeys", { token: owner, body: { keys: many } })).answer.count).toBe(150);
    const more = Array.from({ length: 60 }, () => recipient.messageKey("ephemeral", clock()).statement);
    const refused = await call("addEphemeralKeys", { token: owner, body: { keys: more } });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect((await call("getEphemeralKeys", { token: owner })).answer.count).toBe(150);
  });
});
