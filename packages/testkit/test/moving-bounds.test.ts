import { addSeconds, DAY, hash, MAX_LIST_ENTRIES, toHex32, utf8, type ExportLine } from "@smimp/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  askKey,
  fakeClock,
  joinRaw,
  rawSession,
  sealRaw,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";
import { bytesOf, callerOf, importBody, linesOf } from "./moving-account.ts";

// Protocol section 8: what an owner says in the lines of an import gains them nothing here, and fills no table.

const ALPHA = "alpha.example";
const clock = fakeClock();
let network: Network;
let call: RawCaller;
let mallory: TestIdentity;
let token: string;
let lines: readonly ExportLine[];
let count = 0;

beforeAll(async () => {
  const quotas = { ...generous.quotas, keysPerDay: 60, exportsPerHour: 1_000 };
  network = await startNetwork({
    domains: [ALPHA, "beta.example"],
    clock,
    config: { ...generous, quotas, workPolicy: { ...generous.workPolicy, establishedBits: 4, strangerBits: 4 } },
  });
  call = callerOf(network, ALPHA);
});
afterAll(async () => await network.close());

beforeEach(async () => {
  const { baseUrl } = network.server(ALPHA);
  mallory = await joinRaw(network, `mallory${count++}#${ALPHA}`, 3);
  token = await rawSession(network, baseUrl, mallory);
  lines = linesOf((await call("exportAccount", { token })).bytes) as readonly ExportLine[];
});

/** Brings back one's own export with some lines more. */
async function importWith(more: readonly ExportLine[]): Promise<string | null> {
  return (await call("importAccount", { token, body: importBody(null, bytesOf([...lines, ...more])) })).code;
}

const name = (text: string, index: number) => toHex32(hash(utf8(`${text} ${index}`)));
const known = (index: number): ExportLine => ({ kind: "known_key", key_id: name("key", index), expires_at: addSeconds(clock(), DAY) });
const remembered = (index: number, at = clock()): ExportLine => ({
  kind: "remembered",
  message_id: name("message", index),
  destroyed_at: at,
});
const many = (length: number, line: (index: number) => ExportLine): readonly ExportLine[] =>
  Array.from({ length }, (_, index) => line(index));

async function exportedAgain(kind: ExportLine["kind"]): Promise<number> {
  return linesOf((await call("exportAccount", { token })).bytes).filter((line) => line.kind === kind).length;
}

describe("an import by somebody who has an account here", () => {
  it("doesn't make people of this server correspondents, so that a first message costs them nothing", async () => {
    const victim = await joinRaw(network, `victim${count}#${ALPHA}`, 3);
    const ask = async () => (await call("getMessageKey", { token, body: { address: victim.address, message_type: "email" } })).code;
    expect(await ask()).toBe("pow_required");
    expect(await importWith([{ kind: "correspondent", address: victim.address, first_accepted_at: clock() }])).toBeNull();
    expect(await ask()).toBe("pow_required");
  });

  it("keeps those of other servers whom the owner knew", async () => {
    const friend = await joinRaw(network, "friend#beta.example", 3);
    expect(await importWith([{ kind: "correspondent", address: friend.address, first_accepted_at: clock() }])).toBeNull();
    const session = await rawSession(network, network.server(ALPHA).baseUrl, friend);
    const asked = await call("getMessageKey", { token: session, body: { address: mallory.address, message_type: "email" } });
    expect(asked.code).toBeNull();
  });

  it("fills no list beyond what one holds", async () => {
    const entry = (index: number): ExportLine => ({
      kind: "list_entry",
      list: "blocklist",
      hash: name("entry", index),
      note: null,
      created_at: clock(),
    });
    expect(await importWith(many(MAX_LIST_ENTRIES + 1, entry))).toBe("quota_exceeded");
    expect(await exportedAgain("list_entry")).toBeLessThanOrEqual(MAX_LIST_ENTRIES);
  });

  it("brings in no more names of keys in a day than could be uploaded, however many imports there are", async () => {
    expect(await importWith(many(50, known))).toBeNull();
    // The same ones again cost nothing.
    expect(await importWith(many(50, known))).toBeNull();
    expect(await importWith(many(80, known))).toBe("rate_limited");
    expect(await exportedAgain("known_key")).toBeLessThanOrEqual(3 + 60);
  });

  it("dates nothing ahead, so that no message stands above all others for ever or outlives the server's policy", async () => {
    const late = addSeconds(clock(), 10_000 * DAY);
    const key = await askKey(call, token, mallory.address);
    const { statement, messageId } = sealRaw(mallory, mallory.address, key, clock());
    const line: ExportLine = {
      kind: "message",
      message_id: messageId,
      envelope: statement,
      received_at: late,
      position: 1,
      received_via: "smimp_client",
      read: false,
      folder: null,
      pow: null,
      archive: null,
      summary: null,
      extensions: null,
      protocol_version: "1.0",
    };
    const entry: ExportLine = { kind: "list_entry", list: "allowlist", hash: name("entry", 0), note: null, created_at: late };
    expect(await importWith([entry, line])).toBeNull();
    const exported = linesOf((await call("exportAccount", { token })).bytes);
    expect(exported.find(({ kind }) => kind === "message")?.["received_at"]).toBe(clock());
    expect(exported.find(({ kind }) => kind === "list_entry")?.["created_at"]).toBe(clock());
  });

  it("remembers deleted messages as long as any, and not more in a day than that", async () => {
    const late = addSeconds(clock(), 10_000 * DAY);
    expect(await importWith([remembered(0, late)])).toBeNull();
    const again = linesOf((await call("exportAccount", { token })).bytes).find((line) => line.kind === "remembered");
    expect(again?.["destroyed_at"]).toBe(clock());
    expect(await importWith(many(100, remembered))).toBeNull();
    expect(await exportedAgain("remembered")).toBeLessThanOrEqual(60);
  });
});
