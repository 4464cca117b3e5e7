import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { createAuthority, type CertificateRequest } from "./authority.ts";

const HOST = "smimp.alpha.example";
const DAY_MS = 86_400_000;

describe("createAuthority", () => {
  it("vouches for its own servers under TLS 1.3, verified by name", async () => {
    expect(await handshake({ hosts: [HOST, "alpha.example"] })).toBe("TLSv1.3");
    expect(await handshake({ hosts: ["alpha.example", HOST] })).toBe("TLSv1.3");
  });

  it.each<[string, CertificateRequest, string]>([
    ["another host", { hosts: ["smimp.beta.example"] }, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["self-signed", { hosts: [HOST], selfSigned: true }, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    [
      "expired",
      { hosts: [HOST], notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) },
      "CERT_HAS_EXPIRED",
    ],
    ["not yet valid", { hosts: [HOST], notBefore: new Date(Date.now() + DAY_MS) }, "CERT_NOT_YET_VALID"],
  ])("issues certificates that clients refuse: %s", async (_name, request, code) => {
    expect(await handshake(request)).toBe(code);
  });

  it("is trusted by nobody who was not told", async () => {
    expect(await handshake({ hosts: [HOST] }, createAuthority().certificate)).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  it("writes certificates beyond 2049", () => {
    const { certificate } = createAuthority().issue({ hosts: [HOST], notAfter: new Date("2051-02-03T04:05:06Z") });
    expect(new X509Certificate(certificate).validToDate.toISOString()).toBe("2051-02-03T04:05:06.000Z");
  });
});

/** The protocol version of a handshake that a client accepted, or the code under which it refused. */
async function handshake(request: CertificateRequest, trusted?: string): Promise<string> {
  const authority = createAuthority();
  const { key, certificate } = authority.issue(request);
  const server = createServer({ key, cert: certificate, minVersion: "TLSv1.3" }, (socket) => socket.on("error", () => socket.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const socket: TLSSocket = connect({ host: "127.0.0.1", port, servername: HOST, ca: trusted ?? authority.certificate });
  try {
    await once(socket, "secureConnect");
    return String(socket.getProtocol());
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    socket.destroy();
    server.close();
  }
}
