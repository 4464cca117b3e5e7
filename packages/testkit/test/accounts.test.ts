import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseBaseUrl, randomBytes, signingKey } from "@smimp/protocol";
import {
  createIdentity,
  fakeClock,
  joinRaw,
  rawCaller,
  rawSession,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol sections 3 and 8: one chain without forks, one account for an address, for ever.

let network: Network;
let call: RawCaller;
const clock = fakeClock();
const alpha = () => network.server("alpha.example").baseUrl;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example"], clock, config: generous });
  call = rawCaller(network.fetch, alpha());
});
afterAll(async () => await network.close());

async function joined(name: string): Promise<TestIdentity> {
  return await joinRaw(network, `${name}#alpha.example`, 3);
}

function initialization(identity: TestIdentity, code: string) {
  const body = {
    code,
    record: identity.chain.head.statement,
    profile: null,
    nonephemeral_key: identity.messageKey("non_ephemeral", clock()).statement,
    ephemeral_keys: [],
    keystore: null,
  };
  return call("initializeAccount", { body });
}

describe("initialisation", () => {
  it("happens once, however often it is tried at once", async () => {
    const { code } = await network.invite("alpha.example");
    const people = Array.from({ length: 10 }, (_, index) => createIdentity(`racer${index}#alpha.example`, alpha(), clock()));
    const answers = await Promise.all(people.map(async (identity) => await initialization(identity, code)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 201).map((one) => one.code))).toEqual(new Set(["unauthenticated"]));
  });

  it("gives an address to one of two", async () => {
    const codes = await Promise.all([network.invite("alpha.example"), network.invite("alpha.example")]);
    const people = [0, 1].map(() => createIdentity("wanted#alpha.example", alpha(), clock()));
    const answers = await Promise.all(people.map(async (identity, index) => await initialization(identity, codes[index]?.code ?? "")));
    expect(answers.map(({ code }) => code).sort()).toEqual(["already_initialized", null]);
  });

  it("refuses wrong and expired codes, foreign domains and chains that do not name this server", async () => {
    const anna = createIdentity("anna#alpha.example", alpha(), clock());
    expect((await initialization(anna, "A".repeat(32))).code).toBe("unauthenticated");
    const { code } = await network.invite("alpha.example");
    const foreign = createIdentity("anna#elsewhere.example", alpha(), clock());
    expect((await initialization(foreign, code)).status).toBeGreaterThanOrEqual(400);
    const elsewhere = createIdentity("anna#alpha.example", parseBaseUrl("https://smimp.elsewhere.example/"), clock());
    expect((await initialization(elsewhere, code)).code).toBe("server_mismatch");
    clock.advance(40 * 86_400);
    expect((await initialization(createIdentity("anna#alpha.example", alpha(), clock()), code)).code).toBe("unauthenticated");
  });

  it("refuses a key that another address ever held", async () => {
    const first = await joined("holder");
    const { code } = await network.invite("alpha.example");
    const thief = createIdentity("thief#alpha.example", alpha(), clock());
    const second = thief.append({ recovery: first.recovery, byRecovery: true });
    await initialization(thief, code);
    expect((await call("updateProfile", { body: { record: second.chain.head.statement, profile: null } })).code).toBe("key_reused");
  });
});

describe("records", () => {
  it("of two on one predecessor exactly one wins", async () => {
    const identity = await joined("forked");
    const forks = Array.from({ length: 10 }, (_, index) =>
      identity.append({ servers: [alpha(), parseBaseUrl(`https://smimp${index}.elsewhere.example/`)] }),
    );
    const answers = await Promise.all(
      forks.map(async (fork) => await call("updateProfile", { body: { record: fork.chain.head.statement, profile: null } })),
    );
    expect(answers.filter(({ code }) => code === null)).toHaveLength(1);
    expect(new Set(answers.filter(({ code }) => code !== null).map(({ code }) => code))).toEqual(new Set(["conflict"]));
    const history = await call("getHistory", { params: { address: identity.address } });
    expect(history.answer.records).toHaveLength(2);
  });

  it("a new master key comes with new message keys, voids the old ones and ends all sessions", async () => {
    const identity = await joined("rotating");
    const token = await rawSession(network, alpha(), identity);
    const rotated = identity.append({ master: signingKey(randomBytes(32)) });
    const record = rotated.chain.head.statement;
    expect((await call("updateProfile", { body: { record, profile: null } })).code).toBe("bad_request");
    const keys = [rotated.messageKey("ephemeral", clock())];
    const body = {
      record,
      profile: null,
      nonephemeral_key: rotated.messageKey("non_ephemeral", clock()).statement,
      ephemeral_keys: keys.map(({ statement }) => statement),
    };
    expect((await call("updateProfile", { body })).status).toBe(200);
    expect((await call("getQuota", { token })).code).toBe("unauthenticated");
    const again = await rawSession(network, alpha(), rotated);
    expect((await call("getEphemeralKeys", { token: again })).answer.key_ids).toEqual(keys.map(({ keyId }) => keyId));
  });

  it("20 a day are taken, and recovery-signed ones beyond that", async () => {
    let identity = await joined("busy");
    // Record 0 counts for the day that it came.
    clock.advance(86_401);
    for (let index = 0; index < 20; index++) {
      identity = identity.append();
      expect((await call("updateProfile", { body: { record: identity.chain.head.statement, profile: null } })).code).toBeNull();
    }
    const one = identity.append();
    expect((await call("updateProfile", { body: { record: one.chain.head.statement, profile: null } })).code).toBe("rate_limited");
    const recovered = identity.append({ byRecovery: true });
    expect((await call("updateProfile", { body: { record: recovered.chain.head.statement, profile: null } })).code).toBeNull();
  });

  it("are not dated ahead", async () => {
    const identity = await joined("early");
    const ahead = new Date(Date.parse(clock()) + 301_000).toISOString().replace(".000Z", "Z") as ReturnType<typeof clock>;
    const early = identity.append({ changedAt: ahead });
    expect((await call("updateProfile", { body: { record: early.chain.head.statement, profile: null } })).code).toBe("history_invalid");
  });
});
