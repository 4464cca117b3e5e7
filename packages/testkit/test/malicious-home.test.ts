import type { Client } from "@smimp/client";
import {
  addSeconds,
  fromB64,
  fromUtf8,
  keyIdOf,
  randomBytes,
  toHex32,
  type AnswerOf,
  type Statement,
  type StoredMessage,
} from "@smimp/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createIdentity, rawCaller, tellJson, tellProblem, toldJson, type Lie, type ToldAnswer } from "../src/index.ts";
import { digestOf, publicKeyOf, verifies } from "./digest.ts";
import { EVIL, GOOD, sealedLeft, sendTo, startMaliciousWorld, toldCodes, type MaliciousWorld, type Someone } from "./malicious.ts";

// docs/threat-model.md, "One's own server, gone bad": what each lie leads to, line by line.

let world: MaliciousWorld;
beforeAll(async () => {
  world = await startMaliciousWorld();
});
afterEach(async () => await world.calm());
afterAll(async () => await world.close());

type History = AnswerOf<"getHistory">;
type KeyAnswer = AnswerOf<"getMessageKey">;
type Changes = AnswerOf<"getChanges">;

/** Somebody on the bad server, and a correspondent on the good one whom they know. */
async function pair(name: string): Promise<{ readonly me: Someone; readonly friend: Someone }> {
  const me = await world.join(`${name}#${EVIL}`);
  const friend = await world.join(`${name}friend#${GOOD}`);
  return { me, friend };
}

/** Sends an email; returns its id. */
async function mail(from: Client, to: Client, subject: string): Promise<string> {
  const [copy] = (await from.send({ to: [to.address], subject, body: `body of ${subject}`, keepCopy: false })).copies;
  if (copy?.messageId === undefined || copy.messageId === null || copy.state !== "sent") throw new Error(`not sent: ${copy?.reason}`);
  return copy.messageId;
}

/** Sealed messages that left somebody's client after so many requests. */
function sealed({ sent }: Someone, after: number): number {
  return sent.slice(after).filter(({ url }) => url.includes("/send_message/")).length;
}

/** Somebody's history as it is shown now. */
async function historyOf({ address }: Client): Promise<History> {
  return (await rawCaller(world.network.fetch, world.network.server(EVIL).baseUrl)("getHistory", { params: { address } })).answer;
}

async function subjects(client: Client): Promise<readonly string[]> {
  return (await client.inbox.list()).map(({ subject }) => subject).sort();
}

/** Changes an answer's JSON, by a part of the path. */
function changing<Content>(part: string, change: (content: Content) => unknown): Lie {
  return async ({ path }, truth) => {
    const told = await truth();
    return path.includes(part) && told.status < 300 ? tellJson(change(toldJson<Content>(told))) : told;
  };
}

/** Changes the messages that are fetched. */
function changingMessages(change: (messages: readonly StoredMessage[]) => readonly unknown[]): Lie {
  return async ({ path, method }, truth) => {
    const told = await truth();
    if (!path.endsWith("/1.0/messages") || method !== "POST") return told;
    const lines = Buffer.from(told.body).toString("utf8").trim().split("\n").filter(Boolean);
    const messages = change(lines.map((line) => JSON.parse(line) as StoredMessage));
    return { ...told, body: Buffer.from(messages.map((message) => `${JSON.stringify(message)}\n`).join("")) };
  };
}

describe("one's own server that rewrites one's history", () => {
  it.each(["forked", "replaced", "rolled back"] as const)("%s: told, and nothing leaves", async (kind) => {
    const { me, friend } = await pair(`own${kind.replace(" ", "")}`);
    // They know each other, and there is a session that would still do.
    await mail(me.client, friend.client, "before");
    await mail(friend.client, me.client, "before");
    const oldest = await historyOf(me.client);
    await me.client.profile.set({ name: "Somebody" });
    await me.client.contacts.resolve(me.client.address);
    await friend.client.contacts.resolve(me.client.address);
    const invented = createIdentity(me.client.address, world.network.server(EVIL).baseUrl, world.network.clock());
    const shown = { forked: invented.append().history(), replaced: invented.history(), "rolled back": oldest }[kind];
    const lie = changing<History>(`${me.client.address}/history`, () => shown);
    world.server.lie(lie);
    await expect(me.client.contacts.resolve(me.client.address)).rejects.toMatchObject({ code: "history_rewritten" });
    expect(await toldCodes(me.client)).toContain("own_history_mismatch");
    // Nothing leaves, neither to another server nor to oneself, however often it is tried.
    const left = me.sent.length;
    for (const to of [friend.client.address, me.client.address]) {
      expect(await sendTo(me.client, to)).toMatchObject({ state: "failed", reason: "history_rewritten" });
    }
    await me.client.outbox.flush({ force: true });
    expect(sealed(me, left)).toBe(0);
    // Whoever knew the person before sees it too, and sends nothing either.
    await expect(friend.client.contacts.resolve(me.client.address)).rejects.toMatchObject({ code: "history_rewritten" });
    expect(await toldCodes(friend.client)).toContain("history_rewritten");
    // Once the truth is shown again, to the other server too, what was kept goes out.
    world.server.lie(null);
    world.advance(600);
    for (const { id, copies } of await me.client.outbox.list())
      if (copies.some(({ state }) => state === "failed")) await me.client.outbox.retry(id);
    await me.client.outbox.flush({ force: true });
    expect(new Set((await me.client.outbox.list()).flatMap(({ copies }) => copies.map(({ state }) => state)))).toEqual(new Set(["sent"]));
    await friend.client.sync();
    expect(await subjects(friend.client)).toEqual(["before", "secret subject"]);
  });
});

describe("one's own server that plays with messages", () => {
  it("delivers each of them again and again: each is shown once", async () => {
    const { me, friend } = await pair("replay");
    for (const subject of ["one", "two"]) await mail(friend.client, me.client, subject);
    const seen: string[] = [];
    world.server.lie(async ({ path }, truth) => {
      const told = await truth();
      if (!path.includes("/1.0/changes")) return told;
      const changes = toldJson<Changes>(told);
      seen.push(...changes.created);
      return tellJson({ ...changes, created: [...new Set([...seen, ...changes.created])], updated: [...new Set(seen)] });
    });
    for (let round = 0; round < 3; round++) await me.client.sync();
    expect(await subjects(me.client)).toEqual(["one", "two"]);
  });

  it("delivers a deleted one again: it stays deleted", async () => {
    const { me, friend } = await pair("undead");
    const id = toHex(await mail(friend.client, me.client, "gone"));
    let kept: string | undefined;
    world.server.lie(
      changingMessages((messages) => {
        kept ??= messages.map((message) => JSON.stringify(message))[0];
        return messages;
      }),
    );
    await me.client.sync();
    await me.client.inbox.remove(id);
    world.server.lie(async ({ path, method }, truth) => {
      const told = await truth();
      if (path.includes("/1.0/changes")) return tellJson({ ...toldJson<Changes>(told), created: [id], destroyed: [] });
      if (path.endsWith("/1.0/messages") && method === "POST") return { ...told, body: Buffer.from(`${kept}\n`) };
      return told;
    });
    await me.client.sync();
    expect(await subjects(me.client)).toEqual([]);
  });

  it("withholds and reorders: what comes later is shown then, each in its place, none twice", async () => {
    const { me, friend } = await pair("withhold");
    for (const subject of ["a", "b", "c"]) await mail(friend.client, me.client, subject);
    let hidden: string | undefined;
    world.server.lie(async ({ path }, truth) => {
      const told = await truth();
      if (!path.includes("/1.0/changes") && !path.includes("/1.0/folder/")) return told;
      const answer = toldJson<{ created?: string[]; messages?: { message_id: string }[] }>(told);
      hidden ??= answer.created?.[0] ?? answer.messages?.[0]?.message_id;
      return tellJson({
        ...answer,
        ...(answer.created === undefined ? {} : { created: answer.created.filter((id) => id !== hidden).reverse() }),
        ...(answer.messages === undefined ? {} : { messages: answer.messages.filter((each) => each.message_id !== hidden).reverse() }),
      });
    });
    await me.client.sync();
    expect((await subjects(me.client)).length).toBe(2);
    world.server.lie(async ({ path }, truth) => {
      const told = await truth();
      return path.includes("/1.0/changes") && hidden !== undefined ? tellJson({ ...toldJson<Changes>(told), created: [hidden] }) : told;
    });
    await me.client.sync();
    await me.client.sync();
    expect(await subjects(me.client)).toEqual(["a", "b", "c"]);
  });

  it("gives one message the text of another, or its archive: nothing false is shown", async () => {
    const { me, friend } = await pair("swapped");
    for (const subject of ["first", "second"]) await mail(friend.client, me.client, subject);
    world.server.lie(
      changingMessages((messages) =>
        messages.map((message, index) => ({ ...message, envelope: messages[(index + 1) % messages.length]?.envelope })),
      ),
    );
    await me.client.sync();
    expect(await subjects(me.client)).toEqual([]);
    expect(await toldCodes(me.client)).toContain("bad_request");
  });

  it("answers what was not asked, endlessly or not at all: sync ends, and the next one is well", async () => {
    const { me, friend } = await pair("chatty");
    await mail(friend.client, me.client, "wanted");
    const nothing = { status: 200, headers: { "content-type": "application/x-ndjson" }, body: new Uint8Array() };
    const noise = Buffer.from(`${"{}\n".repeat(1_000)}[1]\nnull\n"x"\n`);
    for (const body of [nothing.body, noise, Buffer.from("not json\n"), Buffer.from('{"message_id":')]) {
      world.server.lie(async ({ path, method }, truth) =>
        path.endsWith("/1.0/messages") && method === "POST" ? { ...nothing, body } : await truth(),
      );
      await me.client.sync().catch((error: unknown) => expect(error).toMatchObject({ name: "SmimpError" }));
    }
    world.server.lie(null);
    world.advance(3_600);
    await me.client.sync();
    expect(await subjects(me.client)).toEqual(["wanted"]);
  });

  it("counts states backwards and sends pages without end: sync ends, and nothing is shown twice", async () => {
    const { me, friend } = await pair("pages");
    await mail(friend.client, me.client, "x");
    await me.client.sync();
    world.arrived();
    world.server.lie(async ({ path }, truth) => {
      const told = await truth();
      return path.includes("/1.0/changes") ? tellJson({ ...toldJson<Changes>(told), state: "1", more: true }) : told;
    });
    await me.client.sync().catch((error: unknown) => expect(error).toMatchObject({ name: "SmimpError" }));
    expect(world.arrived().length).toBeLessThan(2_000);
    world.server.lie(null);
    await me.client.sync();
    expect(await subjects(me.client)).toEqual(["x"]);
  });
});

describe("one's own server that substitutes attachments", () => {
  const content = randomBytes(100_000);
  const lies: readonly [string, string, (blob: Uint8Array) => Uint8Array][] = [
    ["other bytes of the same length", "commitment_mismatch", (blob) => randomBytes(blob.length)],
    ["one bit", "decryption_failed", (blob) => blob.with(70_000, (blob[70_000] ?? 0) ^ 1)],
    ["cut at a chunk", "decryption_failed", (blob) => blob.subarray(0, 65_536 + 17 + 56)],
    ["cut by a byte", "decryption_failed", (blob) => blob.subarray(0, -1)],
    ["a byte more", "decryption_failed", (blob) => Buffer.concat([blob, Buffer.alloc(1)])],
    ["nothing", "decryption_failed", () => new Uint8Array()],
  ];
  it.each(lies)("%s: %s, never the whole", async (name, code, change) => {
    const { me, friend } = await pair(`blob${name.replaceAll(/[^a-z]/g, "")}`);
    const attachment = {
      name: "photo.jpg",
      mediaType: "image/jpeg",
      size: content.length,
      open: async function* () {
        yield await Promise.resolve(content);
      },
    };
    await friend.client.send({ to: [me.client.address], subject: "s", body: "b", attachments: [attachment], keepCopy: false });
    const [line] = (await me.client.sync()).messages;
    if (line === undefined) throw new TypeError("nothing arrived");
    world.server.lie(async ({ path }, truth) => {
      const told = await truth();
      return path.includes("/1.0/blob/") ? { ...told, body: change(Uint8Array.from(told.body)) } : told;
    });
    const read = async (): Promise<{ readonly bytes: Buffer; readonly error: unknown }> => {
      const pieces: Uint8Array[] = [];
      try {
        for await (const piece of me.client.inbox.attachment(line.messageId, 0)) pieces.push(piece);
      } catch (error) {
        return { bytes: Buffer.concat(pieces), error };
      }
      return { bytes: Buffer.concat(pieces), error: null };
    };
    const { bytes, error } = await read();
    expect(error).toMatchObject({ name: "SmimpError", code });
    // What came out before the end was true, and it was not all.
    expect(bytes.length).toBeLessThan(content.length);
    expect(bytes.equals(content.subarray(0, bytes.length))).toBe(true);
    world.server.lie(null);
    const honest = await read();
    expect(honest.error).toBeNull();
    expect(honest.bytes.equals(content)).toBe(true);
  });
});

describe("one's own server that plays with keys", () => {
  it("always says that no single-use key is left: bounded, and the keystore does not grow without end", async () => {
    const { me } = await pair("empty");
    await me.client.sync();
    world.server.lie(async ({ path, method }, truth) => {
      const told = await truth();
      return path.endsWith("/ephemeral_keys") && method === "GET" ? tellJson({ count: 0, key_ids: [] }) : told;
    });
    world.arrived();
    for (let round = 0; round < 5; round++)
      await me.client.sync().catch((error: unknown) => expect(error).toMatchObject({ name: "SmimpError" }));
    const uploads = world.arrived().filter(({ path, method }) => path.endsWith("/ephemeral_keys") && method === "POST");
    const keys = uploads.reduce((sum, { body }) => sum + (JSON.parse(body.toString("utf8")) as { keys: unknown[] }).keys.length, 0);
    expect(keys).toBeLessThanOrEqual(200);
  });

  it("rolls the keystore back: told, refused, and no secret comes back", async () => {
    const { me, friend } = await pair("rollback");
    const older = await oldKeystore(me);
    // The single-use secrets that this opens are in that copy, and destroyed from here on.
    for (const subject of ["one", "two"]) await mail(friend.client, me.client, subject);
    await me.client.sync();
    const destroyed = await destroyedKeys(me);
    expect(destroyed.length).toBeGreaterThanOrEqual(2);
    let refusals = 0;
    let shown = 0;
    world.server.lie(async ({ path, method }, truth) => {
      if (!path.includes("/keystore")) return await truth();
      if (method === "GET") return shown++ < 20 ? older : await truth();
      return refusals++ < 20 ? tellProblem("precondition_failed", 412) : await truth();
    });
    await mail(friend.client, me.client, "three");
    await expect(me.client.sync()).rejects.toMatchObject({ code: "conflict" });
    expect(shown).toBeGreaterThan(0);
    expect(await toldCodes(me.client)).toContain("keystore_rolled_back");
    expect(await livingOf(me, destroyed)).toEqual([]);
    world.server.lie(null);
    await me.client.sync();
    expect(await subjects(me.client)).toEqual(["one", "three", "to myself", "two"]);
    expect(await livingOf(me, destroyed)).toEqual([]);
    expect((await destroyedKeys(me)).length).toBeGreaterThan(destroyed.length);
  });

  it("gives out nonsense as keystore: nothing of it is taken over, told once it stays, and replaced", async () => {
    const { me, friend } = await pair("nonsense");
    await mail(friend.client, me.client, "before");
    await me.client.sync();
    const destroyed = await destroyedKeys(me);
    expect(destroyed.length).toBeGreaterThanOrEqual(1);
    const nonsense = [new Uint8Array(), randomBytes(40), randomBytes(5_000)];
    for (const body of nonsense) {
      const known = await secretsOf(me);
      const etag = `"${toHex32(randomBytes(32))}"`;
      world.server.lie(async ({ path, method }, truth) => {
        if (!path.includes("/keystore")) return await truth();
        return method === "GET" ? { status: 200, headers: { etag }, body } : tellProblem("precondition_failed", 412);
      });
      await mail(friend.client, me.client, `more ${body.length}`);
      // It may be that another device changes the keys: a while later it can't be any more.
      await expect(me.client.keys.save().then(async () => await me.client.sync())).rejects.toMatchObject({
        code: "temporarily_unavailable",
      });
      expect(await toldCodes(me.client)).not.toContain("keystore_replaced");
      for (const [keyId, seed] of await secretsOf(me)) expect(known.get(keyId) ?? seed).toBe(seed);
      expect(await livingOf(me, destroyed)).toEqual([]);
      world.server.lie(null);
      await me.client.sync();
    }
    world.server.lie(async ({ path, method }, truth) =>
      path.includes("/keystore") && method === "GET"
        ? { status: 200, headers: { etag: '"planted"' }, body: randomBytes(5_000) }
        : path.includes("/keystore")
          ? tellProblem("precondition_failed", 412)
          : await truth(),
    );
    await mail(friend.client, me.client, "last");
    const saving = async (): Promise<void> => {
      await me.client.keys.save();
      await me.client.sync();
    };
    await expect(saving()).rejects.toMatchObject({ code: "temporarily_unavailable" });
    world.advance(16 * 60);
    await expect(me.client.sync()).rejects.toMatchObject({ name: "SmimpError" });
    expect(await toldCodes(me.client)).toContain("keystore_replaced");
    world.server.lie(null);
    await me.client.sync();
    expect(await subjects(me.client)).toEqual(["before", "last", ...nonsense.map(({ length }) => `more ${length}`)].sort());
    expect(await livingOf(me, destroyed)).toEqual([]);
  });

  it("puts another's key in the place of its user's, or of a contact's: bad_signature, and nothing is sealed to it", async () => {
    const me = await world.join(`swaphome#${EVIL}`);
    const neighbour = await world.byHand(`swapneighbour#${EVIL}`);
    const thief = await world.byHand(`swapthief#${EVIL}`);
    await me.client.contacts.resolve(neighbour.address);
    const { statement } = thief.messageKey("ephemeral", world.network.clock());
    const { public_key } = thief.chain.head.document;
    const lies: readonly [string, Lie][] = [
      ["bad_signature", changing<KeyAnswer>("/get_message_key", (answer) => ({ ...answer, message_key: statement }))],
      // Nor does it help to name the key that goes with it: the head is another than the one that was shown before.
      ["history_rewritten", changing<KeyAnswer>("/get_message_key", (answer) => ({ ...answer, message_key: statement, public_key }))],
    ];
    for (const [reason, lie] of lies) {
      for (const to of [me.client.address, neighbour.address]) {
        world.server.lie(lie);
        const left = me.sent.length;
        expect(await sendTo(me.client, to)).toMatchObject({ state: "failed", reason });
        expect(sealed(me, left)).toBe(0);
      }
    }
    // Both are told where the head itself was another.
    expect(await toldCodes(me.client)).toEqual(expect.arrayContaining(["own_history_mismatch", "history_rewritten"]));
    world.server.lie(null);
    for (const to of [me.client.address, neighbour.address]) expect((await sendTo(me.client, to)).state).toBe("sent");
  });

  it("counts another's single-use keys as its user's: they are replaced by the user's own", async () => {
    const { me, friend } = await pair("foreignkeys");
    await me.client.sync();
    const thief = await world.byHand(`foreignthief#${EVIL}`);
    const ids = Array.from({ length: 60 }, () => thief.messageKey("ephemeral", world.network.clock()).keyId);
    world.server.lie(async ({ path, method }, truth) =>
      path.endsWith("/ephemeral_keys") && method === "GET" ? tellJson({ count: ids.length, key_ids: ids }) : await truth(),
    );
    world.arrived();
    world.advance(3_700);
    await me.client.sync();
    const puts = world.arrived().filter(({ path, method }) => path.endsWith("/ephemeral_keys") && method === "PUT");
    expect(puts.length).toBe(1);
    const own = new Set((await secretsOf(me)).keys());
    const { keys } = JSON.parse(puts[0]?.body.toString("utf8") ?? "") as { keys: readonly Statement[] };
    expect(keys.length).toBeGreaterThan(0);
    for (const { data } of keys) {
      const { public_key, address } = JSON.parse(data) as { public_key: string; address: string };
      expect(address).toBe(me.client.address);
      expect(own.has(keyIdOf(fromB64(public_key)))).toBe(true);
    }
    world.server.lie(null);
    await mail(friend.client, me.client, "still");
    await me.client.sync();
    expect(await subjects(me.client)).toEqual(["still"]);
  });
});

describe("one's own server that is in the way", () => {
  it("asks its own user for work without end: given up after a few rounds", async () => {
    const { me, friend } = await pair("overprice");
    const pow = {
      algorithm: "blake2b",
      zero_bits: 64,
      count: 64,
      nonce: toHex32(randomBytes(32)),
      expires_at: addSeconds(world.network.clock(), 600),
    };
    world.server.lie(async ({ path }, truth) =>
      path.includes("/get_message_key") ? tellProblem("pow_required", 403, { pow }) : await truth(),
    );
    world.arrived();
    const entry = await me.client.send({ to: [friend.client.address], subject: "s", body: "b" });
    // The correspondent's server is honest; only the copy to oneself waits.
    expect(entry.copies.map(({ own, state }) => [own, state])).toEqual([
      [false, "sent"],
      [true, "failed"],
    ]);
    expect(world.arrived().filter(({ path }) => path.includes("/get_message_key")).length).toBeLessThan(10);
  });

  it("offers a record digest as login token: the signature made for it is worth nothing else", async () => {
    const { me } = await pair("digesthome");
    const victim = await world.byHand(`digestvictim#${EVIL}`);
    const records = [victim.chain.head.statement, (await historyOf(me.client)).records[0]];
    const key = await publicKeyOf(me.client);
    for (const record of records) {
      if (record === undefined) throw new TypeError("there is no record");
      const token = Buffer.from(digestOf("record", record.data)).toString("base64url");
      const signed: Statement[] = [];
      world.server.lie(async ({ method, path, body }, truth) => {
        if (path.includes("/create_session/") && method === "GET")
          return tellJson({ token, expires_at: addSeconds(world.network.clock(), 60) });
        if (path.includes("/create_session/")) signed.push(JSON.parse(body.toString("utf8")) as Statement);
        return path.includes("/get_user/") || !path.startsWith("/1.0/") || path.includes("/create_session/")
          ? await truth()
          : tellProblem("session_expired", 401);
      });
      // The honest server behind it never gave out that token.
      await expect(me.client.sync()).rejects.toMatchObject({ code: "unauthenticated" });
      expect(signed.length).toBeGreaterThan(0);
      expect(signed.length).toBeLessThan(10);
      for (const statement of signed) {
        expect(verifies("session", key, statement)).toBe(true);
        expect(JSON.parse(statement.data)).toMatchObject({ token, address: me.client.address });
        for (const type of ["record", "message-key", "envelope", "assertion", "deletion"] as const) {
          expect(verifies(type, key, statement)).toBe(false);
          expect(verifies(type, key, { data: record.data, signature: statement.signature })).toBe(false);
        }
      }
    }
  });

  it("ends every session at once: logs in a few times, then waits", async () => {
    const { me } = await pair("sessions");
    world.server.lie(async ({ path }, truth) =>
      path.includes("/create_session/") || path.includes("/get_user/") || path.startsWith("/.well-known")
        ? await truth()
        : tellProblem("session_expired", 401),
    );
    world.arrived();
    await expect(me.client.sync()).rejects.toMatchObject({ name: "SmimpError" });
    expect(world.arrived().filter(({ path }) => path.includes("/create_session/")).length).toBeLessThan(10);
  });

  it("floods its events with garbage: watching goes on, without syncing for each of them", async () => {
    const { me, friend } = await pair("flood");
    await me.client.sync();
    const garbage = `${'event: state\ndata: {"state":"9"}\n\n'.repeat(2_000)}data: \u0000\n\nevent: ${"x".repeat(10_000)}\n\nnonsense`;
    world.server.lie(async ({ path }, truth) =>
      path.endsWith("/events")
        ? { status: 200, headers: { "content-type": "text/event-stream" }, body: Buffer.from(garbage) }
        : await truth(),
    );
    await mail(friend.client, me.client, "through");
    world.arrived();
    for await (const event of me.client.watch()) if (event.type === "message") break;
    expect(await subjects(me.client)).toEqual(["through"]);
    expect(world.arrived().length).toBeLessThan(200);
  });

  it("leaks all that it sees: there is nothing readable in it", async () => {
    const { me, friend } = await pair("leak");
    const canary = `canary${Buffer.from(randomBytes(12)).toString("hex")}`;
    world.arrived();
    await me.client.send({ to: [friend.client.address], subject: canary, body: canary });
    await friend.client.send({ to: [me.client.address], subject: canary, body: canary });
    await me.client.sync();
    const all = Buffer.concat(world.arrived().flatMap(({ path, headers, body }) => [Buffer.from(path + JSON.stringify(headers)), body]));
    expect(all.length).toBeGreaterThan(10_000);
    expect(all.includes(canary)).toBe(false);
    expect(all.includes(Buffer.from(canary).toString("base64").slice(0, -4))).toBe(false);
  });

  it("refuses everything: what was queued stays queued, nothing goes another way, and it is sent once that is over", async () => {
    const { me, friend } = await pair("refuses");
    world.server.lie(async () => await Promise.resolve(tellProblem("temporarily_unavailable", 503)));
    world.arrived();
    // The correspondent's server can't learn who the sender is.
    expect((await sendTo(me.client, friend.client.address)).state).toBe("queued");
    expect(sealedLeft(world.arrived())).toBe(false);
    world.server.lie(null);
    world.advance(3_600);
    const [entry] = await me.client.outbox.flush();
    expect(entry?.copies.map(({ state, to }) => [state, to])).toEqual([["sent", friend.client.address]]);
  });
});

/** The keystore as the server holds it, a version or more before what comes next. */
async function oldKeystore({ client }: Someone): Promise<ToldAnswer> {
  let told: ToldAnswer | undefined;
  world.server.lie(async ({ path, method }, truth) => {
    const answer = await truth();
    if (path.includes("/keystore") && method === "PUT") told = await truth({ method: "GET", body: Buffer.alloc(0) });
    return answer;
  });
  await client.send({ to: [client.address], subject: "to myself", body: "", keepCopy: false });
  await client.sync();
  world.server.lie(null);
  if (told === undefined) throw new TypeError("the keystore was not saved");
  return told;
}

interface StoredKey {
  readonly seed: string | null;
  readonly kind: string;
}

/** The message keys in somebody's storage, as they stand there. */
async function storedKeys({ storage }: Someone): Promise<readonly (readonly [string, StoredKey])[]> {
  return (await storage.list("message-keys")).map(({ key, value }) => [key, JSON.parse(fromUtf8(value)) as StoredKey]);
}

/** Those whose secrets are there. */
async function secretsOf(someone: Someone): Promise<ReadonlyMap<string, string>> {
  return new Map((await storedKeys(someone)).flatMap(([keyId, { seed }]) => (seed === null ? [] : [[keyId, seed] as const])));
}

/** Those whose secrets were destroyed. */
async function destroyedKeys(someone: Someone): Promise<readonly string[]> {
  return (await storedKeys(someone)).flatMap(([keyId, { seed, kind }]) => (seed === null && kind === "ephemeral" ? [keyId] : []));
}

/** Which of these have a secret again. */
async function livingOf(someone: Someone, keyIds: readonly string[]): Promise<readonly string[]> {
  const living = await secretsOf(someone);
  return keyIds.filter((keyId) => living.has(keyId));
}

function toHex(id: string): StoredMessage["message_id"] {
  return id as StoredMessage["message_id"];
}
