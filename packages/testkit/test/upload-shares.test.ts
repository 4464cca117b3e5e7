import { randomBytes } from "node:crypto";
import { hash, toHex32 } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askKey, joinRaw, rawCaller, rawSession, sealRaw, startNetwork, type Network, type RawCaller } from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 6: blobs that no message names yet take only a share of the recipient's room, so that nobody keeps others from sending.

const MAILBOX = 4_000_000;
const ALPHA = "alpha.example";
let network: Network;
let call: RawCaller;
let count = 0;
const base = () => network.server(ALPHA).baseUrl;

beforeAll(async () => {
  const quotas = { ...generous.quotas, accountBytes: MAILBOX, uploadPercentPerSender: 50, uploadPercentPerDomain: 75 };
  network = await startNetwork({ domains: [ALPHA, "beta.example", "gamma.example"], config: { ...generous, quotas } });
  call = rawCaller(network.fetch, base());
});
afterAll(async () => await network.close());

async function recipient() {
  return await joinRaw(network, `alice${count++}#${ALPHA}`, 5);
}

/** Somebody who uploads as much as is let through. */
async function uploader(domain: string, to: Awaited<ReturnType<typeof recipient>>) {
  const identity = await joinRaw(network, `uploader${count++}#${domain}`);
  const token = await rawSession(network, base(), identity);
  const put = async (size: number) => {
    const body = randomBytes(size);
    const key = await askKey(call, token, to.address);
    const blob = { hash: toHex32(hash(body)), size };
    const { code } = await call("putBlob", { token, params: { hash: blob.hash }, query: { ticket: key.ticket }, body });
    const deliver = async () => {
      const { statement } = sealRaw(identity, to.address, key, network.clock(), { blobs: [blob] });
      return (await call("sendMessage", { token, params: { address: to.address }, body: statement })).code;
    };
    return { code, deliver };
  };
  /** Bytes that got through before a refusal, and its code. */
  const fill = async (size: number) => {
    for (let bytes = 0; ; bytes += size) {
      const { code } = await put(size);
      if (code !== null) return { bytes, code };
    }
  };
  return { put, fill };
}

describe("while blobs wait for their messages", () => {
  it("three who upload all they can leave room for others, of their own domain and of another", async () => {
    const alice = await recipient();
    const taken: number[] = [];
    for (let index = 0; index < 3; index++) {
      const { bytes, code } = await (await uploader("beta.example", alice)).fill(200_000);
      taken.push(bytes);
      expect(code).toBe("rate_limited");
    }
    expect(taken[0]).toBe(2_000_000);
    expect(taken.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(MAILBOX * 0.75);
    // One with an account here counts alone, one of another domain with that domain.
    for (const domain of [ALPHA, "gamma.example"]) {
      const { code, deliver } = await (await uploader(domain, alice)).put(200_000);
      expect(code).toBeNull();
      expect(await deliver()).toBeNull();
    }
  });

  it("many who upload at once get no more than their shares together", async () => {
    const alice = await recipient();
    const crowd = await Promise.all(Array.from({ length: 6 }, async () => await uploader("beta.example", alice)));
    const puts = await Promise.all(crowd.flatMap(({ put }) => Array.from({ length: 4 }, async () => (await put(200_000)).code)));
    expect(puts.filter((code) => code === null).length).toBeLessThanOrEqual((MAILBOX * 0.75) / 200_000);
    expect((await (await uploader("gamma.example", alice)).put(200_000)).code).toBeNull();
  });

  it("one alone has half of the room; what is named gives its share back, and the owner may use all", async () => {
    const alice = await recipient();
    const bob = await uploader("beta.example", alice);
    expect((await bob.put(2_100_000)).code).toBe("quota_exceeded");
    const { code, deliver } = await bob.put(1_900_000);
    expect(code).toBeNull();
    expect((await bob.put(200_000)).code).toBe("rate_limited");
    expect(await deliver()).toBeNull();
    expect((await bob.put(200_000)).code).toBeNull();
    const token = await rawSession(network, base(), alice);
    const body = randomBytes(1_500_000);
    const { ticket } = await askKey(call, token, alice.address);
    expect((await call("putBlob", { token, params: { hash: toHex32(hash(body)) }, query: { ticket }, body })).code).toBeNull();
  });
});
