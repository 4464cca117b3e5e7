import { randomBytes as manyRandomBytes } from "node:crypto";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { constants } from "node:http2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ARCHIVE_BYTES, hash, parseJsonBytes, randomBytes, toB64, toHex32 } from "@smimp/protocol";
import { openAdmin } from "@smimp/server";
import { askKey, joinRaw, rawSession, sealRaw } from "../src/index.ts";
import { startHttp, type HttpWorld } from "./http.ts";

// What a server shows over HTTP to those who have an account (protocol sections 2, 8 and 12): conditions, streams, and when it ends.

let world: HttpWorld;
beforeAll(async () => {
  world = await startHttp();
});
afterAll(async () => await world.network.close());

describe("keystore", () => {
  it("moves on by ETag only, and keeps versions", async () => {
    const keystore = (version: number) => Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, version]), randomBytes(100)]);
    const put = (body: Buffer<ArrayBuffer>, headers: Record<string, string> = {}) =>
      world.call("putKeystore", { token: world.aliceToken, body, headers });
    const first = keystore(1);
    expect((await put(first)).code).toBe("precondition_required");
    const stored = await put(first, { "if-none-match": "*" });
    const etag = stored.headers.get("etag") ?? "";
    expect((await put(first, { "if-none-match": "*" })).code).toBe("precondition_failed");
    expect((await put(keystore(2), { "if-match": '"other"' })).code).toBe("precondition_failed");
    expect((await put(keystore(2), { "if-match": etag })).status).toBe(204);
    expect(Buffer.from((await world.call("getKeystore", { token: world.aliceToken, query: { version: "1" } })).bytes)).toEqual(first);
    const newest = await world.call("getKeystore", { token: world.aliceToken });
    expect(
      (await world.call("getKeystore", { token: world.aliceToken, headers: { "if-none-match": newest.headers.get("etag") ?? "" } })).status,
    ).toBe(304);
    expect((await world.call("getKeystore", { token: world.aliceToken, query: { version: "7" } })).code).toBe("not_found");
    const recovery = await rawSession(world.network, world.network.server("alpha.example").baseUrl, world.alice, { role: "recovery" });
    expect((await world.call("getKeystore", { token: recovery })).status).toBe(200);
    expect((await world.call("getQuota", { token: recovery })).code).toBe("unauthenticated");
  });
});

describe("a message", () => {
  it("carries the ETag that a write of its archive asks for", async () => {
    const key = await askKey(world.call, world.bobToken, world.alice.address);
    const { messageId, statement } = sealRaw(world.bob, world.alice.address, key, world.network.clock());
    await world.call("sendMessage", { token: world.bobToken, params: { address: world.alice.address }, body: statement });
    const params = { id: messageId, update_read: "false" };
    expect((await world.call("getMessage", { token: world.aliceToken, params })).headers.get("etag")).toBeNull();
    const put = async (condition: Record<string, string>) => {
      const body = { archive: toB64(randomBytes(ARCHIVE_BYTES)), summary: toB64(randomBytes(80)) };
      return await world.call("putMessageArchive", { token: world.aliceToken, params, body, headers: condition });
    };
    const first = (await put({ "if-none-match": "*" })).headers.get("etag") ?? "";
    const shown = (await world.call("getMessage", { token: world.aliceToken, params: { ...params, update_read: "true" } })).headers.get(
      "etag",
    );
    expect(shown).toBe(first);
    expect((await put({ "if-match": '"other"' })).code).toBe("precondition_failed");
    expect((await put({ "if-match": first })).status).toBe(204);
  });
});

describe("streams that HTTP/2 resets", () => {
  it("hold no file open and use up no share of event streams", async () => {
    const key = await askKey(world.call, world.bobToken, world.alice.address);
    // Larger than what a connection takes in by itself, so that the file is still open when the reset comes.
    const bytes = manyRandomBytes(4 * 1024 * 1024);
    const blob = { hash: toHex32(hash(bytes)), size: bytes.length };
    expect(
      (await world.call("putBlob", { token: world.bobToken, params: { hash: blob.hash }, query: { ticket: key.ticket }, body: bytes }))
        .status,
    ).toBe(201);
    const { statement } = sealRaw(world.bob, world.alice.address, key, world.network.clock(), { blobs: [blob] });
    expect(
      (await world.call("sendMessage", { token: world.bobToken, params: { address: world.alice.address }, body: statement })).status,
    ).toBe(200);

    const session = world.http2Session();
    const resetAfter = async (path: string, milliseconds: number): Promise<void> => {
      const stream = session.request({ ":path": path, "smimp-authentication": world.aliceToken });
      stream.on("error", () => undefined);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      stream.close(constants.NGHTTP2_CANCEL);
    };
    for (const milliseconds of [0, 1, 2, 4, 8, 16]) {
      await Promise.all(Array.from({ length: 8 }, async () => await resetAfter("/1.0/events", milliseconds)));
      await Promise.all(Array.from({ length: 8 }, async () => await resetAfter(`/1.0/blob/${blob.hash}`, milliseconds)));
    }
    session.destroy();
    const openFiles = (): number => {
      const links = readdirSync("/proc/self/fd").map((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`);
        } catch {
          return "";
        }
      });
      return links.filter((file) => file.includes(blob.hash)).length;
    };
    if (existsSync("/proc/self/fd")) await expect.poll(openFiles).toBe(0);
    await expect
      .poll(async () => {
        const { baseUrl } = world.network.server("alpha.example");
        const abort = new AbortController();
        const headers = { "smimp-authentication": world.aliceToken };
        const { status } = await world.network.fetch(`${baseUrl}1.0/events`, { headers, redirect: "manual", signal: abort.signal });
        abort.abort();
        return status;
      })
      .toBe(200);
  });
});

describe("events", () => {
  it("tell the state at hand, then each new one, and end with the session", async () => {
    const token = await rawSession(world.network, world.network.server("alpha.example").baseUrl, world.alice);
    const { baseUrl } = world.network.server("alpha.example");
    const response = await world.network.fetch(`${baseUrl}1.0/events`, { headers: { "smimp-authentication": token }, redirect: "manual" });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    const next = async (): Promise<string | null> => {
      const { done, value } = await reader.next();
      return done === true ? null : Buffer.from(value).toString("utf8");
    };
    const first = await next();
    expect(first).toMatch(/^event: state\ndata: \{"state":"[0-9]+"\}\n\n$/);
    const key = await askKey(world.call, world.bobToken, world.alice.address);
    const envelope = sealRaw(world.bob, world.alice.address, key, world.network.clock());
    expect(
      (await world.call("sendMessage", { token: world.bobToken, params: { address: world.alice.address }, body: envelope.statement }))
        .status,
    ).toBe(200);
    const second = await next();
    expect(second).not.toBe(first);
    await world.call("destroySession", { token });
    expect(await next()).toBeNull();
    const since = /[0-9]+/.exec(first ?? "")?.[0] ?? "";
    const changes = parseJsonBytes((await world.call("getChanges", { token: world.aliceToken, query: { since } })).bytes);
    expect(changes).toMatchObject({ created: [envelope.messageId], more: false });
  });
});

describe("a disabled account", () => {
  it("is not accepted from outside, and not known to itself", async () => {
    const { baseUrl, config } = world.network.server("alpha.example");
    const carol = await joinRaw(world.network, "carol#alpha.example", 2);
    const token = await rawSession(world.network, baseUrl, carol);
    const key = await askKey(world.call, world.bobToken, carol.address);
    const envelope = sealRaw(world.bob, carol.address, key, world.network.clock());
    const admin = await openAdmin(config);
    await admin.disableAccount(carol.address);
    expect((await world.call("getQuota", { token })).code).toBe("unauthenticated");
    expect(
      (await world.call("getMessageKey", { token: world.bobToken, body: { address: carol.address, message_type: "email" } })).code,
    ).toBe("not_accepted");
    expect(
      (await world.call("sendMessage", { token: world.bobToken, params: { address: carol.address }, body: envelope.statement })).code,
    ).toBe("not_accepted");
    await expect(rawSession(world.network, baseUrl, carol)).rejects.toThrow("unauthenticated");
    await admin.enableAccount(carol.address);
    expect(await rawSession(world.network, baseUrl, carol)).toBeTypeOf("string");
    expect((await admin.listAccounts()).map(({ address }) => address)).toContain(carol.address);
    await admin.close();
  });
});
