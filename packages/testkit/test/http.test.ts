import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { ClientHttp2Stream } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as tlsConnect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENDPOINTS } from "@smimp/protocol";
import { askKey, startNetwork } from "../src/index.ts";
import { generous } from "./generous.ts";
import { startHttp, type HttpWorld, type PlainAnswer } from "./http.ts";

// What a server shows over HTTP, whatever the endpoint (protocol sections 1, 2, 10 and 12).

let world: HttpWorld;
beforeAll(async () => {
  world = await startHttp();
});
afterAll(async () => await world.network.close());

const codeOf = (answer: PlainAnswer): unknown => (JSON.parse(answer.body) as { code: unknown }).code;

describe("every answer", () => {
  it("may be read from any origin and sets no cookie, problems and smimp.txt too", async () => {
    for (const path of ["/version", "/1.0/server_information", "/1.0/quota", "/nothing", "/.well-known/smimp.txt", "/%zz"]) {
      const { headers } = await world.plain(path);
      expect(headers["access-control-allow-origin"]).toBe("*");
      expect(headers["access-control-expose-headers"]).toBe("ETag, Retry-After, Content-Range");
      expect(headers["set-cookie"]).toBeUndefined();
    }
  });

  it("is preceded by a preflight that allows what clients send", async () => {
    const { status, headers } = await world.plain("/1.0/keystore", {
      method: "OPTIONS",
      headers: { origin: "https://other.example", "access-control-request-method": "PUT" },
    });
    expect(status).toBe(204);
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers["access-control-allow-headers"]).toBe("SMIMP-Authentication, Content-Type, If-Match, If-None-Match, Range");
    expect(headers["access-control-allow-methods"]).toContain("PUT");
  });

  it("to a path that leads nowhere is a problem of its own", async () => {
    expect(codeOf(await world.plain("/1.0/nothing"))).toBe("not_found");
    expect(codeOf(await world.plain("/2.0/server_information"))).toBe("unsupported_version");
    expect(codeOf(await world.plain("/1.0/version"))).toBe("not_found");
    const problem = await world.plain("/%zz");
    expect([problem.status, codeOf(problem)]).toEqual([400, "bad_request"]);
    expect(problem.headers["content-type"]).toBe("application/problem+json");
  });
});

describe("transport", () => {
  it("is TLS 1.3 and nothing older", async () => {
    const socket = tlsConnect({
      host: "127.0.0.1",
      port: world.network.server("alpha.example").port,
      servername: "smimp.alpha.example",
      ca: world.network.authority.certificate,
      maxVersion: "TLSv1.2",
    });
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/PROTOCOL_VERSION/);
  });

  it("speaks HTTP/2 and HTTP/1.1 on one port", async () => {
    expect((await world.plain("/version")).body).toBe('{"versions":["1.0"]}');
    const session = world.http2Session();
    const stream = session.request({ ":path": "/version" });
    expect(await textOf(stream)).toBe('{"versions":["1.0"]}');
    session.close();
  });
});

async function textOf(stream: ClientHttp2Stream): Promise<string> {
  let text = "";
  for await (const part of stream) text += String(part);
  return text;
}

describe("smimp.txt", () => {
  it("is served for the server's own hosts only", async () => {
    for (const host of ["alpha.example", "smimp.alpha.example", "ALPHA.example:443"]) {
      expect((await world.plain("/.well-known/smimp.txt", { headers: { host } })).body.trim()).toBe("https://smimp.alpha.example/");
    }
    expect(codeOf(await world.plain("/.well-known/smimp.txt", { headers: { host: "other.example" } }))).toBe("not_found");
  });
});

describe("bodies", () => {
  const post = (body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
    world.plain("/1.0/initialize_account", { method: "POST", headers, body });

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
    const headers = { "content-type": "application/json", "smimp-authentication": world.bobToken };
    const path = "/1.0/send_message/alice%23alpha.example";
    const announced = await world.plain(path, { method: "POST", headers: { ...headers, "content-length": String(big.length) }, body: big });
    expect([announced.status, codeOf(announced)]).toEqual([413, "too_large"]);
    expect(codeOf(await world.plain(path, { method: "POST", headers: { ...headers, "transfer-encoding": "chunked" }, body: big }))).toBe(
      "too_large",
    );
  });

  it("that go on after they were refused end with their connection", async () => {
    const socket = tlsConnect({
      host: "127.0.0.1",
      port: world.network.server("alpha.example").port,
      servername: "smimp.alpha.example",
      ca: world.network.authority.certificate,
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
    const session = world.http2Session();
    const stream = session.request({
      ":method": "PUT",
      ":path": "/1.0/keystore",
      "smimp-authentication": world.bobToken,
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
    expect((await world.call("getKeystore", { token: world.bobToken })).code).toBe("not_found");
  });
});

describe("for people and operators", () => {
  it("has health, readiness and pages without scripts", async () => {
    expect((await world.plain("/health")).status).toBe(200);
    expect((await world.plain("/ready")).status).toBe(200);
    for (const path of ["/", "/join"]) {
      const { headers, body, status } = await world.plain(path);
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
    const document = JSON.parse((await world.plain("/1.0/openapi.json")).body) as {
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
    const key = await askKey(world.call, world.bobToken, world.alice.address);
    const bytes = Buffer.from("not the content");
    await world.call("putBlob", { token: world.bobToken, params: { hash: "00".repeat(32) }, query: { ticket: key.ticket }, body: bytes });
    const logs = world.network.server("alpha.example").logs();
    expect(logs).toContain('"route":"1.0/blob/{hash}"');
    for (const secret of [key.ticket, world.bobToken, world.aliceToken, "alice"]) expect(logs).not.toContain(secret);
  });
});
