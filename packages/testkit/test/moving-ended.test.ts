import { once } from "node:events";
import { constants, type ClientHttp2Session } from "node:http2";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { randomBytes, signDeletion, signingKey, toB64, utf8, type ExportLine } from "@smimp/protocol";
import { openAdmin, startServer } from "@smimp/server";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createIdentity,
  joinRaw,
  rawCaller,
  rawSession,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";
import { importBody, linesOf } from "./moving-account.ts";
import { beginImport, connectTo, type ImportUnderWay } from "./moving-import.ts";

// Protocol sections 5 and 8: an export or an import goes on no longer than the session that it began under, and holds nobody else up.

const ALPHA = "alpha.example";
let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let token: string;
let exported: Uint8Array;
let count = 0;
const sessions: ClientHttp2Session[] = [];

beforeAll(async () => {
  const quotas = { ...generous.quotas, exportsPerHour: 1_000 };
  network = await startNetwork({ domains: [ALPHA], config: { ...generous, quotas, limits: { transfers: 6, transfersPerPrefix: 2 } } });
  call = rawCaller(network.fetch, network.server(ALPHA).baseUrl);
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  await network.close();
});
beforeEach(async () => {
  ({ identity: alice, token } = await joined());
  exported = (await call("exportAccount", { token })).bytes;
});

async function joined() {
  const { baseUrl } = network.server(ALPHA);
  const identity = await joinRaw(network, `alice${count++}#${ALPHA}`, 1);
  return { identity, token: await rawSession(network, baseUrl, identity) };
}

function connection(localAddress?: string): ClientHttp2Session {
  const session = connectTo(network, ALPHA, localAddress);
  sessions.push(session);
  return session;
}

/** The export with correspondents added, in two parts; the first ends in the middle of them. */
function parts(): readonly [Uint8Array, Uint8Array] {
  const lines = linesOf(exported).filter(({ kind }) => kind !== "end");
  const strangers = Array.from({ length: 60 }, (_, index): ExportLine => {
    return {
      kind: "correspondent",
      address: createIdentity(`x${index}#beta.example`, network.server(ALPHA).baseUrl, network.clock()).address,
      first_accepted_at: network.clock(),
    };
  });
  const all = [...lines, ...strangers];
  const text = (some: readonly object[]) => utf8(some.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const half = lines.length + 30;
  return [importBody(null, text(all.slice(0, half))), text([...all.slice(half), { kind: "end", lines: all.length }])];
}

/** Begins an import of one's own and sends half of it; resolves once the server is at it. */
async function halfWay(): Promise<{ readonly importing: ImportUnderWay; readonly rest: Uint8Array }> {
  const [first, rest] = parts();
  const importing = beginImport(connection(), token);
  await importing.send(first);
  const second = async () => (await call("importAccount", { token, body: importBody("A".repeat(32), new Uint8Array()) })).code;
  await expect.poll(second).toBe("rate_limited");
  return { importing, rest };
}

/** Rows that the account has among the correspondents. */
function correspondents(): number {
  const database = new DatabaseSync(join(network.dataDir, ALPHA, "smimp.sqlite"), { readOnly: true });
  const row = database.prepare("SELECT count(*) AS count FROM correspondents WHERE recipient = ?").get(alice.address);
  database.close();
  return Number(row?.["count"]);
}

const deletion = () =>
  signDeletion({
    address: alice.address,
    server: network.server(ALPHA).baseUrl,
    link: alice.chain.head.link,
    issuedAt: network.clock(),
    recovery: alice.recovery,
  });

const ends: readonly (readonly [string, () => Promise<void>])[] = [
  ["the session is ended", async () => void (await call("destroySession", { token }))],
  [
    "the master key is changed",
    async () => {
      const rotated = alice.append({ master: signingKey(randomBytes(32)) });
      const nonephemeral_key = rotated.messageKey("non_ephemeral", network.clock()).statement;
      const body = { record: rotated.chain.head.statement, profile: null, nonephemeral_key, ephemeral_keys: [] };
      expect((await call("updateProfile", { body })).code).toBeNull();
    },
  ],
  [
    "the operator disables the account",
    async () => {
      const admin = await openAdmin(network.server(ALPHA).config);
      await admin.disableAccount(alice.address);
      await admin.close();
    },
  ],
  ["the account is deleted", async () => void (await call("deleteAccount", { body: deletion() }))],
];

describe("an import ends at once, with a code of its own, and stores nothing more", () => {
  it.each(ends)("where %s", async (_name, end) => {
    const { importing } = await halfWay();
    await end();
    // Not a byte more is sent.
    expect(await importing.answer).toMatchObject({ status: 401, code: "unauthenticated" });
    expect(correspondents()).toBe(0);
    expect(network.server(ALPHA).logs()).not.toContain("unexpected");
  });

  it("where that happens on another node, before this one has heard of it", async () => {
    const { config } = network.server(ALPHA);
    const other = await startServer(
      { ...config, listen: { host: "127.0.0.1", port: 0 } },
      { fetch: network.fetch, clock: network.clock, log: { write: () => undefined } },
    );
    const session = connectTo(network, ALPHA, "127.0.0.1", other.port);
    for (const how of ["ended", "deleted"]) {
      const { importing, rest } = await halfWay();
      const path = how === "ended" ? "/1.0/destroy_session" : "/1.0/account";
      const headers = how === "ended" ? { "smimp-authentication": token } : { "content-type": "application/json" };
      const stream = session.request({ ":method": how === "ended" ? "POST" : "DELETE", ":path": path, ...headers }, { endStream: false });
      stream.end(how === "ended" ? undefined : JSON.stringify(deletion()));
      const [answer] = (await once(stream, "response")) as [{ ":status"?: number }];
      expect(answer[":status"]).toBe(204);
      await importing.send(rest);
      importing.end();
      expect(await importing.answer).toMatchObject({ status: 401, code: "unauthenticated" });
      expect(correspondents()).toBe(0);
      ({ identity: alice, token } = await joined());
      exported = (await call("exportAccount", { token })).bytes;
    }
    session.destroy();
    await other.close();
  });

  it("and one whose session stands is whole", async () => {
    const { importing, rest } = await halfWay();
    await importing.send(rest);
    importing.end();
    expect(await importing.answer).toEqual({ status: 200, link: alice.chain.head.link });
    expect(correspondents()).toBe(60);
  });
});

describe("an export breaks off at once", () => {
  it.each(ends)("where %s", async (_name, end) => {
    // More than anybody takes in who doesn't read.
    const note = toB64(randomBytes(1_000));
    const entries = Array.from({ length: 300 }, (_, index) => ({ entry: `x${index}#${ALPHA}`, note }));
    await Promise.all(entries.map(async (body) => await call("addToBlocklist", { token, body })));
    const stream = connection().request({ ":path": "/1.0/export", "smimp-authentication": token });
    stream.on("error", () => undefined);
    await once(stream, "response");
    const closed = new Promise<void>((resolve) => void stream.once("close", () => resolve()));
    await end();
    await closed;
    // Not as if it were whole.
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });
});

describe("exports and imports that take long on purpose", () => {
  it("take their network's share and no more", async () => {
    const slow: ImportUnderWay[] = [];
    for (let index = 0; index < 3; index++) {
      const one = await joined();
      const importing = beginImport(connection("127.9.5.1"), one.token);
      await importing.send(utf8(" "));
      slow.push(importing);
    }
    // The third is refused, from any address of the network; another network has its own share.
    expect(await Promise.race(slow.map(async ({ answer }) => await answer))).toMatchObject({ status: 429, code: "rate_limited" });
    const same = beginImport(connection("127.9.5.77"), token);
    same.end();
    expect(await same.answer).toMatchObject({ status: 429, code: "rate_limited" });
    const [first, rest] = parts();
    const elsewhere = beginImport(connection("127.9.6.1"), token);
    await elsewhere.send(first);
    await elsewhere.send(rest);
    elsewhere.end();
    expect((await elsewhere.answer).status).toBe(200);
  });
});
