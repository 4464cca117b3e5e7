import { hash, parseAddress, randomBytes, toHex32 } from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinRaw, newPerson, rawCaller, sealRaw } from "../src/index.ts";
import { ALPHA, attack, counts, startAbuse, type AbuseWorld, type Asked } from "./abuse.ts";

// docs/threat-model.md, "Somebody who wants to use it up": each attack ends at a limit, and others keep their service meanwhile, which
// service.ts measures while the attack goes on. Floods have a file of their own beside this one.

let world: AbuseWorld;
beforeAll(async () => {
  world = await startAbuse();
});
afterAll(async () => await world.close());

/** What kind of key it was, or the code that came instead. */
function kindOf({ key, codes }: Asked): string {
  return key === null ? String(codes.at(-1)) : (JSON.parse(key.message_key.data) as { kind: string }).kind;
}

describe("draining single-use keys", () => {
  it("from one account: ends at its share, and others still get theirs", async () => {
    const victim = await newPerson(world.network, `drained#${ALPHA}`);
    const attacker = world.oneOfTheCrowd("drainer");
    const from = world.attackFrom("127.7.0.1");
    const token = await world.session(from, attacker);
    const kinds = await world.others.during("keys drained from one account", async (goOn) => {
      const one = async (): Promise<string> => kindOf(await world.askPaying(from.call, token, attacker.address, victim.address));
      return await attack({ count: 40, lanes: 1, goOn }, one);
    });
    expect(kinds.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => "ephemeral"));
    expect(new Set(kinds.slice(5, 40))).toEqual(new Set(["non_ephemeral"]));
    expect(kinds.slice(40).filter((kind) => kind !== "non_ephemeral" && kind !== "rate_limited")).toEqual([]);
    const other = world.oneOfTheCrowd("innocent");
    const asked = await world.askPaying(from.call, await world.session(from, other), other.address, victim.address);
    expect(kindOf(asked)).toBe("ephemeral");
    await victim.client.close();
  });

  it("from a thousand accounts of one domain: ends at the share of all first contacts, at a price that rises for that domain above all", async () => {
    const victim = await newPerson(world.network, `crowded#${ALPHA}`);
    const known = await world.joined("knowntovictim");
    await victim.client.send({ to: [known.address], subject: "s", body: "b", keepCopy: false });
    const parts = world.attackersFrom("127.9", 20);
    const asked = await world.others.during("keys drained from a thousand accounts", async (goOn) => {
      let more = 0;
      return await attack({ count: 1_000, lanes: 8, goOn: () => goOn() && more++ < 100 }, async (index) => {
        const from = parts[index % parts.length] ?? world.attackFrom("127.7.1.1");
        const one = world.oneOfTheCrowd(`crowd${index}`);
        return await world.askPaying(from.call, await world.session(from, one), one.address, victim.address);
      });
    });
    // All of them got what they asked for, but only so many of them a single-use key.
    expect(counts(asked.map(kindOf))).toEqual({ ephemeral: 20, non_ephemeral: asked.length - 20 });
    expect(asked.length).toBeGreaterThanOrEqual(1_000);
    const dearest = Math.max(...asked.map(({ bits }) => bits));
    expect(dearest).toBeGreaterThanOrEqual(5);
    expect(asked[0]?.bits).toBeLessThan(dearest);
    // Whoever is known still gets a single-use key, without work.
    const call = rawCaller(world.network.fetch, world.base);
    const friendly = await world.askPaying(call, await world.session(world.network, known), known.address, victim.address);
    expect([kindOf(friendly), friendly.bits]).toEqual(["ephemeral", 0]);
    // Somebody of another domain pays no more than what the server's whole inflow asks of all strangers.
    const stranger = await joinRaw(world.network, "stranger#beta.example", 1);
    const params = { address: victim.address, message_type: "email" };
    const honest = await call("getPowParams", { token: await world.session(world.network, stranger), params });
    expect(honest.answer.zero_bits).toBeLessThanOrEqual(3);
    expect(honest.answer.zero_bits).toBeLessThan(dearest);
    await victim.client.close();
  });
});

describe("filling storage", () => {
  it("with messages: ends at the recipient's quota, and others still receive", async () => {
    const victim = await world.joined("full", 5);
    const sender = await world.joined("filler");
    const from = world.attackFrom("127.7.7.1");
    const token = await world.session(from, sender);
    const text = "x".repeat(150_000);
    const codes = await world.others.during("a mailbox that is filled", async (goOn) => {
      return await attack({ count: 20, lanes: 1, goOn }, async () => {
        const key = await world.keyOf(from.call, token, sender.address, victim.address);
        const { statement } = sealRaw(sender, victim.address, key, world.network.clock(), { text });
        return (await from.call("sendMessage", { token, params: { address: victim.address }, body: statement })).code;
      });
    });
    const stored = codes.indexOf("quota_exceeded");
    expect(stored).toBeGreaterThanOrEqual(6);
    expect(new Set(codes.slice(0, stored))).toEqual(new Set([null]));
    expect(new Set(codes.slice(stored))).toEqual(new Set(["quota_exceeded"]));
    const { answer } = await from.call("getQuota", { token: await world.session(world.network, victim) });
    expect(answer.used).toBeGreaterThan(stored * text.length);
    expect(answer.used).toBeLessThanOrEqual(1_500_000);
  });

  it("with attachments that no message names: ends at the sender's share", async () => {
    const uploader = await world.joined("uploader");
    const recipient = parseAddress(`resident#${ALPHA}`);
    const from = world.attackFrom("127.7.8.1");
    const token = await world.session(from, uploader);
    const codes = await world.others.during("attachments that no message names", async (goOn) => {
      return await attack({ count: 20, lanes: 1, goOn }, async () => {
        const { ticket } = await world.keyOf(from.call, token, uploader.address, recipient);
        const blob = randomBytes(40_000);
        const params = { hash: toHex32(hash(blob)) };
        return (await from.call("putBlob", { token, params, query: { ticket }, body: new Uint8Array(blob) })).code;
      });
    });
    const stored = codes.indexOf("rate_limited");
    expect(stored).toBeGreaterThanOrEqual(2);
    expect(stored * 40_000).toBeLessThanOrEqual(200_000);
    expect(new Set(codes.slice(0, stored))).toEqual(new Set([null]));
    expect(new Set(codes.slice(stored))).toEqual(new Set(["rate_limited"]));
  });
});
