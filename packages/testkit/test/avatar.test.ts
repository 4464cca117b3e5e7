import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appendRecord, hash, MAX_AVATAR_BYTES, profileHash, signRecord, toHex32, utf8, type Chain, type Hex32 } from "@smimp/protocol";
import {
  createIdentity,
  rawCaller,
  rawJoin,
  rawSession,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 3: the avatar that a profile names, and what goes with a profile that is deleted.

let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let chain: Chain;
let token: string;
let people = 0;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example"], config: generous });
  call = rawCaller(network.fetch, network.server("alpha.example").baseUrl);
});
beforeEach(async () => {
  const { baseUrl } = network.server("alpha.example");
  alice = createIdentity(`alice${++people}#alpha.example`, baseUrl, network.clock());
  ({ chain } = alice);
  await rawJoin(network, alice);
  token = await rawSession(network, baseUrl, alice);
});
afterAll(async () => await network.close());

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff, 0xe0];
const image = (signature: readonly number[], size = 200_000) => {
  const bytes = new Uint8Array(randomBytes(size));
  bytes.set(signature);
  return bytes;
};
const hashOf = (bytes: Uint8Array): Hex32 => toHex32(hash(bytes));
const post = async (bytes: Uint8Array<ArrayBuffer>) => await call("postUserAvatar", { token, body: bytes });
const get = async (headers: Record<string, string> = {}) => await call("getUserAvatar", { params: { address: alice.address }, headers });
const shown = async () => {
  const answer = await get();
  return answer.code ?? hashOf(answer.bytes);
};

/** Appends a record with this profile; `text` null deletes it beside its hash. */
async function setProfile(
  profile: object | null,
  text: string | null = profile === null ? null : JSON.stringify(profile),
): Promise<string | null> {
  const statement = signRecord({
    address: alice.address,
    previous: chain.head,
    servers: chain.head.document.servers,
    profileHash: profile === null ? chain.head.document.profile_hash : profileHash(JSON.stringify(profile)),
    changedAt: network.clock(),
    master: alice.master,
    recovery: alice.recovery,
    signer: alice.master,
  });
  const { code } = await call("updateProfile", { body: { record: statement, profile: text } });
  if (code === null) chain = appendRecord(chain, alice.address, statement);
  return code;
}
const naming = (bytes: Uint8Array, more: object = {}) => ({
  name: "Alice",
  avatar: { hash: hashOf(bytes), media_type: "image/png" },
  ...more,
});

describe("an avatar", () => {
  it("is shown once the profile names it, whichever comes first", async () => {
    const [first, second] = [image(PNG), image(JPEG)];
    expect((await post(first)).answer).toEqual({ hash: hashOf(first) });
    expect(await shown()).toBe("not_found");
    expect(await setProfile(naming(first))).toBeNull();
    expect(await shown()).toBe(hashOf(first));
    expect(await setProfile(naming(second))).toBeNull();
    expect(await shown()).toBe("not_found");
    await post(second);
    expect(await shown()).toBe(hashOf(second));
    // Another change of the profile leaves it, as does an image that waits.
    await post(first);
    await setProfile(naming(second, { name: "Alice B." }));
    expect(await shown()).toBe(hashOf(second));
    await setProfile(naming(first));
    expect(await shown()).toBe(hashOf(first));
    await setProfile(naming(second));
    expect(await shown()).toBe("not_found");
  });

  it("comes with headers that let it be nothing but an image", async () => {
    for (const [signature, type] of [
      [PNG, "image/png"],
      [JPEG, "image/jpeg"],
    ] as const) {
      const bytes = image(signature);
      await post(bytes);
      await setProfile(naming(bytes));
      const { headers, bytes: got } = await get();
      expect(new Uint8Array(got)).toEqual(bytes);
      expect(headers.get("content-type")).toBe(type);
      expect(headers.get("content-length")).toBe(String(bytes.length));
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'; sandbox");
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("cache-control")).toBe("public, max-age=60");
      expect(headers.get("etag")).toBe(`"${hashOf(bytes)}"`);
    }
  });

  it("is not sent again to who has it, nor to who only asks about it", async () => {
    const bytes = image(PNG);
    await post(bytes);
    await setProfile(naming(bytes));
    const held = await get({ "if-none-match": `"${hashOf(bytes)}"` });
    expect([held.status, held.bytes.length]).toEqual([304, 0]);
    const url = `${network.server("alpha.example").baseUrl}1.0/user_avatar/${encodeURIComponent(alice.address)}`;
    const asked = await network.fetch(url, { method: "HEAD", redirect: "manual", headers: { range: "bytes=0-9" } });
    expect([asked.status, asked.headers.get("content-length"), asked.headers.get("content-type")]).toEqual([
      200,
      String(bytes.length),
      "image/png",
    ]);
    expect(Buffer.from(await new Response(asked.body as never).arrayBuffer()).length).toBe(0);
    const nobody = await network.fetch(url.replace("alice", "nobody"), { method: "HEAD", redirect: "manual", headers: {} });
    expect(nobody.status).toBe(404);
  });

  it("is PNG or JPEG, of a megabyte at the most, from its owner", async () => {
    const whole = image(PNG, MAX_AVATAR_BYTES);
    expect((await post(whole)).status).toBe(200);
    await setProfile(naming(whole));
    expect(await shown()).toBe(hashOf(whole));
    expect((await post(image(PNG, MAX_AVATAR_BYTES + 1))).code).toBe("too_large");
    const others = [
      new Uint8Array(),
      utf8("<svg onload=alert(1)>"),
      utf8("GIF89a"),
      new Uint8Array(PNG.slice(0, 7)),
      new Uint8Array(JPEG.slice(0, 2)),
    ];
    for (const bytes of others) expect((await post(bytes as Uint8Array<ArrayBuffer>)).code).toBe("bad_request");
    expect((await call("postUserAvatar", { body: image(PNG) })).code).toBe("unauthenticated");
    expect((await call("getUserAvatar", { params: { address: "nobody#alpha.example" } })).code).toBe("unknown_user");
    expect((await call("getUserAvatar", { params: { address: "nobody" } })).code).toBe("bad_address");
  });

  it("that no profile names goes when another is stored", async () => {
    const [first, second] = [image(PNG), image(PNG)];
    await post(first);
    await post(second);
    await setProfile(naming(first));
    expect(await shown()).toBe("not_found");
  });
});

describe("a profile that is deleted", () => {
  it("takes the avatar with it, whatever hash stays in the history", async () => {
    const bytes = image(PNG);
    await post(bytes);
    await setProfile(naming(bytes));
    await post(image(JPEG));
    const before = chain.head.document.profile_hash;
    expect(await setProfile(null)).toBeNull();
    expect(await shown()).toBe("not_found");
    const { answer } = await call("getHistory", { params: { address: alice.address } });
    expect([answer.profile, answer.records.length]).toEqual([null, 3]);
    expect(chain.head.document.profile_hash).toBe(before);
    // Naming the same once more doesn't bring it back: it is gone.
    expect(await setProfile(naming(bytes))).toBeNull();
    expect(await shown()).toBe("not_found");
  });

  it("goes too when another names no avatar", async () => {
    const bytes = image(PNG);
    await post(bytes);
    await setProfile(naming(bytes));
    await setProfile({ name: "Alice" });
    expect(await shown()).toBe("not_found");
    await setProfile(naming(bytes));
    expect(await shown()).toBe("not_found");
  });
});
