import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { concat, toB64, uint64be, utf8 } from "@smimp/protocol";
import {
  askKey,
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

// Protocol section 12: what an account stores counts into `used`, or is bounded by itself.

const ACCOUNT_BYTES = 20_000;
const KEYS_PER_DAY = 12;
let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let token: string;

beforeAll(async () => {
  const config = { ...generous, quotas: { ...generous.quotas, accountBytes: ACCOUNT_BYTES, keysPerDay: KEYS_PER_DAY } };
  network = await startNetwork({ domains: ["alpha.example"], config });
  const { baseUrl } = network.server("alpha.example");
  call = rawCaller(network.fetch, baseUrl);
  alice = await joinRaw(network, "alice#alpha.example");
  token = await rawSession(network, baseUrl, alice);
});
afterAll(async () => await network.close());

const used = async () => (await call("getQuota", { token })).answer.used;
async function send(text: string) {
  const key = await askKey(call, token, alice.address);
  const { statement } = sealRaw(alice, alice.address, key, network.clock(), { text });
  return { data: statement.data, ...(await call("sendMessage", { token, params: { address: alice.address }, body: statement })) };
}

describe("a full mailbox", () => {
  it("takes no more messages, but its owner still keeps keys, folders, lists and a picture", async () => {
    let total = 0;
    for (;;) {
      const { code, data } = await send("x".repeat(3_000));
      if (code !== null) {
        expect(code).toBe("quota_exceeded");
        break;
      }
      total += utf8(data).length;
    }
    expect(await used()).toBe(total);
    const put = async (version: number, headers: Record<string, string>) =>
      await call("putKeystore", { token, body: new Uint8Array(concat(uint64be(version), randomBytes(50_000))), headers });
    let stored = await put(1, { "if-none-match": "*" });
    for (let version = 2; version <= 4; version++) stored = await put(version, { "if-match": stored.headers.get("etag") ?? "" });
    const png = new Uint8Array(Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), randomBytes(100_000)]));
    const folder = { name: "a", message_type: "email", parent: null, display_name: toB64(randomBytes(500)) };
    const note = toB64(randomBytes(500));
    const codes = [
      stored.code,
      (await call("postUserAvatar", { token, body: png })).code,
      (await call("createFolder", { token, body: folder })).code,
      (await call("addToAllowlist", { token, body: { entry: "bob#beta.example", note } })).code,
      (await call("addToBlocklist", { token, body: { entry: "#gamma.example", note } })).code,
    ];
    expect(codes).toEqual(codes.map(() => null));
    expect(await used()).toBe(total);
  });
});

describe("message keys", () => {
  it("are taken up to so many a day, for each is remembered for good", async () => {
    const keys = (count: number) => Array.from({ length: count }, () => alice.messageKey("ephemeral", network.clock()).statement);
    expect((await call("addEphemeralKeys", { token, body: { keys: keys(5) } })).code).toBeNull();
    expect((await call("replaceEphemeralKeys", { token, body: { keys: keys(6) } })).code).toBeNull();
    const standing = alice.messageKey("non_ephemeral", network.clock()).statement;
    expect((await call("putNonephemeralKey", { token, body: standing })).code).toBeNull();
    const refused = await call("addEphemeralKeys", { token, body: { keys: keys(1) } });
    expect(refused.code).toBe("rate_limited");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await call("getEphemeralKeys", { token })).answer.count).toBe(6);
  });
});
