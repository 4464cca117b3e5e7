import { parseBaseUrl, signSession, type SessionRole } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createIdentity,
  fakeClock,
  joinRaw,
  rawCaller,
  rawJoin,
  rawSession,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 5: a challenge is answered once, at the server that gave it, by the right key, in time.

let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let mallory: TestIdentity;
const clock = fakeClock();
const alpha = () => network.server("alpha.example").baseUrl;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock, config: generous });
  call = rawCaller(network.fetch, alpha());
  alice = createIdentity("alice#alpha.example", alpha(), clock());
  mallory = createIdentity("mallory#alpha.example", alpha(), clock());
  await rawJoin(network, alice);
  await rawJoin(network, mallory);
});
afterAll(async () => await network.close());

async function challenge(): Promise<string> {
  return (await call("getSessionChallenge", { params: { address: alice.address } })).answer.token;
}

async function answer(token: string, how: { role?: SessionRole; key?: TestIdentity["master"]; server?: string; skew?: number } = {}) {
  const body = signSession({
    server: parseBaseUrl(how.server ?? alpha()),
    address: alice.address,
    token,
    role: how.role ?? "master",
    issuedAt: new Date(Date.parse(clock()) + (how.skew ?? 0) * 1000).toISOString().replace(".000Z", "Z") as ReturnType<typeof clock>,
    key: how.key ?? alice.master,
  });
  return await call("createSession", { params: { address: alice.address }, body });
}

describe("sessions", () => {
  it("a challenge that is relayed to another server is worth nothing there", async () => {
    const token = await challenge();
    expect((await answer(token, { server: network.server("beta.example").baseUrl })).code).toBe("wrong_server");
  });

  it("a challenge that is answered many times at once opens one session", async () => {
    const token = await challenge();
    const answers = await Promise.all(Array.from({ length: 20 }, async () => await answer(token)));
    expect(answers.filter(({ code }) => code === null)).toHaveLength(1);
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([null, "unauthenticated"]));
  });

  it("a role that is not that of the key is refused", async () => {
    expect((await answer(await challenge(), { role: "recovery" })).code).toBe("bad_signature");
    expect((await answer(await challenge(), { role: "master", key: alice.recovery })).code).toBe("bad_signature");
    expect((await answer(await challenge(), { key: mallory.master })).code).toBe("bad_signature");
  });

  it("a stale or early signature is refused, and so is an expired challenge", async () => {
    expect((await answer(await challenge(), { skew: -301 })).code).toBe("unauthenticated");
    expect((await answer(await challenge(), { skew: 301 })).code).toBe("unauthenticated");
    const token = await challenge();
    clock.advance(61);
    expect((await answer(token)).code).toBe("unauthenticated");
  });

  it("a recovery session reaches the keystore and nothing else", async () => {
    const token = await rawSession(network, alpha(), alice, { role: "recovery" });
    expect((await call("getKeystore", { token })).code).toBe("not_found");
    expect((await call("getEphemeralKeys", { token })).code).toBe("unauthenticated");
    expect((await call("getFolder", { token, params: { message_type: "email" } })).code).toBe("unauthenticated");
    expect((await call("getMessageKey", { token, body: { address: mallory.address, message_type: "email" } })).code).toBe(
      "unauthenticated",
    );
  });

  it("a session ends with its hour, and at once when it is destroyed", async () => {
    const token = await rawSession(network, alpha(), alice);
    expect((await call("getQuota", { token })).status).toBe(200);
    expect((await call("destroySession", { token })).status).toBe(204);
    expect((await call("getQuota", { token })).code).toBe("unauthenticated");
    const other = await rawSession(network, alpha(), alice);
    clock.advance(3_601);
    expect((await call("getQuota", { token: other })).code).toBe("session_expired");
  });

  it("a remote person's session does not reach a mailbox", async () => {
    const bob = await joinRaw(network, "bob#beta.example");
    const token = await rawSession(network, alpha(), bob);
    for (const name of ["getQuota", "getEphemeralKeys", "getKeystore", "getFolders"] as const) {
      expect((await call(name, { token })).code).toBe("unauthenticated");
    }
  });
});
