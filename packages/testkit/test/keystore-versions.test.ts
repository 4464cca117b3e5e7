import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { concat, hash, KEYSTORE_VERSIONS, randomBytes, toHex, uint64be } from "@smimp/protocol";
import { joinRaw, rawCaller, rawSession, startNetwork, type Network, type RawCaller, type TestIdentity } from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 8: the keystore's versions, and what becomes of old ones.

let dataDir: string;
let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let token: string;
let people = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "smimp-keystores-"));
  network = await startNetwork({ domains: ["alpha.example"], config: generous, dataDir });
  call = rawCaller(network.fetch, network.server("alpha.example").baseUrl);
});
beforeEach(async () => {
  [alice, token] = await enrol(`alice${++people}`);
});
afterAll(async () => {
  await network.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function enrol(name: string): Promise<[TestIdentity, string]> {
  const { baseUrl } = network.server("alpha.example");
  const identity = await joinRaw(network, `${name}#alpha.example`);
  return [identity, await rawSession(network, baseUrl, identity)];
}

const keystore = (version: number, bytes: Uint8Array = randomBytes(200)) => concat(uint64be(version), bytes) as Uint8Array<ArrayBuffer>;
const etagOf = (bytes: Uint8Array) => `"${toHex(hash(bytes))}"`;
const put = async (body: Uint8Array<ArrayBuffer>, seen: Uint8Array | null, keep?: string, as = token) =>
  await call("putKeystore", {
    token: as,
    body,
    headers: seen === null ? { "if-none-match": "*" } : { "if-match": etagOf(seen) },
    ...(keep === undefined ? {} : { query: { keep } }),
  });
const get = async (version?: number, as = token) =>
  await call("getKeystore", { token: as, ...(version === undefined ? {} : { query: { version: String(version) } }) });

/** Versions 1 to n, each on the one before. */
async function history(count: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const all: Uint8Array<ArrayBuffer>[] = [];
  for (let version = 1; version <= count; version++) {
    const next = keystore(version);
    expect((await put(next, all.at(-1) ?? null)).status).toBe(204);
    all.push(next);
  }
  return all;
}

async function kept(upTo: number): Promise<number[]> {
  const found: number[] = [];
  for (let version = 1; version <= upTo; version++) if ((await get(version)).status === 200) found.push(version);
  return found;
}

describe("versions of a keystore", () => {
  it("are kept, the last ten, and asked for by number", async () => {
    const all = await history(KEYSTORE_VERSIONS + 2);
    expect(new Uint8Array((await get()).bytes)).toEqual(all.at(-1));
    expect(new Uint8Array((await get(4)).bytes)).toEqual(all[3]);
    expect((await get(4)).headers.get("etag")).toBe(etagOf(all[3] ?? new Uint8Array()));
    expect(await kept(13)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect((await get(13)).code).toBe("not_found");
    const held = await call("getKeystore", { token, headers: { "if-none-match": etagOf(all.at(-1) ?? new Uint8Array()) } });
    expect([held.status, held.bytes.length]).toEqual([304, 0]);
  });

  it("are erased with the write that says so, and only with one that succeeds", async () => {
    const all = await history(6);
    const last = all.at(-1) ?? null;
    expect((await put(keystore(7), null, "1")).code).toBe("precondition_failed");
    expect((await put(keystore(7), all[0] ?? null, "1")).code).toBe("precondition_failed");
    for (const keep of ["0", "11", "01", "-1", "1.0", "", "x"])
      expect([keep, (await put(keystore(7), last, keep)).code]).toEqual([keep, "bad_request"]);
    expect(await kept(7)).toEqual([1, 2, 3, 4, 5, 6]);
    const seventh = keystore(7);
    expect((await put(seventh, last, "3")).status).toBe(204);
    expect(await kept(7)).toEqual([5, 6, 7]);
    expect((await put(keystore(8), seventh, "1")).status).toBe(204);
    expect(await kept(8)).toEqual([8]);
  });

  it("belong to one account, and to its recovery session too", async () => {
    const [first] = await history(1);
    const [, eve] = await enrol(`eve${people}`);
    expect((await get(undefined, eve)).code).toBe("not_found");
    expect((await put(keystore(2), first ?? null, undefined, eve)).code).toBe("precondition_failed");
    const recovery = await rawSession(network, network.server("alpha.example").baseUrl, alice, { role: "recovery" });
    expect(new Uint8Array((await get(undefined, recovery)).bytes)).toEqual(first);
    expect((await put(keystore(2), first ?? null, "1", recovery)).status).toBe(204);
  });

  it("are written on what the writer saw", async () => {
    const [first = new Uint8Array()] = await history(1);
    expect((await call("putKeystore", { token, body: keystore(2) })).code).toBe("precondition_required");
    for (const headers of [
      { "if-match": "*" },
      { "if-match": `W/${etagOf(first)}` },
      { "if-match": etagOf(first), "if-none-match": "*" },
    ]) {
      expect((await call("putKeystore", { token, body: keystore(2), headers })).code).toBe("bad_request");
    }
    for (const body of [new Uint8Array(), new Uint8Array(8), new Uint8Array(9).fill(0xff)]) {
      expect((await call("putKeystore", { token, body, headers: { "if-match": etagOf(first) } })).code).toBe("bad_request");
    }
  });

  it("that two devices write at once follow each other, and none is lost", async () => {
    // Each device's keystore is the set of what all have added, as the bytes after the version.
    const additions = 12;
    const start = keystore(1, new Uint8Array([0]));
    await put(start, null);
    const device = async (mark: number): Promise<number> => {
      let refused = 0;
      for (let added = 0; added < additions; added++) {
        for (;;) {
          const newest = new Uint8Array((await get()).bytes);
          const version = Number(new DataView(newest.buffer).getBigUint64(0)) + 1;
          const { status, code } = await put(keystore(version, concat(newest.subarray(8), new Uint8Array([mark]))), newest);
          if (status === 204) break;
          expect(code).toBe("precondition_failed");
          refused++;
        }
      }
      return refused;
    };
    await Promise.all([device(1), device(2), device(3)]);
    const all = [...new Uint8Array((await get()).bytes).subarray(8)];
    expect([1, 2, 3].map((mark) => all.filter((each) => each === mark).length)).toEqual([additions, additions, additions]);
    expect(Number(new DataView(new Uint8Array((await get()).bytes).buffer).getBigUint64(0))).toBe(1 + 3 * additions);
  });

  it("leave nothing behind on the disk once they are erased", async () => {
    const secret = randomBytes(9_000);
    const first = keystore(1, secret);
    await put(first, null);
    await put(keystore(2), first, "1");
    await network.close();
    const folder = join(dataDir, "alpha.example");
    const files = (await readdir(folder, { withFileTypes: true, recursive: true })).filter((entry) => entry.isFile());
    expect(files.some(({ name }) => name === "smimp.sqlite")).toBe(true);
    for (const file of files) {
      const bytes = await readFile(join(file.parentPath, file.name));
      for (let at = 0; at < secret.length; at += 1_000) expect(bytes.includes(secret.subarray(at, at + 24))).toBe(false);
    }
  });
});
