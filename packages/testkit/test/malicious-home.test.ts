import type { Client } from "@smimp/client";
import { addSeconds, randomBytes, toHex32, type AnswerOf, type StoredMessage } from "@smimp/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createIdentity, tellJson, tellProblem, toldJson, type Lie, type ToldAnswer } from "../src/index.ts";
import { EVIL, GOOD, sealedLeft, sendTo, startMaliciousWorld, toldCodes, type MaliciousWorld, type Someone } from "./malicious.ts";

// docs/threat-model.md, "One's own server, gone bad": what each lie leads to, line by line.

let world: MaliciousWorld;
beforeAll(async () => {
  world = await startMaliciousWorld();
});
afterEach(async () => await world.calm());
afterAll(async () => await world.close());

type History = AnswerOf<"getHistory">;
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
  it.each(["forked", "replaced"] as const)("%s: told, and nothing leaves", async (kind) => {
    const { me, friend } = await pair(`own${kind}`);
    const invented = createIdentity(me.client.address, world.network.server(EVIL).baseUrl, world.network.clock());
    const shown = { forked: invented.append(), replaced: invented }[kind];
    world.server.lie(changing<History>(`${me.client.address}/history`, () => shown.history()));
    await expect(me.client.contacts.resolve(me.client.address)).rejects.toMatchObject({ code: "history_rewritten" });
    expect(await toldCodes(me.client)).toContain("own_history_mismatch");
    // Whoever knew the person before sees it too.
    world.server.lie(null);
    await friend.client.contacts.resolve(me.client.address);
    world.server.lie(changing<History>(`${me.client.address}/history`, () => shown.history()));
    await expect(friend.client.contacts.resolve(me.client.address)).rejects.toMatchObject({ code: "history_rewritten" });
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
  const lies: readonly [string, (blob: Uint8Array) => Uint8Array][] = [
    ["other bytes of the same length", (blob) => randomBytes(blob.length)],
    ["one bit", (blob) => blob.with(70_000, (blob[70_000] ?? 0) ^ 1)],
    ["cut at a chunk", (blob) => blob.subarray(0, 65_536 + 17 + 56)],
    ["cut by a byte", (blob) => blob.subarray(0, -1)],
    ["a byte more", (blob) => Buffer.concat([blob, Buffer.alloc(1)])],
    ["nothing", () => new Uint8Array()],
  ];
  it.each(lies)("%s: decryption_failed, never the whole", async (name, change) => {
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
    const read = async (): Promise<number> => {
      let bytes = 0;
      for await (const piece of me.client.inbox.attachment(line.messageId, 0)) bytes += piece.length;
      return bytes;
    };
    await expect(read()).rejects.toMatchObject({ name: "SmimpError" });
    world.server.lie(null);
    expect(await read()).toBe(content.length);
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

  it("rolls the keystore back: refused, and no secret comes back", async () => {
    const { me, friend } = await pair("rollback");
    let first: ToldAnswer | undefined;
    world.server.lie(async ({ path, method }, truth) => {
      const told = await truth();
      if (path.includes("/keystore") && method === "GET" && told.status === 200) first ??= told;
      return told;
    });
    await mail(friend.client, me.client, "one");
    await me.client.sync();
    // Another device seems to have saved meanwhile; what it saved is older than what was acknowledged.
    let refusals = 0;
    const older = first ?? (await oldKeystore(me));
    world.server.lie(async ({ path, method }, truth) => {
      if (!path.includes("/keystore")) return await truth();
      if (method === "GET") return older;
      return refusals++ < 20 ? tellProblem("precondition_failed", 412) : await truth();
    });
    await mail(friend.client, me.client, "two");
    await me.client.sync().catch((error: unknown) => expect(error).toMatchObject({ name: "SmimpError" }));
    world.server.lie(null);
    await me.client.sync();
    expect(await subjects(me.client)).toEqual(["one", "two"]);
  });

  it("gives out nonsense as keystore: refused", async () => {
    const { me, friend } = await pair("nonsense");
    await me.client.sync();
    for (const body of [new Uint8Array(), randomBytes(40), randomBytes(5_000)]) {
      world.server.lie(async ({ path, method }, truth) => {
        if (!path.includes("/keystore")) return await truth();
        return method === "GET"
          ? { status: 200, headers: { etag: `"${toHex32(randomBytes(32))}"` }, body }
          : tellProblem("precondition_failed", 412);
      });
      await mail(friend.client, me.client, "more").catch(() => undefined);
      await me.client.sync().catch((error: unknown) => expect(error).toMatchObject({ name: "SmimpError" }));
    }
    world.server.lie(null);
    await me.client.sync();
    expect(new Set(await subjects(me.client))).toEqual(new Set(["more"]));
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

/** The keystore as the server holds it now. */
async function oldKeystore({ client }: Someone): Promise<ToldAnswer> {
  let told: ToldAnswer | undefined;
  world.server.lie(async ({ path, method }, truth) => {
    const answer = await truth();
    if (path.includes("/keystore") && method === "PUT") told = await truth({ method: "GET", body: Buffer.alloc(0) });
    return answer;
  });
  await client.send({ to: [client.address], subject: "to myself", body: "", keepCopy: false });
  await client.sync();
  if (told === undefined) throw new TypeError("the keystore was not saved");
  return told;
}

function toHex(id: string): StoredMessage["message_id"] {
  return id as StoredMessage["message_id"];
}
