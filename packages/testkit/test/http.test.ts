import { randomBytes as manyRandomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as tlsConnect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ARCHIVE_BYTES, ENDPOINTS, hash, parseJsonBytes, randomBytes, toB64, toHex32 } from "@smimp/protocol";
import { openAdmin } from "@smimp/server";
import {
  askKey,
  createIdentity,
  rawCaller,
  rawJoin,
  rawSession,
  sealRaw,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// What a server shows over HTTP, whatever the endpoint (protocol sections 1, 2, 10 and 12).

let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let bob: TestIdentity;
let aliceToken: string;
let bobToken: string;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example"], config: { ...generous, limits: { messageBytes: 100_000, idleSeconds: 2 } } });
  const { baseUrl } = network.server("alpha.example");
  call = rawCaller(network.fetch, baseUrl);
  alice = createIdentity("alice#alpha.example", baseUrl, network.clock());
  bob = createIdentity("bob#alpha.example", baseUrl, network.clock());
  await rawJoin(network, alice, 4);
  await rawJoin(network, bob);
  aliceToken = await rawSession(network, baseUrl, alice);
  bobToken = await rawSession(network, baseUrl, bob);
});
afterAll(async () => await network.close());

interface PlainAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** HTTP/1.1 with any Host header, any bytes. */
async function plain(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<PlainAnswer> {
  const request = httpsRequest({
    host: "127.0.0.1",
    port: network.server("alpha.example").port,
    servername: "smimp.alpha.example",
    ca: network.authority.certificate,
    path,
    method: options.method ?? "GET",
    headers: { host: "smimp.alpha.example", ...options.headers },
    agent: false,
  });
  request.end(options.body);
  const [response] = (await once(request, "response")) as [import("node:http").IncomingMessage];
  let body = "";
  for await (const part of response) body += String(part);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

const codeOf = (answer: PlainAnswer): unknown => (JSON.parse(answer.body) as { code: unknown }).code;

describe("every answer", () => {
  it("may be read from any origin and sets no cookie, problems and smimp.txt too", async () => {
    for (const path of ["/version", "/1.0/server_information", "/1.0/quota", "/nothing", "/.well-known/smimp.txt", "/%zz"]) {
      const { headers } = await plain(path);
      expect(headers["access-control-allow-origin"]).toBe("*");
      expect(headers["access-control-expose-headers"]).toBe("ETag, Retry-After, Content-Range");
      expect(headers["set-cookie"]).toBeUndefined();
    }
  });

  it("is preceded by a preflight that allows what clients send", async () => {
    const { status, headers } = await plain("/1.0/keystore", {
      method: "OPTIONS",
      headers: { origin: "https://other.example", "access-control-request-method": "PUT" },
    });
    expect(status).toBe(204);
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers["access-control-allow-headers"]).toBe("SMIMP-Authentication, Content-Type, If-Match, If-None-Match, Range");
    expect(headers["access-control-allow-methods"]).toContain("PUT");
  });

  it("to a path that leads nowhere is a problem of its own", async () => {
    expect(codeOf(await plain("/1.0/nothing"))).toBe("not_found");
    expect(codeOf(await plain("/2.0/server_information"))).toBe("unsupported_version");
    expect(codeOf(await plain("/1.0/version"))).toBe("not_found");
    const problem = await plain("/%zz");
    expect([problem.status, codeOf(problem)]).toEqual([400, "bad_request"]);
    expect(problem.headers["content-type"]).toBe("application/problem+json");
  });
});

describe("transport", () => {
  it("is TLS 1.3 and nothing older", async () => {
    const socket = tlsConnect({
      host: "127.0.0.1",
      port: network.server("alpha.example").port,
      servername: "smimp.alpha.example",
      ca: network.authority.certificate,
      maxVersion: "TLSv1.2",
    });
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/PROTOCOL_VERSION/);
  });

  it("speaks HTTP/2 and HTTP/1.1 on one port", async () => {
    expect((await plain("/version")).body).toBe('{"versions":["1.0"]}');
    const session = http2Session();
    const stream = session.request({ ":path": "/version" });
    expect(await textOf(stream)).toBe('{"versions":["1.0"]}');
    session.close();
  });
});

/** An HTTP/2 connection of its own. */
function http2Session(): ClientHttp2Session {
  const session = connect("https://smimp.alpha.example", {
    port: network.server("alpha.example").port,
    host: "127.0.0.1",
    servername: "smimp.alpha.example",
    ca: network.authority.certificate,
  } as object);
  session.on("error", () => undefined);
  return session;
}

async function textOf(stream: ClientHttp2Stream): Promise<string> {
  let text = "";
  for await (const part of stream) text += String(part);
  return text;
}

describe("smimp.txt", () => {
  it("is served for the server's own hosts only", async () => {
    for (const host of ["alpha.example", "smimp.alpha.example", "ALPHA.example:443"]) {
      expect((await plain("/.well-known/smimp.txt", { headers: { host } })).body.trim()).toBe("https://smimp.alpha.example/");
    }
    expect(codeOf(await plain("/.well-known/smimp.txt", { headers: { host: "other.example" } }))).toBe("not_found");
  });
});

describe("bodies", () => {
  const post = (body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
    plain("/1.0/initialize_account", { method: "POST", headers, body });

  it("are strict JSON of the right type", async () => {
    expect(codeOf(await post('{"code":null,"code":null}'))).toBe("bad_request");
    expect(codeOf(await post("\ufeff{}"))).toBe("bad_request");
    expect(codeOf(await post('{"code":1.5}'))).toBe("bad_request");
    expect(codeOf(await post("{}", { "content-type": "text/plain" }))).toBe("bad_request");
    expect(codeOf(await post("{}", {}))).toBe("bad_request");
    expect(codeOf(await post(""))).toBe("bad_request");
  });

  it("are bounded by each endpoint's own limit, announced or not", async () => {
    const big = JSON.stringify({ data: "x".repeat(200_000), signature: "" });
    const headers = { "content-type": "application/json", "smimp-authentication": bobToken };
    const path = "/1.0/send_message/alice%23alpha.example";
    const announced = await plain(path, { method: "POST", headers: { ...headers, "content-length": String(big.length) }, body: big });
    expect([announced.status, codeOf(announced)]).toEqual([413, "too_large"]);
    expect(codeOf(await plain(path, { method: "POST", headers: { ...headers, "transfer-encoding": "chunked" }, body: big }))).toBe(
      "too_large",
    );
  });

  it("that go on after they were refused end with their connection", async () => {
    const socket = tlsConnect({
      host: "127.0.0.1",
      port: network.server("alpha.example").port,
      servername: "smimp.alpha.example",
      ca: network.authority.certificate,
      ALPNProtocols: ["http/1.1"],
    });
    socket.on("error", () => undefined);
    socket.write(
      "POST /1.0/messages HTTP/1.1\r\nhost: smimp.alpha.example\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n",
    );
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString("latin1")).toContain('"code":"unauthenticated"');
    const drip = setInterval(() => socket.write("x"), 100);
    await once(socket, "close");
    clearInterval(drip);
  });

  it("that are broken off are not taken for whole", async () => {
    const session = http2Session();
    const stream = session.request({
      ":method": "PUT",
      ":path": "/1.0/keystore",
      "smimp-authentication": bobToken,
      "if-none-match": "*",
      "content-type": "application/octet-stream",
    });
    stream.on("error", () => undefined);
    stream.write(Buffer.alloc(1_000));
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Told to close a stream, Node's client ends the body in good order; destroying it resets the stream.
    stream.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    session.destroy();
    expect((await call("getKeystore", { token: bobToken })).code).toBe("not_found");
  });
});

describe("for people and operators", () => {
  it("has health, readiness and pages without scripts", async () => {
    expect((await plain("/health")).status).toBe(200);
    expect((await plain("/ready")).status).toBe(200);
    for (const path of ["/", "/join"]) {
      const { headers, body, status } = await plain(path);
      expect(status).toBe(200);
      expect(headers["content-security-policy"]).toContain("default-src 'none'");
      expect(body).not.toContain("<script");
    }
  });

  it("gives out a web client under its strict policy, which asks for nothing that it doesn't need", async () => {
    const dir = mkdtempSync(join(tmpdir(), "smimp-web-dir-"));
    writeFileSync(join(dir, "index.html"), '<script type="importmap">{}</script><p>mail</p>');
    writeFileSync(join(dir, "sw.js"), "1;");
    const web = await startNetwork({ domains: ["web.example"], config: { ...generous, webDir: dir } });
    try {
      for (const path of ["", "join", "sw.js"]) {
        const { status, headers } = await web.fetch(`${web.server("web.example").baseUrl}${path}`, { method: "GET", redirect: "manual" });
        expect(status).toBe(200);
        const policy = headers.get("content-security-policy") ?? "";
        expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-[^']+';/);
        expect(policy).toContain("require-trusted-types-for 'script'; trusted-types smimp ProseMirrorClipboard");
        expect(policy).not.toMatch(/'unsafe-|\*|http:/);
        expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
        expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
        expect(headers.get("x-content-type-options")).toBe("nosniff");
        expect(headers.get("referrer-policy")).toBe("no-referrer");
        const asked = (headers.get("permissions-policy") ?? "").split(", ");
        expect(asked.filter((each) => !each.endsWith("=()"))).toEqual(["camera=(self)", "clipboard-write=(self)"]);
        const never =
          "bluetooth hid serial usb browsing-topics idle-detection screen-wake-lock publickey-credentials-get window-management local-fonts";
        for (const each of never.split(" ")) expect(asked).toContain(`${each}=()`);
      }
    } finally {
      await web.close();
      rmSync(dir, { recursive: true });
    }
  });

  it("describes every endpoint as OpenAPI 3.1", async () => {
    const document = JSON.parse((await plain("/1.0/openapi.json")).body) as {
      openapi: string;
      paths: Record<string, Record<string, unknown>>;
    };
    expect(document.openapi).toBe("3.1.0");
    for (const [name, { method, path }] of Object.entries(ENDPOINTS)) {
      const below = name === "getVersion" ? `/${path}` : `/1.0/${path}`;
      expect(document.paths[below]?.[method.toLowerCase()]).toMatchObject({ operationId: name });
    }
    expect(document.paths["/1.0/send_message/{address}"]?.["post"]).toMatchObject({
      requestBody: { description: "At most 100000 bytes." },
    });
  });

  it("logs the route and never the ticket, token or address", async () => {
    const key = await askKey(call, bobToken, alice.address);
    const bytes = Buffer.from("not the content");
    await call("putBlob", { token: bobToken, params: { hash: "00".repeat(32) }, query: { ticket: key.ticket }, body: bytes });
    const logs = network.server("alpha.example").logs();
    expect(logs).toContain('"route":"1.0/blob/{hash}"');
    for (const secret of [key.ticket, bobToken, aliceToken, "alice"]) expect(logs).not.toContain(secret);
  });
});

describe("keystore", () => {
  it("moves on by ETag only, and keeps versions", async () => {
    const keystore = (version: number) => Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, version]), randomBytes(100)]);
    const put = (body: Buffer<ArrayBuffer>, headers: Record<string, string> = {}) =>
      call("putKeystore", { token: aliceToken, body, headers });
    const first = keystore(1);
    expect((await put(first)).code).toBe("precondition_required");
    const stored = await put(first, { "if-none-match": "*" });
    const etag = stored.headers.get("etag") ?? "";
    expect((await put(first, { "if-none-match": "*" })).code).toBe("precondition_failed");
    expect((await put(keystore(2), { "if-match": '"other"' })).code).toBe("precondition_failed");
    expect((await put(keystore(2), { "if-match": etag })).status).toBe(204);
    expect(Buffer.from((await call("getKeystore", { token: aliceToken, query: { version: "1" } })).bytes)).toEqual(first);
    const newest = await call("getKeystore", { token: aliceToken });
    expect((await call("getKeystore", { token: aliceToken, headers: { "if-none-match": newest.headers.get("etag") ?? "" } })).status).toBe(
      304,
    );
    expect((await call("getKeystore", { token: aliceToken, query: { version: "7" } })).code).toBe("not_found");
    const recovery = await rawSession(network, network.server("alpha.example").baseUrl, alice, { role: "recovery" });
    expect((await call("getKeystore", { token: recovery })).status).toBe(200);
    expect((await call("getQuota", { token: recovery })).code).toBe("unauthenticated");
  });
});

describe("a message", () => {
  it("carries the ETag that a write of its archive asks for", async () => {
    const key = await askKey(call, bobToken, alice.address);
    const { messageId, statement } = sealRaw(bob, alice.address, key, network.clock());
    await call("sendMessage", { token: bobToken, params: { address: alice.address }, body: statement });
    const params = { id: messageId, update_read: "false" };
    expect((await call("getMessage", { token: aliceToken, params })).headers.get("etag")).toBeNull();
    const put = async (condition: Record<string, string>) => {
      const body = { archive: toB64(randomBytes(ARCHIVE_BYTES)), summary: toB64(randomBytes(80)) };
      return await call("putMessageArchive", { token: aliceToken, params, body, headers: condition });
    };
    const first = (await put({ "if-none-match": "*" })).headers.get("etag") ?? "";
    const shown = (await call("getMessage", { token: aliceToken, params: { ...params, update_read: "true" } })).headers.get("etag");
    expect(shown).toBe(first);
    expect((await put({ "if-match": '"other"' })).code).toBe("precondition_failed");
    expect((await put({ "if-match": first })).status).toBe(204);
  });
});

describe("streams that HTTP/2 resets", () => {
  it("hold no file open and use up no share of event streams", async () => {
    const key = await askKey(call, bobToken, alice.address);
    // Larger than what a connection takes in by itself, so that the file is still open when the reset comes.
    const bytes = manyRandomBytes(4 * 1024 * 1024);
    const blob = { hash: toHex32(hash(bytes)), size: bytes.length };
    expect(
      (await call("putBlob", { token: bobToken, params: { hash: blob.hash }, query: { ticket: key.ticket }, body: bytes })).status,
    ).toBe(201);
    const { statement } = sealRaw(bob, alice.address, key, network.clock(), { blobs: [blob] });
    expect((await call("sendMessage", { token: bobToken, params: { address: alice.address }, body: statement })).status).toBe(200);

    const session = http2Session();
    const resetAfter = async (path: string, milliseconds: number): Promise<void> => {
      const stream = session.request({ ":path": path, "smimp-authentication": aliceToken });
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
        const { baseUrl } = network.server("alpha.example");
        const abort = new AbortController();
        const headers = { "smimp-authentication": aliceToken };
        const { status } = await network.fetch(`${baseUrl}1.0/events`, { headers, redirect: "manual", signal: abort.signal });
        abort.abort();
        return status;
      })
      .toBe(200);
  });
});

describe("events", () => {
  it("tell the state at hand, then each new one, and end with the session", async () => {
    const token = await rawSession(network, network.server("alpha.example").baseUrl, alice);
    const { baseUrl } = network.server("alpha.example");
    const response = await network.fetch(`${baseUrl}1.0/events`, { headers: { "smimp-authentication": token }, redirect: "manual" });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    const next = async (): Promise<string | null> => {
      const { done, value } = await reader.next();
      return done === true ? null : Buffer.from(value).toString("utf8");
    };
    const first = await next();
    expect(first).toMatch(/^event: state\ndata: \{"state":"[0-9]+"\}\n\n$/);
    const key = await askKey(call, bobToken, alice.address);
    const envelope = sealRaw(bob, alice.address, key, network.clock());
    expect((await call("sendMessage", { token: bobToken, params: { address: alice.address }, body: envelope.statement })).status).toBe(200);
    const second = await next();
    expect(second).not.toBe(first);
    await call("destroySession", { token });
    expect(await next()).toBeNull();
    const since = /[0-9]+/.exec(first ?? "")?.[0] ?? "";
    const changes = parseJsonBytes((await call("getChanges", { token: aliceToken, query: { since } })).bytes);
    expect(changes).toMatchObject({ created: [envelope.messageId], more: false });
  });
});

describe("a disabled account", () => {
  it("is not accepted from outside, and not known to itself", async () => {
    const { baseUrl, config } = network.server("alpha.example");
    const carol = createIdentity("carol#alpha.example", baseUrl, network.clock());
    await rawJoin(network, carol, 2);
    const token = await rawSession(network, baseUrl, carol);
    const key = await askKey(call, bobToken, carol.address);
    const envelope = sealRaw(bob, carol.address, key, network.clock());
    const admin = await openAdmin(config);
    await admin.disableAccount(carol.address);
    expect((await call("getQuota", { token })).code).toBe("unauthenticated");
    expect((await call("getMessageKey", { token: bobToken, body: { address: carol.address, message_type: "email" } })).code).toBe(
      "not_accepted",
    );
    expect((await call("sendMessage", { token: bobToken, params: { address: carol.address }, body: envelope.statement })).code).toBe(
      "not_accepted",
    );
    await expect(rawSession(network, baseUrl, carol)).rejects.toThrow("unauthenticated");
    await admin.enableAccount(carol.address);
    expect(await rawSession(network, baseUrl, carol)).toBeTypeOf("string");
    expect((await admin.listAccounts()).map(({ address }) => address)).toContain(carol.address);
    await admin.close();
  });
});
