import { once } from "node:events";
import { readFile, rm, mkdtemp, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { connect, type ClientHttp2Session } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type PeerCertificate } from "node:tls";
import { DAY, parseDomain, type Domain } from "@smimp/protocol";
import {
  reportCertificates,
  startServer,
  type AcmeSettings,
  type CertificateReport,
  type RunningServer,
  type ServerConfig,
} from "@smimp/server";
import { createAuthority, fakeClock, realClock, testServerConfig, type FakeClock } from "@smimp/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { startPebble, type Pebble } from "./pebble.ts";

// Certificates by themselves, from a real authority.

const HOST = parseDomain("smimp.alpha.example");
const DOMAIN = parseDomain("alpha.example");
/** Longer than a certificate of this authority lives. */
const YEARS = 5 * 365 * DAY;

let pebble: Pebble;
let root: string;
let folder: string;
let clock: FakeClock;
let log: string;
let server: RunningServer | null;
let config: ServerConfig;

beforeAll(async () => {
  pebble = await startPebble();
  root = await pebble.root();
});
afterAll(async () => await pebble.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "smimp-certificates-"));
  clock = fakeClock(realClock());
  log = "";
  server = null;
  for (const name of [HOST, DOMAIN]) await pebble.lead(name, "127.0.0.1");
});
afterEach(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

function acme(change: Partial<AcmeSettings> = {}): ServerConfig {
  const names: readonly [Domain, ...Domain[]] = [HOST, DOMAIN];
  const { directory, ca, httpPort } = pebble;
  const http = { host: "127.0.0.1", port: httpPort };
  const settings: AcmeSettings = { directory, names, email: "operator@alpha.example", challenge: "tls-alpn-01", http, ca, ...change };
  const base = testServerConfig({ domain: DOMAIN, authority: createAuthority(), dataDir: join(folder, "data"), port: pebble.tlsPort });
  return { ...base, tls: { acme: settings } };
}

async function start(given: ServerConfig): Promise<void> {
  config = given;
  server = await startServer(given, { clock, log: { write: (line) => void (log += line) } });
}

/** The certificate that a name shows to whoever trusts the authority. */
async function shown(name: string, ca = root): Promise<PeerCertificate> {
  const socket = connectTls({ port: server?.port ?? 0, host: "127.0.0.1", servername: name, ca, ALPNProtocols: ["h2"] });
  await once(socket, "secureConnect");
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  return certificate;
}

const serial = async (name: string): Promise<string> => (await shown(name)).serialNumber;
const report = async (): Promise<readonly CertificateReport[]> => await reportCertificates(config, clock);
/** The serial number of a certificate that was obtained, and written. */
async function obtained(name: string): Promise<string> {
  return await eventually(async () => {
    expect((await report()).find((each) => each.name === name)?.notAfter).not.toBeNull();
    return await serial(name);
  });
}
const lines = (message: string): readonly Record<string, unknown>[] =>
  log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === message);

async function health(session: ClientHttp2Session): Promise<number> {
  const stream = session.request({ ":path": "/health" });
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  stream.resume();
  await once(stream, "close");
  return Number(headers[":status"]);
}

describe("on the server's own port", () => {
  test("each name gets a certificate by itself, and keeps it over a restart without the authority", async () => {
    await start(acme());
    for (const name of [HOST, DOMAIN]) await obtained(name);
    const [own, domains] = [await shown(HOST), await shown(DOMAIN)];
    expect(own.subjectaltname).toBe(`DNS:${HOST}`);
    expect(domains.subjectaltname).toBe(`DNS:${DOMAIN}`);
    expect(own.issuer.CN).toMatch(/^Pebble/);
    expect(await report()).toMatchObject([
      { name: HOST, failures: 0, error: null, alarming: false },
      { name: DOMAIN, failures: 0, error: null, alarming: false },
    ]);
    // Keys are for the server's user alone.
    for (const file of ["account.pem", `${HOST}.pem`, `${DOMAIN}.pem`, "status.json"]) {
      expect((await stat(join(folder, "data", "certificates", file))).mode & 0o077).toBe(0);
    }
    const key = await readFile(join(folder, "data", "certificates", `${HOST}.pem`), "utf8");
    expect(log).not.toContain(key.split("\n")[1]);
    await server?.close();
    await start(acme({ directory: "https://localhost:1/dir" }));
    expect(await serial(HOST)).toBe(own.serialNumber);
    expect(await serial(DOMAIN)).toBe(domains.serialNumber);
    expect(lines("certificate could not be renewed")).toEqual([]);
  });

  test("a renewal drops no connection, and comes before the end", async () => {
    await start(acme({ names: [HOST] }));
    const first = await obtained(HOST);
    const session = connect(`https://${HOST}:${server?.port}`, {
      ca: root,
      lookup: (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
    });
    expect(await health(session)).toBe(200);
    const [{ notAfter, nextAttemptAt } = { notAfter: null, nextAttemptAt: null }] = await report();
    expect(nextAttemptAt! < notAfter!).toBe(true);
    await server?.reloadCertificates();
    expect(await serial(HOST)).toBe(first);
    clock.set(nextAttemptAt!);
    await server?.reloadCertificates();
    expect(await serial(HOST)).not.toBe(first);
    expect(await health(session)).toBe(200);
    session.destroy();
    expect(lines("certificate obtained")).toHaveLength(2);
  });

  test("a name that leads elsewhere has none, says so, and keeps nobody else from theirs; once it leads here it is served", async () => {
    await pebble.lead(DOMAIN, "127.0.0.9");
    await start(acme());
    await obtained(HOST);
    await eventually(async () => expect((await report())[1]?.failures).toBe(1));
    // Whoever asks for it is shown another's, which no client takes.
    await expect(shown(DOMAIN)).rejects.toThrow(/altnames/);
    const [own, other] = await report();
    expect(own).toMatchObject({ alarming: false, error: null });
    expect(other).toMatchObject({ name: DOMAIN, notAfter: null, failures: 1, alarming: true });
    expect(other?.error).toMatch(/refused|127\.0\.0\.9/);
    expect(lines("no certificate: nobody can connect to this name, or soon nobody can")).toMatchObject([{ name: DOMAIN, level: 50 }]);
    // Whoever has mended it need not wait, but can't ask again and again.
    await server?.reloadCertificates();
    expect((await report())[1]?.failures).toBe(2);
    await pebble.lead(DOMAIN, "127.0.0.1");
    clock.set((await report())[1]!.nextAttemptAt!);
    await server?.reloadCertificates();
    expect((await shown(DOMAIN)).subjectaltname).toBe(`DNS:${DOMAIN}`);
    expect((await report())[1]).toMatchObject({ failures: 0, error: null, alarming: false });
  });

  test("an authority that can't be reached is named, and tried again at once for whoever asks", async () => {
    const nowhere = "https://localhost:1/dir";
    await start(acme({ names: [HOST], directory: nowhere }));
    await eventually(async () => expect((await report())[0]?.failures).toBe(1));
    expect((await report())[0]?.error).toBe("the authority at localhost:1 can't be reached: ECONNREFUSED");
    await server?.close();
    // Another start is no reason to ask again, an operator is.
    await start(acme({ names: [HOST] }));
    await server?.reloadCertificates();
    expect((await report())[0]).toMatchObject({ failures: 0, error: null });
    await serial(HOST);
  });

  test("an authority that refuses for a while stands in nobody's way", async () => {
    const { key, certificate } = createAuthority().issue({ hosts: ["localhost"] });
    const busy = createServer(
      { key, cert: certificate },
      (_request, response) => void response.writeHead(429, { "retry-after": "120000" }).end("{}"),
    );
    busy.listen(0, "127.0.0.1");
    await once(busy, "listening");
    const { port } = busy.address() as AddressInfo;
    try {
      await start(acme({ directory: `https://localhost:${port}/dir`, ca: certificate }));
      await eventually(async () => expect((await report()).map(({ failures }) => failures)).toEqual([1, 1]));
    } finally {
      busy.close();
      busy.closeAllConnections();
    }
  });

  test("a renewal that fails leaves the old one in place, is a warning at first, and an alarm near the end", async () => {
    await start(acme({ names: [HOST] }));
    const first = await obtained(HOST);
    await pebble.lead(HOST, "127.0.0.9");
    clock.set((await report())[0]!.nextAttemptAt!);
    await server?.reloadCertificates();
    expect(await serial(HOST)).toBe(first);
    expect(lines("certificate could not be renewed")).toMatchObject([{ name: HOST, failures: 1, level: 40 }]);
    expect((await report())[0]).toMatchObject({ failures: 1, alarming: false });
    clock.advance(YEARS);
    await server?.reloadCertificates();
    expect((await report())[0]).toMatchObject({ failures: 2, alarming: true });
    expect(lines("no certificate: nobody can connect to this name, or soon nobody can")).toHaveLength(1);
  });

  test("nobody but the authority sees a proof, and there is none once it was seen", async () => {
    await start(acme({ names: [HOST] }));
    await obtained(HOST);
    const socket = connectTls({ port: server?.port ?? 0, host: "127.0.0.1", servername: HOST, ca: root, ALPNProtocols: ["acme-tls/1"] });
    await expect(once(socket, "secureConnect")).rejects.toThrow(/no.application.protocol/i);
  });

  test("whoever names no host is shown that of the base URL", async () => {
    await start(acme({ names: [HOST] }));
    await obtained(HOST);
    const options = { port: server?.port ?? 0, host: "127.0.0.1", ca: root, checkServerIdentity: () => undefined };
    for (const protocols of [["h2"], ["http/1.1"], []]) {
      const socket = connectTls({ ...options, ...(protocols.length === 0 ? {} : { ALPNProtocols: protocols }) });
      await once(socket, "secureConnect");
      expect(socket.getPeerCertificate().subjectaltname).toBe(`DNS:${HOST}`);
      socket.destroy();
    }
  });
});

test("on port 80, where it is open: proof for the authority, a way to the server for everybody else", async () => {
  await start(acme({ names: [HOST], challenge: "http-01" }));
  await obtained(HOST);
  const ask = async (path: string): Promise<readonly [number | undefined, string | undefined]> => {
    const [answer] = await once(
      request({ host: "127.0.0.1", port: pebble.httpPort, path, headers: { host: "evil.example" } }).end(),
      "response",
    );
    (answer as { resume(): void }).resume();
    const { statusCode, headers } = answer as { statusCode?: number; headers: { location?: string } };
    return [statusCode, headers.location];
  };
  expect(await ask("/")).toEqual([302, `https://${HOST}/`]);
  expect(await ask("/.well-known/acme-challenge/unknown")).toEqual([404, undefined]);
});

test("files that don't belong together don't start a server", async () => {
  const authority = createAuthority();
  const [keyFile, certificateFile] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  await writeFile(keyFile, authority.issue({ hosts: [HOST] }).key);
  await writeFile(certificateFile, authority.issue({ hosts: [HOST] }).certificate);
  const base = testServerConfig({ domain: DOMAIN, authority, dataDir: join(folder, "data") });
  await expect(start({ ...base, tls: { keyFile, certificateFile } })).rejects.toThrow("key and certificate don't belong together");
});

test("files that somebody else renews are read anew; what can't be used is not taken over", async () => {
  const authority = createAuthority();
  const [keyFile, certificateFile] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const renew = async (): Promise<void> => {
    const { key, certificate } = authority.issue({ hosts: [HOST] });
    await writeFile(keyFile, key);
    await writeFile(certificateFile, certificate);
  };
  await renew();
  const base = testServerConfig({ domain: DOMAIN, authority, dataDir: join(folder, "data") });
  await start({ ...base, tls: { keyFile, certificateFile } });
  const first = (await shown(HOST, authority.certificate)).serialNumber;
  await renew();
  await server?.reloadCertificates();
  const second = (await shown(HOST, authority.certificate)).serialNumber;
  expect(second).not.toBe(first);
  await writeFile(certificateFile, authority.issue({ hosts: [HOST] }).certificate);
  await server?.reloadCertificates();
  expect(lines("certificate files can't be used")).toMatchObject([{ error: "key and certificate don't belong together" }]);
  expect(await report()).toMatchObject([{ alarming: true, error: "key and certificate don't belong together" }]);
  expect((await shown(HOST, authority.certificate)).serialNumber).toBe(second);
  await renew();
  await server?.reloadCertificates();
  expect((await shown(HOST, authority.certificate)).serialNumber).not.toBe(second);
  expect(await report()).toMatchObject([{ alarming: false, error: null }]);
});
