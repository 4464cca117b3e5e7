import { execFile } from "node:child_process";
import { randomBytes as fastRandomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { hash, newDeviceLink, newPhrase, randomBytes, showLinkCode, toB64, toHex, toHex32, type BaseUrl } from "@smimp/protocol";
import { openAdmin, startServer, type ServerConfig } from "@smimp/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  askKey,
  createIdentity,
  filesBelow,
  rawCaller,
  rawSession,
  sightingsOf,
  startNetwork,
  startServerProcess,
  testServerConfig,
  type Network,
  type NetworkServer,
  type RawCaller,
  type ServerProcess,
  type Sightings,
  type TestIdentity,
} from "../src/index.ts";
import { barrage, type Answered } from "./barrage.ts";
import { generous } from "./generous.ts";

// Protocol sections 5, 8 and 10: whatever a request carries, wherever and in whatever state, stands in no log, in no problem document, in
// nothing that a server shows of itself and in nothing that it leaves when it ends. Of tokens and codes it keeps hashes.

const ALPHA = "alpha.example";
const LOUD = { ...generous, logLevel: "trace", workPolicy: { ...generous.workPolicy, strangerBits: 1, establishedBits: 1 } } as const;

/** What was planted at a server. */
interface Planted {
  readonly token: string;
  readonly ticket: string;
  /** What requests may carry anywhere. */
  readonly texts: readonly string[];
  /** All of it. */
  readonly everywhere: Sightings;
  /** The same without what the server keeps as it is: the owner's address, tickets, nonces of work. */
  readonly onDisk: Sightings;
}

/** Somebody with a session, a ticket, work that was asked for, and everything else that is nobody's business. */
async function plant(network: Network, config: ServerConfig): Promise<Planted> {
  const { baseUrl } = config;
  const call = rawCaller(network.fetch, baseUrl);
  const domain = config.domains[0] ?? "";
  const alice = createIdentity(`planted${toHex(randomBytes(8))}#${domain}`, baseUrl, network.clock());
  const bob = createIdentity(`other${toHex(randomBytes(8))}#${domain}`, baseUrl, network.clock());
  for (const each of [alice, bob]) await openAccount(call, config, network, each);
  const token = await rawSession(network, baseUrl, alice);
  const { answer: challenge } = await call("getSessionChallenge", { params: { address: alice.address } });
  const invite = await inviteCode(config, network);
  const { ticket } = await askKey(call, token, alice.address);
  const { answer: work } = await call("getPowParams", { token, params: { address: bob.address, message_type: "email" } });
  expect(work.zero_bits).toBeGreaterThan(0);
  const link = newDeviceLink(randomBytes);
  await call("offerDeviceLink", { body: { public_key: toB64(link.publicKey) } });
  const listed = `enemy${toHex(randomBytes(8))}#elsewhere.example`;
  expect((await call("addToBlocklist", { token, body: { entry: listed, note: null } })).code).toBeNull();
  const canary = (): string => `canary${toHex(randomBytes(12))}`;
  const bytes = (length: number): Uint8Array => new Uint8Array(fastRandomBytes(length));
  const secret: readonly (readonly [string, string])[] = [
    ["session token", token],
    ["challenge", challenge.token],
    ["invite code", invite],
    ["link code", showLinkCode(link)],
    ["keystore", toB64(bytes(300))],
    ["phrase", newPhrase(bytes(32))],
    ["passphrase", `correct ${canary()} staple`],
    ["master seed", toB64(alice.master.secretKey)],
    ...["note", "folder", "label", "draft", "list note", "summary", "setting"].map((place) => [place, canary()] as const),
  ];
  const kept: readonly (readonly [string, string])[] = [
    ["address", alice.address.split("#", 1).join("")],
    ["ticket", ticket],
    ["nonce of work", work.nonce],
  ];
  return {
    token,
    ticket,
    texts: [...secret, ...kept].map(([, text]) => text),
    everywhere: sightingsOf(new Map([...secret, ...kept, ["listed address", listed]])),
    onDisk: sightingsOf(new Map([...secret, ["listed address", listed]])),
  };
}

async function inviteCode(config: ServerConfig, network: Network): Promise<string> {
  const admin = await openAdmin(config, { clock: network.clock });
  try {
    return (await admin.invite()).code;
  } finally {
    await admin.close();
  }
}

/** Opens an account at a server, one of the network or not. */
async function openAccount(call: RawCaller, config: ServerConfig, network: Network, identity: TestIdentity): Promise<void> {
  const now = network.clock();
  const { code } = await call("initializeAccount", {
    body: {
      code: await inviteCode(config, network),
      record: identity.chain.head.statement,
      profile: null,
      nonephemeral_key: identity.messageKey("non_ephemeral", now).statement,
      ephemeral_keys: [],
      keystore: null,
    },
  });
  expect(code).toBeNull();
}

/** What of the planted stands in refusals; answers to those who may have it are none. */
function leaksIn(answers: readonly Answered[], sightings: Sightings): readonly string[] {
  return answers
    .filter(({ status }) => status === null || status >= 400)
    .flatMap(({ what, text }) => sightings.in(text).map((name) => `${name} in the answer to ${what}`));
}

async function shownToAnybody(call: Network["fetch"], baseUrl: BaseUrl): Promise<string> {
  let text = "";
  for (const path of ["health", "ready", "", "join", "version", "1.0/openapi.json", "1.0/server_information"]) {
    const { status, body } = await call(`${baseUrl}${path}`, { redirect: "manual" });
    expect([path, status]).toEqual([path, 200]);
    for await (const piece of body ?? []) text += Buffer.from(piece).toString("utf8");
  }
  return text;
}

describe.each([
  ["in this process", false],
  ["in a process of its own", true],
])("a server %s that logs all it can", (_where, processes) => {
  let network: Network;
  let server: NetworkServer;
  let planted: Planted;
  beforeAll(async () => {
    network = await startNetwork({ domains: [ALPHA], processes, config: LOUD });
    server = network.server(ALPHA);
    planted = await plant(network, server.config);
  });
  afterAll(async () => await network.close());

  it("says nothing of what requests carry, whatever is wrong with them", async () => {
    const { token, texts, everywhere } = planted;
    const answers = await barrage({ network, domain: ALPHA, port: server.port, token, texts });
    const statuses = new Set(answers.map(({ status }) => status));
    for (const status of [400, 401, 404, 413]) expect(statuses).toContain(status);
    expect(leaksIn(answers, everywhere)).toEqual([]);
    expect(server.logs().split("\n").length).toBeGreaterThan(1_000);
    expect(everywhere.in(server.logs())).toEqual([]);
    expect(everywhere.in(await shownToAnybody(network.fetch, server.baseUrl))).toEqual([]);
  });

  it("says nothing of whom somebody is whose own server can't be asked", async () => {
    const call = rawCaller(network.fetch, server.baseUrl);
    const local = `far${toHex(randomBytes(8))}`;
    const nowhere = `nowhere${toHex(randomBytes(8))}.example`;
    const sightings = sightingsOf(new Map(Object.entries({ local, nowhere })));
    const far = createIdentity(`${local}#${nowhere}`, server.baseUrl, network.clock());
    await expect(rawSession(network, server.baseUrl, far)).rejects.toThrow("temporarily_unavailable");
    const answer = await call("createSession", {
      params: { address: far.address },
      body: { data: JSON.stringify({ address: far.address }), signature: toB64(new Uint8Array(64)) },
    });
    expect(answer.code).toBe("bad_request");
    expect(sightings.in(answer.bytes)).toEqual([]);
    expect(sightings.in(server.logs())).toEqual([]);
  });

  it("keeps only hashes of tokens, codes and the addresses on lists, and nothing that belongs to clients", async () => {
    expect(await planted.onDisk.below(server.config.dataDir)).toEqual([]);
  });
});

describe("a server that meets what nobody foresaw", () => {
  it("says where, and not what came with it: a failing network, files that are gone", async () => {
    const network = await startNetwork({ domains: [ALPHA], config: LOUD });
    const [words, local] = [`words${toHex(randomBytes(8))}`, `far${toHex(randomBytes(8))}`];
    const sightings = sightingsOf(new Map(Object.entries({ words, local })));
    let logs = "";
    const config = testServerConfig({
      domain: "broken.example",
      authority: network.authority,
      dataDir: join(network.dataDir, "broken"),
      overrides: LOUD,
    });
    const fetch = async (): Promise<never> =>
      await Promise.reject(Object.assign(new RangeError(words), { code: words, cause: new Error(words), headers: { words } }));
    const broken = await startServer(config, { fetch, clock: network.clock, log: { write: (line) => void (logs += line) } });
    try {
      for (const host of ["smimp.broken.example", "broken.example"]) network.addHost(host, `127.0.0.1:${broken.port}`);
      const far = createIdentity(`${local}#far.example`, config.baseUrl, network.clock());
      await expect(rawSession(network, config.baseUrl, far)).rejects.toThrow("temporarily_unavailable");
      // The place of attachments is taken away under it.
      const call = rawCaller(network.fetch, config.baseUrl);
      const owner = createIdentity("somebody#broken.example", config.baseUrl, network.clock());
      await openAccount(call, config, network, owner);
      const token = await rawSession(network, config.baseUrl, owner);
      const { ticket } = await askKey(call, token, owner.address);
      await rm(join(config.dataDir, "blobs"), { recursive: true });
      const bytes = Buffer.from(`${words} ${words}`);
      const put = await call("putBlob", { token, params: { hash: toHex32(hash(bytes)) }, query: { ticket }, body: bytes });
      expect(put.code).toBe("temporarily_unavailable");
      expect(sightings.in(put.bytes)).toEqual([]);
      expect(logs).toContain("unexpected error");
      expect(sightingsOf(new Map(Object.entries({ words, local, token, ticket }))).in(logs)).toEqual([]);
    } finally {
      await broken.close();
      await network.close();
    }
  });
});

// Small enough a heap to be filled in a moment.
const SMALL_HEAP = "--max-old-space-size=128";
const REPORTS = "--report-uncaught-exception --report-on-signal --report-on-fatalerror";

describe("a program that nobody protects, where Node was told to write reports", () => {
  it.each([
    ["SIGUSR2", "process.kill(process.pid, 'SIGUSR2'); setTimeout(() => 0, 500)"],
    ["a full heap", "for (const held = []; ; ) held.push(new Array(10_000).fill(Math.random()))"],
    ["an error that nobody awaits", "throw new Error(process.env.PLANTED)"],
  ])("by %s leaves one that tells what it was started with", async (_name, script) => {
    const cwd = await mkdtemp(join(tmpdir(), "smimp-reports-"));
    try {
      const words = `words${toHex(randomBytes(8))}`;
      const env = { PATH: process.env["PATH"] ?? "", PLANTED: words, NODE_OPTIONS: `${REPORTS} ${SMALL_HEAP}` };
      await promisify(execFile)(process.execPath, ["-e", script], { cwd, env }).catch(() => undefined);
      // So what ends a server in the tests below would leave such files, if it weren't for the server.
      expect((await filesBelow(cwd)).map((file) => basename(file).replace(/\..*/, ""))).toEqual(["report"]);
      expect(await sightingsOf(new Map([["words", words]])).below(cwd)).toHaveLength(1);
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  });
});

describe.each([
  ["as Node is by itself", SMALL_HEAP],
  ["where Node was told to write reports", `${REPORTS} ${SMALL_HEAP}`],
])("a server's process that ends while an attachment comes in, %s", (_how, nodeOptions) => {
  let network: Network;
  let folder: string;
  let cwd: string;
  let config: ServerConfig;
  let running: ServerProcess;
  let planted: Planted;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "smimp-secrets-"));
    cwd = join(folder, "cwd");
    await mkdir(cwd);
    network = await startNetwork({ domains: [] });
    const { authority } = network;
    config = testServerConfig({ domain: ALPHA, authority, dataDir: join(folder, "data"), overrides: LOUD });
    running = await startServerProcess(config, network.developmentNetwork(), { cwd, env: { NODE_OPTIONS: nodeOptions } });
    await noCoreOf(running);
    for (const host of [`smimp.${ALPHA}`, ALPHA]) network.addHost(host, `127.0.0.1:${running.port}`);
    planted = await plant(network, config);
  });
  afterAll(async () => {
    await running.close();
    await network.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Begins an upload and leaves it in the middle; resolves once the first half is on the server's disk. */
  async function uploadHalf(): Promise<void> {
    const { token, ticket } = planted;
    const upload = request({
      host: "127.0.0.1",
      port: running.port,
      servername: `smimp.${ALPHA}`,
      ca: network.authority.certificate,
      method: "PUT",
      path: `/1.0/blob/${"0".repeat(64)}?ticket=${ticket}`,
      headers: { host: `smimp.${ALPHA}`, "smimp-authentication": token, "content-length": "100000" },
    });
    upload.on("error", () => undefined).write(Buffer.alloc(50_000, 1));
    await expect.poll(async () => (await incoming()).length).toBeGreaterThan(0);
  }
  const incoming = async (): Promise<readonly string[]> => await readdir(join(config.dataDir, "blobs", "incoming"));

  it.each<[string, () => Promise<unknown>]>([
    ["SIGKILL", async () => await running.kill()],
    ["SIGTERM", async () => await running.kill("SIGTERM")],
    ["SIGUSR2, at which Node writes reports", async () => await running.kill("SIGUSR2")],
    ["an error that nobody awaits", async () => expect(await running.fault(planted.texts.join(" "))).toBe(1)],
    ["a full heap", async () => expect(await running.fault(planted.texts.join(" "), "heap")).toBe("SIGABRT")],
    ["an abort of native code", async () => expect(await running.fault(planted.texts.join(" "), "abort")).toBe("SIGABRT")],
  ])("by %s leaves nothing of what requests carried", async (_name, end) => {
    await uploadHalf();
    await end();
    expect(await filesBelow(cwd)).toEqual([]);
    expect(planted.everywhere.in(running.logs())).toEqual([]);
    expect(await planted.onDisk.below(folder)).toEqual([]);
    await running.restart();
    await noCoreOf(running);
    await expect.poll(incoming, { timeout: 10_000 }).toEqual([]);
  });

  it("by an error that nobody awaits says where it came from", async () => {
    await running.fault("words");
    const line = running
      .logs()
      .split("\n")
      .findLast((each) => each.includes("unforeseen"));
    expect(JSON.parse(line ?? "")).toMatchObject({ level: 60, error: expect.stringContaining("server-process-entry") as string });
    await running.restart();
  });
});

/** What docs/self-hosting.md asks of the server's unit, `LimitCORE=0`: the system keeps no image of the process's memory. */
async function noCoreOf(running: ServerProcess): Promise<void> {
  await promisify(execFile)("prlimit", ["--pid", String(running.pid()), "--core=0:0"]);
}
