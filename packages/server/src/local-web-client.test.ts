import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serveWebClient, type LocalWebClient } from "./local-web-client.ts";

describe("a web client on the own machine", () => {
  let dir: string;
  let client: LocalWebClient;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "smimp-web-"));
    mkdirSync(join(dir, "assets"));
    writeFileSync(join(dir, "index.html"), '<script type="importmap">{}</script><p>mail</p>');
    writeFileSync(join(dir, "assets", "a-1.js"), "1;");
    writeFileSync(join(dir, "assets", "a-1.js.br"), "compressed");
    writeFileSync(join(dir, "notes.txt"), "not of the client");
    client = await serveWebClient({ dir, port: 0 });
  });
  afterEach(async () => {
    await client.close();
    rmSync(dir, { recursive: true });
  });

  it("is served under the strict policy, its page also at the address of invites", async () => {
    for (const path of ["", "join", "join?x"]) {
      const answer = await fetch(client.url + path);
      expect([answer.status, await answer.text()]).toEqual([200, '<script type="importmap">{}</script><p>mail</p>']);
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-");
      expect(policy).not.toMatch(/'unsafe-/);
      expect(answer.headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(answer.headers.get("cache-control")).toBe("no-cache");
    }
  });

  it("keeps what changes its name with its content, and sends it small to who takes that", async () => {
    const plain = await fetch(`${client.url}assets/a-1.js`, { headers: { "accept-encoding": "identity" } });
    expect([plain.headers.get("cache-control"), await plain.text()]).toEqual(["public, max-age=31536000, immutable", "1;"]);
    const again = await fetch(`${client.url}assets/a-1.js`, { headers: { "if-none-match": plain.headers.get("etag") ?? "" } });
    expect(again.status).toBe(304);
    const small = await ask(new URL("assets/a-1.js", client.url), { "accept-encoding": "gzip, br" });
    expect([small.encoding, small.body]).toEqual(["br", "compressed"]);
  });

  it("serves nothing else, to no other name, and takes nothing", async () => {
    for (const path of ["notes.txt", "index.html", "../package.json", "%2e%2e/package.json", "assets"]) {
      expect((await fetch(client.url + path)).status).toBe(404);
    }
    expect((await fetch(client.url, { method: "POST", body: "x" })).status).toBe(404);
    expect((await ask(new URL(client.url), { host: "mail.example.com" })).status).toBe(421);
  });
});

async function ask(url: URL, headers: Record<string, string>): Promise<{ status: number; encoding: string | undefined; body: string }> {
  return await new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += String(chunk)));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, encoding: response.headers["content-encoding"], body }));
    })
      .on("error", reject)
      .end();
  });
}
