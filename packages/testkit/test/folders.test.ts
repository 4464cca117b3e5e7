import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  hash,
  MAX_EXTENSIONS_BYTES,
  MAX_FOLDER_DEPTH,
  parseMessageType,
  randomBytes,
  toB64,
  toHex,
  utf8,
  type Hex32,
} from "@smimp/protocol";
import {
  askKey,
  joinRaw,
  rawCaller,
  rawSession,
  sealRaw,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol section 8: folders, moving, and what clients note about a message.

const FOLDERS = 30;
const ACCOUNT_BYTES = 100_000;
let network: Network;
let call: RawCaller;
let alice: TestIdentity;
let token: string;
let eve: string;
let people = 0;

beforeAll(async () => {
  const config = { ...generous, quotas: { ...generous.quotas, folders: FOLDERS, accountBytes: ACCOUNT_BYTES } };
  network = await startNetwork({ domains: ["alpha.example"], config });
  call = rawCaller(network.fetch, network.server("alpha.example").baseUrl);
  [, eve] = await join("eve");
});
beforeEach(async () => {
  [alice, token] = await join(`alice${++people}`);
});
afterAll(async () => await network.close());

async function join(name: string): Promise<[TestIdentity, string]> {
  const { baseUrl } = network.server("alpha.example");
  const identity = await joinRaw(network, `${name}#alpha.example`);
  return [identity, await rawSession(network, baseUrl, identity)];
}

const EMAIL = parseMessageType("email");
const bodyOf = (name: string, over: { parent?: string | null; message_type?: string; display_name?: string | null } = {}) => ({
  name,
  message_type: "email",
  parent: null,
  display_name: toB64(utf8(`sealed ${name}`)),
  ...over,
});
type Over = Parameters<typeof bodyOf>[1];
const make = async (name: string, over?: Over, as = token) => await call("createFolder", { token: as, body: bodyOf(name, over) });
const change = async (name: string, over?: Over, path = name, as = token) =>
  await call("changeFolder", { token: as, params: { name: path }, body: bodyOf(name, over) });
const remove = async (name: string, as = token) => await call("deleteFolder", { token: as, params: { name } });
const list = async (as = token) => (await call("getFolders", { token: as })).answer.folders;
const move = async (id: Hex32, folder: string | null, as = token) =>
  await call("moveMessage", { token: as, params: { id }, body: { folder } });
const contents = async (name: string | null) => {
  const params = { message_type: "email", ...(name === null ? {} : { name }) };
  const page = name === null ? await call("getFolder", { token, params }) : await call("getNamedFolder", { token, params });
  return page.answer.messages.map((line) => line.message_id);
};
const changes = async (since: string) => (await call("getChanges", { token, query: { since } })).answer;

/** A message to oneself. */
async function send(): Promise<Hex32> {
  const key = await askKey(call, token, alice.address);
  const { statement, messageId } = sealRaw(alice, alice.address, key, network.clock());
  expect((await call("sendMessage", { token, params: { address: alice.address }, body: statement })).status).toBe(200);
  return messageId;
}

describe("folders", () => {
  it("are made, listed, changed and deleted; making the same one twice is fine", async () => {
    expect((await make("top")).status).toBe(201);
    expect((await make("top")).status).toBe(201);
    expect((await make("top", { display_name: null })).code).toBe("conflict");
    expect((await make("top", { message_type: "short-message" })).code).toBe("conflict");
    expect((await make("below", { parent: "top" })).status).toBe(201);
    expect((await make("short", { message_type: "short-message" })).status).toBe(201);
    const counts = { total: 0, unread: 0 };
    expect(await list()).toEqual([
      { ...bodyOf("below", { parent: "top" }), ...counts },
      { ...bodyOf("short", { message_type: "short-message" }), ...counts },
      { ...bodyOf("top"), ...counts },
    ]);
    const ofType = await call("getFoldersOfType", { token, params: { name: "short-message" } });
    expect(ofType.answer.folders.map(({ name }) => name)).toEqual(["short"]);
    expect((await change("below", { display_name: null })).status).toBe(204);
    expect((await list())[0]).toEqual({ ...bodyOf("below", { display_name: null }), ...counts });
    expect((await remove("top")).status).toBe(204);
    expect((await remove("top")).code).toBe("not_found");
    expect((await change("top")).code).toBe("not_found");
  });

  it("keep their name and type, and stand below a folder of their type, not in themselves", async () => {
    await make("a");
    await make("b", { parent: "a" });
    await make("c", { parent: "b" });
    await make("short", { message_type: "short-message" });
    expect((await change("b", {}, "a")).code).toBe("bad_request");
    expect((await change("a", { message_type: "short-message" })).code).toBe("bad_request");
    expect((await change("a", { parent: "a" })).code).toBe("conflict");
    expect((await change("a", { parent: "c" })).code).toBe("conflict");
    expect((await change("a", { parent: "none" })).code).toBe("not_found");
    expect((await change("a", { parent: "short" })).code).toBe("not_found");
    expect((await make("d", { parent: "short" })).code).toBe("not_found");
    expect((await make("d", { parent: "d" })).code).toBe("conflict");
    expect((await change("c", { parent: "a" })).status).toBe(204);
    expect((await change("b", { parent: "c" })).status).toBe(204);
    for (const name of ["", "a/b", "ä", "a".repeat(65), "a b"]) expect((await make(name)).code).toBe("bad_request");
  });

  it("that two devices put into each other at once don't make a ring", async () => {
    await make("a");
    await make("b");
    const both = await Promise.all([change("a", { parent: "b" }), change("b", { parent: "a" })]);
    expect(both.map(({ code }) => code).toSorted()).toEqual(["conflict", null]);
  });

  it("are bounded in depth, with all that stands below them, and in number", async () => {
    for (let depth = 1; depth <= MAX_FOLDER_DEPTH; depth++) {
      expect((await make(`d${depth}`, { parent: depth === 1 ? null : `d${depth - 1}` })).status).toBe(201);
    }
    expect((await make("deeper", { parent: `d${MAX_FOLDER_DEPTH}` })).code).toBe("conflict");
    await make("x");
    await make("y", { parent: "x" });
    expect((await change("x", { parent: `d${MAX_FOLDER_DEPTH - 1}` })).code).toBe("conflict");
    expect((await change("x", { parent: `d${MAX_FOLDER_DEPTH - 2}` })).status).toBe(204);
    const left = FOLDERS - (await list()).length;
    const codes: (string | null)[] = [];
    for (let index = 0; index <= left; index++) codes.push((await make(`n${index}`)).code);
    expect(codes).toEqual([...Array.from({ length: left }, () => null), "quota_exceeded"]);
    expect((await make("x", { parent: `d${MAX_FOLDER_DEPTH - 2}` })).status).toBe(201);
  });

  it("that are not empty stay", async () => {
    await make("a");
    await make("b", { parent: "a" });
    const id = await send();
    await move(id, "b");
    expect([(await remove("a")).code, (await remove("b")).code]).toEqual(["conflict", "conflict"]);
    await call("deleteMessage", { token, params: { id } });
    expect([(await remove("b")).code, (await remove("a")).code]).toEqual([null, null]);
  });

  it("of another account answer as those that don't exist", async () => {
    await make("mine");
    const id = await send();
    await make("hers", {}, eve);
    for (const ask of [
      async (name: string) => await remove(name, eve),
      async (name: string) => await change(name, {}, name, eve),
      async (name: string) => await make("new", { parent: name }, eve),
      async (name: string) => await call("getNamedFolder", { token: eve, params: { message_type: "email", name } }),
      async () => await move(id, "hers", eve),
      async () => await call("setMessageExtensions", { token: eve, params: { id }, body: { extensions: "AAAA" } }),
    ]) {
      const [foreign, unknown] = [await ask("mine"), await ask("unknown")];
      expect(foreign.code).toBe("not_found");
      expect(Buffer.from(foreign.bytes).toString()).toBe(Buffer.from(unknown.bytes).toString());
    }
    expect((await move(id, "hers")).code).toBe("not_found");
    expect((await list(eve)).map(({ name }) => name)).toEqual(["hers"]);
    await remove("hers", eve);
  });
});

describe("messages", () => {
  it("move, are listed where they stand, counted there, and told as changes", async () => {
    await make("a");
    await make("short", { message_type: "short-message" });
    const [first, second] = [await send(), await send()];
    const before = await changes("0");
    expect((await move(first, "a")).status).toBe(204);
    expect(await contents("a")).toEqual([first]);
    expect(await contents(null)).toEqual([second]);
    expect(await changes(before.state)).toMatchObject({ updated: [first], folders: false });
    expect((await call("getMessage", { token, params: { id: first, update_read: "false" } })).answer.folder).toBe("a");
    expect((await list())[0]).toMatchObject({ total: 1, unread: 1 });
    await call("getMessage", { token, params: { id: first, update_read: "true" } });
    expect((await list())[0]).toMatchObject({ total: 1, unread: 0 });
    expect((await move(first, "short")).code).toBe("not_found");
    expect((await call("getNamedFolder", { token, params: { message_type: "short-message", name: "a" } })).code).toBe("not_found");
    const same = (await changes("0")).state;
    expect((await move(first, "a")).status).toBe(204);
    expect((await changes("0")).state).toBe(same);
    expect((await move(first, null)).status).toBe(204);
    expect(await contents(null)).toEqual([second, first]);
    expect((await list())[0]).toMatchObject({ total: 0, unread: 0 });
  });

  it("that many devices move at once are counted right", async () => {
    await make("a");
    await make("b");
    const ids = await Promise.all(Array.from({ length: 8 }, send));
    const places = ["a", "b", null];
    await Promise.all(
      ids.flatMap((id, index) => [
        ...places.map(async (place) => await move(id, place)),
        call("setMessageRead", { token, params: { id }, body: { read: index % 2 === 0 } }),
      ]),
    );
    for (const { name, total, unread } of await list()) {
      const params = { message_type: EMAIL, name };
      const { messages } = (await call("getNamedFolder", { token, params })).answer;
      expect([name, total, unread]).toEqual([name, messages.length, messages.filter(({ read }) => !read).length]);
    }
  });

  it("that move, folders that change and extensions are told to who listens", async () => {
    const id = await send();
    const { baseUrl } = network.server("alpha.example");
    const stream = await network.fetch(`${baseUrl}1.0/events`, { redirect: "manual", headers: { "smimp-authentication": token } });
    const states: string[] = [];
    const steps = [
      async () => await make("a"),
      async () => await move(id, "a"),
      async () => await call("setMessageExtensions", { token, params: { id }, body: { extensions: "AAAA" } }),
      async () => await change("a", { display_name: null }),
    ];
    for await (const bytes of stream.body ?? []) {
      const [, state] = /"state":"([0-9]+)"/.exec(Buffer.from(bytes).toString("utf8")) ?? [];
      if (state === undefined) continue;
      states.push(state);
      const step = steps[states.length - 1];
      if (step === undefined) break;
      await step();
    }
    expect(states).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("a change of a folder is told as a state, once", async () => {
    const start = (await changes("0")).state;
    await make("a");
    const made = await changes(start);
    expect(made).toMatchObject({ folders: true, created: [], updated: [] });
    expect((await changes(made.state)).folders).toBe(false);
    await change("a", { display_name: null });
    const changed = await changes(made.state);
    expect(changed.folders).toBe(true);
    await change("a", { display_name: null });
    expect((await changes(changed.state)).state).toBe(changed.state);
    await remove("a");
    expect((await changes(changed.state)).folders).toBe(true);
  });
});

describe("extensions", () => {
  const etagOf = (extensions: string) => `"${toHex(hash(utf8(extensions)))}"`;
  const set = async (id: Hex32, extensions: string, headers: Record<string, string> = {}) =>
    await call("setMessageExtensions", { token, params: { id }, body: { extensions }, headers });

  it("are kept as they are sent, told as a change, and none is lost to a device that says what it saw", async () => {
    const id = await send();
    const { state } = await changes("0");
    const [one, two] = [toB64(randomBytes(100)), toB64(randomBytes(200))];
    expect((await set(id, one, { "if-none-match": "*" })).status).toBe(204);
    expect((await changes(state)).updated).toEqual([id]);
    expect((await set(id, two, { "if-none-match": "*" })).code).toBe("precondition_failed");
    expect((await set(id, two, { "if-match": etagOf(two) })).code).toBe("precondition_failed");
    expect((await set(id, two, { "if-match": etagOf(one) })).status).toBe(204);
    expect((await call("getMessage", { token, params: { id, update_read: "false" } })).answer.extensions).toBe(two);
    expect((await set(id, one)).status).toBe(204);
    expect((await set(id, toB64(randomBytes(MAX_EXTENSIONS_BYTES + 1)))).code).toBe("bad_request");
    expect((await set(id, "AAAA=")).code).toBe("bad_request");
  });

  it("count into what the account uses, and can be made less when it is full", async () => {
    const id = await send();
    const used = async () => (await call("getQuota", { token })).answer.used;
    const before = await used();
    const large = toB64(randomBytes(MAX_EXTENSIONS_BYTES));
    await set(id, large);
    expect(await used()).toBe(before + large.length);
    const others = [];
    while ((await used()) + large.length <= ACCOUNT_BYTES) {
      const other = await send();
      others.push(other);
      await set(other, large);
    }
    const last = await send();
    expect((await set(last, large)).code).toBe("quota_exceeded");
    expect((await set(id, "AAAA")).status).toBe(204);
    expect((await set(last, large)).status).toBe(204);
    for (const each of [id, last, ...others]) await call("deleteMessage", { token, params: { id: each } });
    expect(await used()).toBe(0);
  });
});
