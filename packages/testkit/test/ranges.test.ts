import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hash, toHex32, UNNAMED_BLOB_LIFE, type BlobReference, type Hex32 } from "@smimp/protocol";
import {
  askKey,
  fakeClock,
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

// Protocol sections 6 and 8: blobs, whole and in parts, and what becomes of those that no message names.

const clock = fakeClock();
let dataDir: string;
let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let token: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "smimp-ranges-"));
  network = await start();
  alice = await joinRaw(network, "alice#alpha.example");
  await logIn();
});
afterAll(async () => {
  await network.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<Network> {
  const started = await startNetwork({ domains: ["alpha.example"], clock, config: generous, dataDir });
  call = rawCaller(started.fetch, started.server("alpha.example").baseUrl);
  return started;
}
async function logIn(): Promise<void> {
  token = await rawSession(network, network.server("alpha.example").baseUrl, alice);
}

async function upload(bytes: Buffer): Promise<{ readonly blob: BlobReference; readonly key: Awaited<ReturnType<typeof askKey>> }> {
  const key = await askKey(call, token, alice.address);
  const blob = { hash: toHex32(hash(bytes)), size: bytes.length };
  const put = await call("putBlob", { token, params: { hash: blob.hash }, query: { ticket: key.ticket }, body: new Uint8Array(bytes) });
  expect(put.status).toBe(201);
  return { blob, key };
}

/** Sends oneself a message that names a blob. */
async function send(bytes: Buffer): Promise<{ readonly blob: BlobReference; readonly id: Hex32 }> {
  const { blob, key } = await upload(bytes);
  const { statement, messageId } = sealRaw(alice, alice.address, key, clock(), { blobs: [blob] });
  expect((await call("sendMessage", { token, params: { address: alice.address }, body: statement })).status).toBe(200);
  return { blob, id: messageId };
}

const get = async (blob: BlobReference, headers: Record<string, string> = {}) =>
  await call("getBlob", { token, params: { hash: blob.hash }, headers });

describe("a blob", () => {
  const bytes = randomBytes(200_000);
  const [size, last] = [bytes.length, bytes.length - 1];
  let blob: BlobReference;
  beforeAll(async () => {
    ({ blob } = await send(bytes));
  });

  it.each([
    ["bytes=0-0", 0, 0],
    ["bytes=0-99", 0, 99],
    ["bytes=65536-131071", 65_536, 131_071],
    [`bytes=${last}-`, last, last],
    ["bytes=100-", 100, last],
    ["bytes=-100", size - 100, last],
    [`bytes=-${size * 2}`, 0, last],
    [`bytes=0-${size * 2}`, 0, last],
    ["bytes=0-", 0, last],
  ] as const)("comes as the one range %s", async (range, start, end) => {
    const part = await get(blob, { range });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe(`bytes ${start}-${end}/${size}`);
    expect(part.headers.get("content-length")).toBe(String(end - start + 1));
    expect(part.headers.get("etag")).toBe(`"${blob.hash}"`);
    expect(Buffer.from(part.bytes).equals(bytes.subarray(start, end + 1))).toBe(true);
  });

  it.each([`bytes=${size}-`, "bytes=-0", `bytes=${"9".repeat(30)}-`])("has nothing at %s", async (range) => {
    const outside = await get(blob, { range });
    expect([outside.status, outside.headers.get("content-range"), outside.bytes.length]).toEqual([416, `bytes */${size}`, 0]);
  });

  it.each(["bytes=0-1,4-5", "bytes=5-4", "bytes=-", "lines=0-1", "bytes=a-b", "0-1"])(
    "comes whole where %s is asked for",
    async (range) => {
      const whole = await get(blob, { range });
      expect([whole.status, whole.headers.get("content-range")]).toEqual([200, null]);
      expect(whole.headers.get("accept-ranges")).toBe("bytes");
      expect(Buffer.from(whole.bytes).equals(bytes)).toBe(true);
    },
  );

  it("is not sent to who has it; a part only to who has the rest", async () => {
    const etag = `"${blob.hash}"`;
    expect((await get(blob, { "if-none-match": etag, range: "bytes=0-1" })).status).toBe(304);
    expect((await get(blob, { "if-range": etag, range: "bytes=0-1" })).status).toBe(206);
    expect((await get(blob, { "if-range": `"${"0".repeat(64)}"`, range: "bytes=0-1" })).status).toBe(200);
    const url = `${network.server("alpha.example").baseUrl}1.0/blob/${blob.hash}`;
    const headers = { "smimp-authentication": token };
    const asked = await network.fetch(url, { method: "HEAD", redirect: "manual", headers });
    expect([asked.status, asked.headers.get("content-length"), asked.headers.get("etag")]).toEqual([200, String(size), etag]);
  });

  it("is there or not, whatever is deleted at that moment", async () => {
    for (let round = 0; round < 15; round++) {
      const { blob: mine, id } = await send(randomBytes(2_000));
      const asking = Array.from({ length: 4 }, async () => (await get(mine)).status);
      const deleting = call("deleteMessage", { token, params: { id } });
      for (const status of await Promise.all(asking)) expect([200, 404]).toContain(status);
      await deleting;
      expect((await get(mine)).code).toBe("not_found");
    }
  });
});

describe("a blob that no message names", () => {
  it("goes after 24 hours, with its file; one that is named stays", async () => {
    const named = await send(randomBytes(1_000));
    const unnamed = await upload(randomBytes(1_000));
    const files = async () =>
      (await readdir(join(dataDir, "alpha.example", "blobs"), { recursive: true })).map((name) => name.slice(3, 67));
    const restart = async (): Promise<void> => {
      // A server cleans when it starts, and every ten minutes.
      await network.close();
      network = await start();
      await logIn();
    };
    clock.advance(UNNAMED_BLOB_LIFE - 1);
    await restart();
    expect(await files()).toEqual(expect.arrayContaining([named.blob.hash, unnamed.blob.hash]));
    clock.advance(1);
    await restart();
    await expect.poll(files).not.toContain(unnamed.blob.hash);
    expect(await files()).toContain(named.blob.hash);
    expect((await get(named.blob)).status).toBe(200);
  });
});
