import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseBaseUrl, toB64, utf8, type ExportLine } from "@smimp/protocol";
import { createIdentity, fakeClock, joinRaw, rawSession, type Network, type RawCaller, type TestIdentity } from "../src/index.ts";
import { bytesOf, callerOf, deliver, importBody, joinPeople, linesOf, startTwoHomes } from "./moving-account.ts";

// Protocol section 8: an import happens whole or not at all, and only for who owns address and code.

let network: Network;
let alpha: RawCaller;
let beta: RawCaller;
let alice: TestIdentity;
let code: string;
let exported: Uint8Array;
let count = 0;
/** How long something that happens by itself is waited for. */
const SOON = { timeout: 15_000 };
const clock = fakeClock();
const urlOf = (domain: string) => network.server(domain).baseUrl;

beforeAll(async () => {
  network = await startTwoHomes(clock, { quotas: { exportsPerHour: 1_000, accountBytes: 500_000 } });
  alpha = callerOf(network, "alpha.example");
  beta = callerOf(network, "beta.example");
});
afterAll(async () => await network.close());

// Somebody else for each case, on the way from alpha to beta: with two messages, one with attachments.
beforeEach(async () => {
  const bob = await joinRaw(network, `bob${count}#beta.example`, 3);
  const { identity } = await joinPeople(network, `alice${count++}`);
  for (const sizes of [[], [60_000, 40]]) await deliver(network, urlOf("alpha.example"), bob, identity.address, "text", sizes);
  alice = identity.append({ servers: [urlOf("alpha.example"), urlOf("beta.example")] });
  await alpha("updateProfile", { body: { record: alice.chain.head.statement, profile: null } });
  ({ code } = await network.invite("beta.example", alice.address));
  exported = (await alpha("exportAccount", { token: await rawSession(network, urlOf("alpha.example"), alice) })).bytes;
});

async function importWith(body: Uint8Array<ArrayBuffer>, identity = alice) {
  return await beta("importAccount", { token: await rawSession(network, urlOf("beta.example"), identity), body });
}

async function changed(change: (lines: readonly ExportLine[]) => readonly ExportLine[]) {
  return (await importWith(importBody(code, bytesOf(change(linesOf(exported) as readonly ExportLine[]))))).code;
}

/** Nothing of the account is at the new server: no history, no file; and the code is still good. */
async function nothingThere(): Promise<void> {
  expect((await beta("getHistory", { params: { address: alice.address } })).code).toBe("unknown_user");
  const files = await readdir(join(network.dataDir, "beta.example", "blobs"), { recursive: true });
  expect(files.filter((name) => /[0-9a-f]{64}/.test(name))).toEqual([]);
  const { answer } = await importWith(importBody(code, exported));
  expect(answer).toEqual({ link: alice.chain.head.link });
  const token = await rawSession(network, urlOf("beta.example"), alice);
  expect((await beta("getChanges", { token, query: { since: "0" } })).answer.created).toHaveLength(2);
  // Gone again, so that the next case finds an empty folder.
  for (const id of (await beta("getChanges", { token, query: { since: "0" } })).answer.created)
    await beta("deleteMessage", { token, params: { id } });
}

describe("an import leaves nothing behind", () => {
  it("where it breaks off, wherever that is", async () => {
    for (const part of [0.02, 0.2, 0.5, 0.9, 0.999]) {
      const cut = importBody(code, exported.subarray(0, Math.floor(exported.length * part)));
      expect((await importWith(cut)).code).toBe("bad_request");
    }
    await nothingThere();
  });

  it("where the connection breaks in the middle", async () => {
    const token = await rawSession(network, urlOf("beta.example"), alice);
    const half = importBody(code, exported.subarray(0, exported.length / 2));
    const stop = new AbortController();
    async function* stalling() {
      yield half;
      setTimeout(() => stop.abort(), 300);
      await new Promise((resolve) => stop.signal.addEventListener("abort", resolve));
    }
    const headers = { "smimp-authentication": token };
    const init = { method: "POST", redirect: "manual", duplex: "half", headers, body: stalling(), signal: stop.signal } as const;
    await expect(network.fetch(`${urlOf("beta.example")}1.0/import_account`, init)).rejects.toThrow();
    // The server learns of it in its own time; until then it says that an import is under way.
    await expect.poll(async () => (await importWith(importBody("A".repeat(32), new Uint8Array()))).code, SOON).toBe("unauthenticated");
    await nothingThere();
  });

  it("where a line is none, out of place, or of another account", async () => {
    expect(await changed((lines) => [...lines, { kind: "unheard-of" } as unknown as ExportLine])).toBe("bad_request");
    expect(await changed((lines) => lines.filter(({ kind }) => kind !== "account"))).toBe("bad_request");
    expect(await changed((lines) => lines.filter(({ kind }) => kind !== "record"))).toBe("history_invalid");
    expect(
      await changed((lines) => [...lines.filter(({ kind }) => kind !== "record"), ...lines.filter(({ kind }) => kind === "record")]),
    ).toBe("history_invalid");
    expect(await changed((lines) => lines.toReversed())).toBe("bad_request");
    const end = exported.lastIndexOf(0x0a, exported.length - 2) + 1;
    expect((await importWith(importBody(code, Buffer.concat([exported, exported.subarray(end)])))).code).toBe("bad_request");
    expect((await importWith(importBody(code, utf8("[]\n")))).code).toBe("bad_request");
    expect((await importWith(utf8("\n\n") as Uint8Array<ArrayBuffer>)).code).toBe("bad_request");
    await nothingThere();
  });

  it("where bytes are wrong, missing, too many, or a line too long", async () => {
    const flipped = (line: ExportLine) =>
      line.kind === "bytes" && line.bytes.length < 100 ? { ...line, bytes: toB64(new Uint8Array(40)) } : line;
    expect(await changed((lines) => lines.map(flipped))).toBe("bad_request");
    expect(await changed((lines) => lines.filter(({ kind }) => kind !== "bytes"))).toBe("bad_request");
    const doubled = (line: ExportLine): readonly ExportLine[] => (line.kind === "bytes" ? [line, line] : [line]);
    expect(await changed((lines) => lines.flatMap(doubled))).toBe("bad_request");
    expect(await changed((lines) => lines.filter(({ kind }) => kind !== "blob"))).toBe("bad_request");
    const renamed = (line: ExportLine) => (line.kind === "message" ? { ...line, message_id: alice.chain.head.link } : line);
    expect(await changed((lines) => lines.map(renamed))).toBe("bad_request");
    expect((await importWith(importBody(code, new Uint8Array(3 * 1024 * 1024).fill(0x20)))).code).toBe("too_large");
    await nothingThere();
  });

  it("where the account is larger than the new server allows", async () => {
    const twice = (line: ExportLine) => (line.kind === "blob" ? { ...line, size: line.size * 2 } : line);
    expect(await changed((lines) => lines.map(twice))).toBe("bad_request");
    const large = await startTwoHomes(clock, (domain) => (domain === "beta.example" ? { quotas: { accountBytes: 100_000 } } : {}));
    try {
      const bob = await joinRaw(large, "bob#beta.example", 3);
      const { identity } = await joinPeople(large, "alice");
      const [from, to] = [large.server("alpha.example").baseUrl, large.server("beta.example").baseUrl];
      for (const sizes of [[70_000], [70_000]]) await deliver(large, from, bob, identity.address, "text", sizes);
      const both = identity.append({ servers: [from, to] });
      await callerOf(large, "alpha.example")("updateProfile", { body: { record: both.chain.head.statement, profile: null } });
      const { bytes } = await callerOf(large, "alpha.example")("exportAccount", { token: await rawSession(large, from, both) });
      const invite = await large.invite("beta.example", both.address);
      const there = callerOf(large, "beta.example");
      const token = await rawSession(large, to, both);
      expect((await there("importAccount", { token, body: importBody(invite.code, bytes) })).code).toBe("quota_exceeded");
      expect((await there("getHistory", { params: { address: both.address } })).code).toBe("unknown_user");
      const files = await readdir(join(large.dataDir, "beta.example", "blobs"), { recursive: true });
      expect(files.filter((name) => /[0-9a-f]{64}/.test(name))).toEqual([]);
    } finally {
      await large.close();
    }
    await nothingThere();
  });
});

describe("an import is refused", () => {
  it("without session, code, or the right address", async () => {
    const body = importBody(code, exported);
    expect((await beta("importAccount", { body })).code).toBe("unauthenticated");
    expect((await importWith(importBody(null, exported))).code).toBe("unauthenticated");
    expect((await importWith(importBody("A".repeat(32), exported))).code).toBe("unauthenticated");
    const { code: others } = await network.invite(
      "beta.example",
      createIdentity("other#people.example", urlOf("alpha.example"), clock()).address,
    );
    expect((await importWith(importBody(others, exported))).code).toBe("unauthenticated");
    const eve = await joinRaw(network, `eve${count}#alpha.example`);
    expect((await importWith(body, eve)).code).toBe("wrong_server");
    const { identity: mallory } = await joinPeople(network, `mallory${count}`);
    await network.invite("beta.example", mallory.address);
    expect((await importWith(body, mallory)).code).toBe("unauthenticated");
    await nothingThere();
    // A code that is used up, and an account that is there.
    const token = await rawSession(network, urlOf("beta.example"), alice);
    expect((await beta("importAccount", { token, body })).answer).toEqual({ link: alice.chain.head.link });
    const { answer } = await beta("getChanges", { token, query: { since: "0" } });
    expect(answer.created).toEqual([]);
  });

  it("with a history that ends elsewhere, or is another", async () => {
    const elsewhere = alice.append({ servers: [urlOf("alpha.example"), parseBaseUrl("https://smimp.elsewhere.example/")] });
    expect((await alpha("updateProfile", { body: { record: elsewhere.chain.head.statement, profile: null } })).code).toBeNull();
    clock.advance(30);
    // Exported before the last record: the world sees more by now.
    expect((await importWith(importBody(code, exported))).code).toBe("conflict");
    const token = await rawSession(network, urlOf("alpha.example"), elsewhere);
    const { bytes } = await alpha("exportAccount", { token });
    expect((await importWith(importBody(code, bytes), elsewhere)).code).toBe("server_mismatch");
  });

  it("never by the server that it came from: there it adds nothing", async () => {
    const away = await rawSession(network, urlOf("alpha.example"), alice);
    expect((await alpha("importAccount", { token: away, body: importBody(null, exported) })).answer).toEqual({
      link: alice.chain.head.link,
    });
  });
});
