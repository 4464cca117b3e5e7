import type { Client } from "@smimp/client";
import { addSeconds, randomBytes, toHex32, type AnswerOf, type Statement } from "@smimp/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createIdentity, rawCaller, tellJson, tellProblem } from "../src/index.ts";
import { digestOf, publicKeyOf, verifies } from "./digest.ts";
import {
  changing,
  EVIL,
  mail,
  sealed,
  sealedLeft,
  sendTo,
  startMaliciousWorld,
  subjects,
  toldCodes,
  type MaliciousWorld,
} from "./malicious.ts";

// docs/threat-model.md, "One's own server, gone bad": what each lie leads to, line by line. Lies about messages and keys have files of
// their own beside this one.

let world: MaliciousWorld;
beforeAll(async () => {
  world = await startMaliciousWorld();
});
afterEach(async () => await world.calm());
afterAll(async () => await world.close());

type History = AnswerOf<"getHistory">;

/** Somebody's history as it is shown now. */
async function historyOf({ address }: Client): Promise<History> {
  return (await rawCaller(world.network.fetch, world.network.server(EVIL).baseUrl)("getHistory", { params: { address } })).answer;
}

describe("one's own server that rewrites one's history", () => {
  it.each(["forked", "replaced", "rolled back"] as const)("%s: told, and nothing leaves", async (kind) => {
    const { me, friend } = await world.pair(`own${kind.replace(" ", "")}`);
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

describe("one's own server that is in the way", () => {
  it("asks its own user for work without end: given up after a few rounds", async () => {
    const { me, friend } = await world.pair("overprice");
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
    const { me } = await world.pair("digesthome");
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
    const { me } = await world.pair("sessions");
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
    const { me, friend } = await world.pair("flood");
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
    const { me, friend } = await world.pair("leak");
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
    const { me, friend } = await world.pair("refuses");
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
