import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findServer } from "@smimp/identity";
import { parseAddress, parseDomain, randomBytes } from "@smimp/protocol";
import { openAdmin, startServer, type RunningServer, type ServerConfig } from "@smimp/server";
import {
  baseUrlOf,
  createAuthority,
  hostsOf,
  newPerson,
  startNetwork,
  testServerConfig,
  type Authority,
  type Network,
  type Person,
} from "@smimp/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProxy, startSite, type Nginx } from "./nginx.ts";

// A server behind a reverse proxy, which is set up as the documentation says.

const DOMAIN = "alpha.example";
const HOSTS = hostsOf(DOMAIN);
/** From where the proxy connects; the tests themselves come from elsewhere. */
const PROXY = "127.0.0.2";

let authority: Authority;
let network: Network;
let folder: string;
let config: ServerConfig;
let server: RunningServer;
let nginx: Nginx;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  authority = createAuthority();
  network = await startNetwork({ domains: ["beta.example"], authority });
  folder = await mkdtemp(join(tmpdir(), "smimp-proxy-"));
  const base = testServerConfig({ domain: DOMAIN, authority, dataDir: folder });
  config = { ...base, tls: { proxy: { from: [PROXY] } }, quotas: { challengesPerMinute: 20 } };
  server = await startServer(config, { fetch: network.fetch, log: { write: () => undefined } });
  nginx = await startProxy(authority.issue({ hosts: HOSTS }), server.port, PROXY);
  for (const host of HOSTS) network.addHost(host, `127.0.0.1:${nginx.port}`);
  alice = await newPerson({ ...network, invite }, `alice#${DOMAIN}`);
  bob = await newPerson(network, "bob#beta.example");
});
afterAll(async () => {
  await alice.client.close();
  await bob.client.close();
  await nginx.close();
  await server.close();
  await network.close();
  await rm(folder, { recursive: true, force: true });
});

async function invite(_domain: string, address?: string): ReturnType<Network["invite"]> {
  const admin = await openAdmin(config);
  const { code, link } = await admin.invite({ address: parseAddress(address ?? "") });
  await admin.close();
  return { baseUrl: baseUrlOf(DOMAIN), code, link };
}

/** Asks the proxy, from an address of this machine's; resolves with the status. */
async function ask(
  path: string,
  { headers = {}, ...from }: { readonly localAddress?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<number> {
  const connection = { host: "127.0.0.1", port: nginx.port, servername: HOSTS[0], ca: authority.certificate, agent: false };
  const asked = request({ ...connection, ...from, path, headers: { host: HOSTS[0], ...headers } }).end();
  const [answer] = (await once(asked, "response")) as [{ statusCode: number; resume(): void }];
  answer.resume();
  return answer.statusCode;
}

test("mail with large attachments goes both ways, and is heard of at once", async () => {
  const content = randomBytes(3_000_000);
  const attachment = {
    name: "large.bin",
    mediaType: "application/octet-stream",
    size: content.length,
    open: async function* () {
      yield await Promise.resolve(content);
    },
  };
  const stop = new AbortController();
  const heard = (async () => {
    for await (const event of alice.client.watch({ signal: stop.signal })) if (event.type === "message") return event.message;
    return null;
  })();
  await bob.client.send({ to: [alice.address], subject: "In", body: "Hello.", attachments: [attachment] });
  expect(await heard).toMatchObject({ subject: "In", state: "open" });
  stop.abort();
  await alice.client.send({ to: [bob.address], subject: "Out", body: "Hello.", attachments: [attachment] });
  await bob.client.sync();
  for (const [person, subject] of [
    [alice, "In"],
    [bob, "Out"],
  ] as const) {
    const found = (await person.client.inbox.list()).find((each) => each.subject === subject);
    const { attachments, messageId } = await person.client.inbox.read(found!.messageId);
    expect(attachments).toMatchObject([{ name: "large.bin", size: content.length }]);
    let size = 0;
    for await (const chunk of person.client.inbox.attachment(messageId, 0)) size += chunk.length;
    expect(size).toBe(content.length);
  }
});

test("the domain's own file is served for its name", async () => {
  expect(await ask("/.well-known/smimp.txt", { headers: { host: DOMAIN } })).toBe(200);
  expect(await ask("/.well-known/smimp.txt", { headers: { host: "other.example" } })).toBe(404);
  // Whatever else it claims to be for.
  expect(await ask("/.well-known/smimp.txt", { headers: { host: "other.example", "x-forwarded-host": DOMAIN } })).toBe(404);
  expect(await ask("/.well-known/smimp.txt", { headers: { host: DOMAIN, "x-forwarded-host": "other.example" } })).toBe(200);
});

test("a domain whose web server is elsewhere needs no more than the file", async () => {
  const site = await startSite(authority.issue({ hosts: ["gamma.example"] }), baseUrlOf(DOMAIN));
  network.addHost("gamma.example", `127.0.0.1:${site.port}`);
  try {
    expect(await findServer(network.fetch, parseDomain("gamma.example"))).toBe(baseUrlOf(DOMAIN));
  } finally {
    await site.close();
  }
});

test("bounds count by where a request comes from, whatever it says itself", async () => {
  const path = `/1.0/create_session/${encodeURIComponent(`nobody#${DOMAIN}`)}`;
  const from = async (localAddress: string, claimed: string): Promise<number> =>
    await ask(path, { localAddress, headers: { "x-forwarded-for": claimed } });
  const many = await Promise.all(Array.from({ length: 30 }, async (_, index) => await from("127.0.5.5", `10.9.${index}.1`)));
  expect(many.filter((status) => status === 429).length).toBeGreaterThanOrEqual(9);
  expect(await from("127.0.6.6", "127.0.5.5")).not.toBe(429);
});

test("nobody but the proxy is heard on the unencrypted port", async () => {
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(`GET /health HTTP/1.1\r\nhost: ${HOSTS[0]}\r\n\r\n`);
  let said = "";
  socket.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(socket, "close");
  expect(said).toBe("");
});
