import { fromB64, fromUtf8, keyIdOf, randomBytes, toHex32, type AnswerOf, type Statement } from "@smimp/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { tellJson, tellProblem, type Lie, type ToldAnswer } from "../src/index.ts";
import {
  changing,
  EVIL,
  mail,
  sealed,
  sendTo,
  startMaliciousWorld,
  subjects,
  toldCodes,
  type MaliciousWorld,
  type Someone,
} from "./malicious.ts";

// docs/threat-model.md, "One's own server, gone bad": lies about message keys, and about the keystore.

let world: MaliciousWorld;
beforeAll(async () => {
  world = await startMaliciousWorld();
});
afterEach(async () => await world.calm());
afterAll(async () => await world.close());

type KeyAnswer = AnswerOf<"getMessageKey">;

describe("one's own server that plays with keys", () => {
  it("always says that no single-use key is left: bounded, and the keystore does not grow without end", async () => {
    const { me } = await world.pair("empty");
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
    const { me, friend } = await world.pair("rollback");
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
    const { me, friend } = await world.pair("nonsense");
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

  it.each([16, 120])("gives out ever new nonsense as keystore, looked at every %i minutes: it is told and replaced", async (minutes) => {
    const { me, friend } = await world.pair(`evernew${minutes}`);
    await me.client.sync();
    world.server.lie(async ({ path, method }, truth) => {
      if (!path.includes("/keystore")) return await truth();
      if (method !== "GET") return tellProblem("precondition_failed", 412);
      return { status: 200, headers: { etag: `"${toHex32(randomBytes(32))}"` }, body: randomBytes(5_000) };
    });
    await mail(friend.client, me.client, "meanwhile");
    const saving = async (): Promise<void> => {
      await me.client.keys.save();
      await me.client.sync();
    };
    // Another device may be changing the keys: so for an hour, and until three of them were seen.
    for (let looks = 0; looks < (minutes === 16 ? 4 : 1); looks++) {
      await expect(saving()).rejects.toMatchObject({ code: "temporarily_unavailable" });
      expect(await toldCodes(me.client)).not.toContain("keystore_replaced");
      world.advance(minutes * 60);
    }
    await expect(saving()).rejects.toMatchObject({ name: "SmimpError" });
    expect(await toldCodes(me.client)).toContain("keystore_replaced");
    world.server.lie(null);
    await me.client.sync();
    expect(await subjects(me.client)).toEqual(["meanwhile"]);
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
    const { me, friend } = await world.pair("foreignkeys");
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
