import { randomBytes, type AnswerOf, type StoredMessage } from "@smimp/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { tellJson, toldJson, type Lie } from "../src/index.ts";
import { mail, startMaliciousWorld, subjects, toldCodes, type MaliciousWorld } from "./malicious.ts";

// docs/threat-model.md, "One's own server, gone bad": lies about messages and their attachments.

let world: MaliciousWorld;
beforeAll(async () => {
  world = await startMaliciousWorld();
});
afterEach(async () => await world.calm());
afterAll(async () => await world.close());

type Changes = AnswerOf<"getChanges">;

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

describe("one's own server that plays with messages", () => {
  it("delivers each of them again and again: each is shown once", async () => {
    const { me, friend } = await world.pair("replay");
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
    const { me, friend } = await world.pair("undead");
    const id = await mail(friend.client, me.client, "gone");
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
    const { me, friend } = await world.pair("withhold");
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
    const { me, friend } = await world.pair("swapped");
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
    const { me, friend } = await world.pair("chatty");
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
    const { me, friend } = await world.pair("pages");
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
    const { me, friend } = await world.pair(`blob${name.replaceAll(/[^a-z]/g, "")}`);
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
