import { randomBytes } from "node:crypto";
import { hash, toHex32, type BlobReference } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  askKey,
  joinRaw,
  rawCaller,
  rawSession,
  sealRaw,
  startNetwork,
  type AskedKey,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 6: blobs that no message names yet take no more of the disk than the sender's share and the recipient's quota.

const SHARE = 300_000;
const MAILBOX = 700_000;
const SIZE = 200_000;

let network: Network;
let call: RawCaller;
let alice: TestIdentity;
const baseUrl = () => network.server("alpha.example").baseUrl;

beforeAll(async () => {
  const config = { ...generous, quotas: { ...generous.quotas, uploadBytes: SHARE, accountBytes: MAILBOX, uploadPercentPerSender: 100 } };
  network = await startNetwork({ domains: ["alpha.example"], config });
  call = rawCaller(network.fetch, baseUrl());
  alice = await joinRaw(network, "alice#alpha.example");
});
afterAll(async () => await network.close());

async function sender(name: string) {
  const identity = await joinRaw(network, `${name}#alpha.example`);
  const token = await rawSession(network, baseUrl(), identity);
  const ask = async (): Promise<AskedKey> => await askKey(call, token, alice.address);
  const put = async (key: AskedKey, size = SIZE) => {
    const body = randomBytes(size);
    const blob: BlobReference = { hash: toHex32(hash(body)), size };
    const { code } = await call("putBlob", { token, params: { hash: blob.hash }, query: { ticket: key.ticket }, body });
    return { blob, code };
  };
  const send = async (key: AskedKey, blobs: readonly BlobReference[]) => {
    const { statement } = sealRaw(identity, alice.address, key, network.clock(), { blobs });
    return await call("sendMessage", { token, params: { address: alice.address }, body: statement });
  };
  return { ask, put, send };
}

describe("blobs that no message names yet", () => {
  it("count together under all tickets of a sender, until their message is there", async () => {
    const bob = await sender("bob");
    const first = await bob.ask();
    const { blob, code } = await bob.put(first);
    expect(code).toBeNull();
    expect((await bob.put(await bob.ask())).code).toBe("rate_limited");
    const carol = await sender("carol");
    expect((await carol.put(await carol.ask())).code).toBeNull();
    expect((await bob.send(first, [blob])).status).toBe(200);
    expect((await bob.put(await bob.ask())).code).toBeNull();
  });

  it("count against the recipient's quota, whoever uploads them", async () => {
    // Three of 200,000 are there by now, one of them named.
    const dave = await sender("dave");
    expect((await dave.put(await dave.ask())).code).toBe("quota_exceeded");
    expect((await dave.put(await dave.ask(), 50_000)).code).toBeNull();
  });

  it("count while they come in, however many do at once", async () => {
    const frank = await joinRaw(network, "frank#alpha.example");
    const token = await rawSession(network, baseUrl(), frank);
    const keys = await Promise.all(Array.from({ length: 12 }, async () => await askKey(call, token, frank.address)));
    const puts = await Promise.all(
      keys.map(async ({ ticket }) => {
        const body = randomBytes(SIZE);
        return await call("putBlob", { token, params: { hash: toHex32(hash(body)) }, query: { ticket }, body });
      }),
    );
    expect(puts.filter(({ code }) => code === null).length).toBeLessThanOrEqual(1);
    expect(new Set(puts.map(({ code }) => code ?? "rate_limited"))).toEqual(new Set(["rate_limited"]));
  });
});
