import { createAccount, createMemoryStorage } from "@smimp/client";
import {
  parseAddress,
  randomBytes,
  signingKey,
  signMessageKey,
  addSeconds,
  DAY,
  toHex32,
  type AnswerOf,
  type Statement,
} from "@smimp/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { askKey, createIdentity, rawCaller, rawSession, sealRaw, tellJson, tellProblem, type Lie, type ToldAnswer } from "../src/index.ts";
import { digestOf, publicKeyOf, verifies } from "./digest.ts";
import { changing, EVIL, GOOD, sealedLeft, sendTo, startMaliciousWorld, toldCodes, type MaliciousWorld } from "./malicious.ts";

// docs/threat-model.md, "A correspondent's server, gone bad": what each lie leads to, line by line.

let world: MaliciousWorld;
beforeAll(async () => {
  world = await startMaliciousWorld();
});
afterEach(async () => await world.calm());
afterAll(async () => await world.close());

type KeyAnswer = AnswerOf<"getMessageKey">;
type History = AnswerOf<"getHistory">;

/** Answers one endpoint with something else, without asking. */
function instead(part: string, answer: ToldAnswer | null): Lie {
  return async ({ path }, truth) => (path.includes(part) ? answer : await truth());
}

describe("a correspondent's server that swaps keys", () => {
  const swaps: readonly [string, string, (answer: KeyAnswer, forged: (change: object) => Statement) => Statement][] = [
    ["its own, signed by itself", "bad_signature", (_answer, forged) => forged({})],
    ["a broken signature", "bad_signature", ({ message_key: { data, signature } }) => ({ data, signature: flipped(signature) })],
    ["another text under the same signature", "bad_signature", ({ message_key }) => ({ ...message_key, data: `${message_key.data} ` })],
  ];
  it.each(swaps)("%s: nothing is sealed", async (name, code, swap) => {
    const slug = name.replaceAll(/[^a-z]/g, "");
    const { client } = await world.join(`swap${slug}#${GOOD}`);
    const bob = await world.byHand(`bob${slug}#${EVIL}`);
    const thief = signingKey(randomBytes(32));
    const forged = (): Statement =>
      signMessageKey({
        address: bob.address,
        seed: randomBytes(32),
        kind: "ephemeral",
        createdAt: world.network.clock(),
        expiresAt: addSeconds(world.network.clock(), DAY),
        master: thief,
      });
    world.server.lie(changing<KeyAnswer>("/get_message_key", (answer) => ({ ...answer, message_key: swap(answer, forged) })));
    world.arrived();
    const copy = await sendTo(client, bob.address);
    expect([copy.state, copy.reason]).toEqual(["failed", code]);
    expect(sealedLeft(world.arrived())).toBe(false);
  });

  it("a key of somebody else there: nothing is sealed", async () => {
    const { client } = await world.join(`swapother#${GOOD}`);
    const bob = await world.byHand(`bobother#${EVIL}`);
    const carol = await world.byHand(`carolother#${EVIL}`);
    const { statement } = carol.messageKey("ephemeral", world.network.clock());
    world.server.lie(changing<KeyAnswer>("/get_message_key", (answer) => ({ ...answer, message_key: statement })));
    world.arrived();
    expect(await sendTo(client, bob.address)).toMatchObject({ state: "failed", reason: "bad_signature" });
    expect(sealedLeft(world.arrived())).toBe(false);
  });

  it("an expired key of the right person: nothing is sealed, and it is tried again later", async () => {
    const { client } = await world.join(`swapold#${GOOD}`);
    const bob = await world.byHand(`bobold#${EVIL}`);
    const { statement } = bob.messageKey("ephemeral", addSeconds(world.network.clock(), -40 * DAY));
    world.server.lie(changing<KeyAnswer>("/get_message_key", (answer) => ({ ...answer, message_key: statement })));
    world.arrived();
    expect(await sendTo(client, bob.address)).toMatchObject({ state: "queued", reason: "key_expired" });
    expect(sealedLeft(world.arrived())).toBe(false);
  });

  it("a whole other person under the same address, on first contact: can't be told from the truth before safety numbers are compared", async () => {
    const { client } = await world.join(`mitm#${GOOD}`);
    const bob = await world.byHand(`bobmitm#${EVIL}`);
    const invented = createIdentity(bob.address, world.network.server(EVIL).baseUrl, world.network.clock());
    world.server.lie(changing<History>("/history", () => invented.history()));
    await client.contacts.resolve(bob.address);
    world.server.lie(null);
    // Once the truth shows, the person is told, and nothing more is sent.
    world.arrived();
    expect(await sendTo(client, bob.address)).toMatchObject({ state: "failed", reason: "history_rewritten" });
    expect(sealedLeft(world.arrived())).toBe(false);
    expect(await toldCodes(client)).toContain("history_rewritten");
  });
});

describe("a correspondent's server that lies about heads", () => {
  it.each(["link", "public_key", "sequence"] as const)("%s: the history decides, and nothing is sealed", async (member) => {
    const { client } = await world.join(`head${member.replace("_", "")}#${GOOD}`);
    const bob = await world.byHand(`bobhead${member.replace("_", "")}#${EVIL}`);
    expect((await sendTo(client, bob.address)).state).toBe("sent");
    const false_ = { link: toHex32(randomBytes(32)), public_key: signingKey(randomBytes(32)).publicKey, sequence: 7 }[member];
    world.server.lie(changing<KeyAnswer>("/get_message_key", (answer) => ({ ...answer, [member]: false_ })));
    world.arrived();
    const copy = await sendTo(client, bob.address);
    expect(sealedLeft(world.arrived())).toBe(false);
    // A sequence ahead may be a history that is a minute old; anything else is not the one that was shown before.
    expect([copy.state, copy.reason]).toEqual(
      member === "sequence" ? ["queued", "temporarily_unavailable"] : ["failed", "history_rewritten"],
    );
    expect((await toldCodes(client)).includes("history_rewritten")).toBe(member !== "sequence");
  });

  it("shows one person's key under another's address: key_reused, nothing is sent", async () => {
    const { client } = await world.join(`reuse#${GOOD}`);
    const bob = await world.byHand(`bobreuse#${EVIL}`);
    await client.contacts.resolve(bob.address);
    // Signed with Bob's key, for an address that is not his.
    const carol = createIdentity(`carolreuse#${EVIL}`, world.network.server(EVIL).baseUrl, world.network.clock());
    const twin = carol.append({ master: bob.master });
    world.server.lie(async ({ path }, truth) => (path.includes(`${twin.address}/history`) ? tellJson(twin.history()) : await truth()));
    expect(await sendTo(client, twin.address)).toMatchObject({ state: "failed", reason: "key_reused" });
    expect(await toldCodes(client)).toContain("key_reused");
  });

  it("claims an address that its record does not place there: server_mismatch, nothing is sent", async () => {
    const { client } = await world.join(`claim#${GOOD}`);
    const elsewhere = createIdentity(`bobclaim#${EVIL}`, world.network.server(GOOD).baseUrl, world.network.clock());
    world.server.lie(async ({ path }, truth) => (path.includes("/history") ? tellJson(elsewhere.history()) : await truth()));
    expect(await sendTo(client, elsewhere.address)).toMatchObject({ state: "failed", reason: "server_mismatch" });
  });

  it("withholds a new record: told as soon as a message names it", async () => {
    const { client } = await world.join(`withheld#${GOOD}`);
    const before = await world.byHand(`bobwithheld#${EVIL}`);
    await client.contacts.resolve(before.address);
    const after = before.append();
    const evil = rawCaller(world.network.fetch, world.network.server(EVIL).baseUrl);
    expect((await evil("updateProfile", { body: { record: after.chain.head.statement, profile: null } })).code).toBeNull();
    const good = world.network.server(GOOD).baseUrl;
    const call = rawCaller(world.network.fetch, good);
    const token = await rawSession(world.network, good, after);
    const envelope = sealRaw(after, client.address, await askKey(call, token, client.address), world.network.clock());
    expect((await call("sendMessage", { token, params: { address: client.address }, body: envelope.statement })).code).toBeNull();
    // Its home server saw the record; the recipient's client is shown the old history.
    world.server.lie(changing<History>("/history", () => before.history()));
    await client.sync();
    const [shown] = await client.inbox.list();
    expect([shown?.state, shown?.subject]).toEqual(["invalid", ""]);
    expect(await toldCodes(client)).toContain("history_withheld");
  });
});

describe("a correspondent's server that asks too much", () => {
  const parameters = (zero_bits: number, count: number): object => ({
    algorithm: "blake2b",
    zero_bits,
    count,
    nonce: toHex32(randomBytes(32)),
    expires_at: addSeconds(world.network.clock(), 600),
  });

  it("work beyond the protocol's bound: not begun, not even asked about", async () => {
    const { client } = await world.join(`pow64#${GOOD}`);
    const bob = await world.byHand(`bobpow64#${EVIL}`);
    world.server.lie(instead("/get_message_key", tellProblem("pow_required", 403, { pow: parameters(64, 64) })));
    let asked = 0;
    const askOwner = async (): Promise<boolean> => await Promise.resolve(++asked > 0);
    expect(await sendTo(client, bob.address, { askOwner })).toMatchObject({ state: "failed", reason: "pow_required" });
    expect(asked).toBe(0);
  });

  it("much work: its owner is asked, and no means no", async () => {
    const { client } = await world.join(`pow27#${GOOD}`);
    const bob = await world.byHand(`bobpow27#${EVIL}`);
    world.server.lie(instead("/get_message_key", tellProblem("pow_required", 403, { pow: parameters(27, 1) })));
    const questions: number[] = [];
    const askOwner = async ({ expectedTries }: { readonly expectedTries: number }): Promise<boolean> => {
      questions.push(expectedTries);
      return await Promise.resolve(false);
    };
    expect(await sendTo(client, bob.address, { askOwner })).toMatchObject({ state: "failed", reason: "pow_required" });
    expect(questions).toEqual([2 ** 27]);
  });

  it("work again and again: given up after a few rounds", async () => {
    const { client } = await world.join(`powagain#${GOOD}`);
    const bob = await world.byHand(`bobpowagain#${EVIL}`);
    world.server.lie(async ({ path }, truth) =>
      path.includes("/get_message_key") ? tellProblem("pow_required", 403, { pow: parameters(1, 1) }) : await truth(),
    );
    world.arrived();
    expect(await sendTo(client, bob.address)).toMatchObject({ state: "failed", reason: "pow_required" });
    expect(world.arrived().filter(({ path }) => path.includes("/get_message_key")).length).toBeLessThan(10);
  });

  it("nonsense in place of parameters: refused", async () => {
    const { client } = await world.join(`pownonsense#${GOOD}`);
    const bob = await world.byHand(`bobpownonsense#${EVIL}`);
    for (const pow of [null, {}, parameters(65, 1), parameters(1, 65), parameters(-1, 1), { ...parameters(1, 1), nonce: "00" }]) {
      world.server.lie(instead("/get_message_key", tellProblem("pow_required", 403, { pow })));
      const copy = await sendTo(client, bob.address);
      expect(copy.state).not.toBe("sent");
    }
    expect(sealedLeft(world.arrived())).toBe(false);
  });
});

describe("a correspondent's server that does not keep its word", () => {
  it("confirms another message: not counted as sent", async () => {
    const { client } = await world.join(`confirm#${GOOD}`);
    const bob = await world.byHand(`bobconfirm#${EVIL}`);
    world.server.lie(changing("/send_message/", () => ({ message_id: toHex32(randomBytes(32)) })));
    const copy = await sendTo(client, bob.address);
    expect([copy.state, copy.reason]).toEqual(["queued", "temporarily_unavailable"]);
    // The same sealed message goes out again, and once the server is honest it is there exactly once.
    world.server.lie(null);
    world.arrived();
    const [entry] = await client.outbox.flush({ force: true });
    expect(entry?.copies[0]?.state).toBe("sent");
    expect(entry?.copies[0]?.messageId).toBe(copy.messageId);
  });

  it.each(["conflict", "ticket_invalid", "key_not_issued", "key_expired", "blob_missing"])(
    "%s for ever: a few rounds, then later",
    async (code) => {
      const slug = code.replaceAll("_", "");
      const { client } = await world.join(`loop${slug}#${GOOD}`);
      const bob = await world.byHand(`bobloop${slug}#${EVIL}`);
      world.server.lie(
        instead(
          "/send_message/",
          tellProblem(code, code === "key_not_issued" || code === "key_expired" || code === "ticket_invalid" ? 403 : 409),
        ),
      );
      world.arrived();
      expect(await sendTo(client, bob.address)).toMatchObject({ state: "queued", reason: code });
      expect(world.arrived().length).toBeLessThan(40);
    },
  );

  it("gives two messages the same ticket: the second is not accepted, and nothing is lost", async () => {
    const { client } = await world.join(`ticket#${GOOD}`);
    const bob = await world.byHand(`bobticket#${EVIL}`);
    let first: ToldAnswer | undefined;
    world.server.lie(async ({ path }, truth) => {
      const told = await truth();
      if (!path.includes("/get_message_key")) return told;
      first ??= told;
      return first;
    });
    expect((await sendTo(client, bob.address)).state).toBe("sent");
    expect((await sendTo(client, bob.address)).state).toBe("queued");
    world.server.lie(null);
    await client.outbox.flush({ force: true });
    expect((await client.outbox.list()).flatMap(({ copies }) => copies.map(({ state }) => state))).toEqual(["sent", "sent"]);
  });

  it("stalls: others get their mail meanwhile, and giving up is immediate", async () => {
    const { client } = await world.join(`stall#${GOOD}`);
    const other = await world.join(`stallother#${GOOD}`);
    const bob = await world.byHand(`bobstall#${EVIL}`);
    world.server.lie(instead("/1.0/", null));
    const stop = new AbortController();
    const draft = { to: [bob.address, other.client.address], subject: "s", body: "b", keepCopy: false };
    const sending = client.send(draft, { signal: stop.signal });
    const outcome = sending.then(
      () => "ended",
      () => "stopped",
    );
    await expect
      .poll(async () => (await other.client.sync()).messages.length + (await other.client.inbox.list()).length, { timeout: 20_000 })
      .toBeGreaterThan(0);
    stop.abort();
    expect(["ended", "stopped"]).toContain(await outcome);
    const [entry] = await client.outbox.list();
    expect(entry?.copies.find(({ to }) => to === other.client.address)?.state).toBe("sent");
    expect(entry?.copies.find(({ to }) => to === bob.address)?.state).not.toBe("sent");
  });
});

describe("a correspondent's server that is in the way", () => {
  it("redirects: not followed", async () => {
    const { client, sent } = await world.join(`redirect#${GOOD}`);
    const bob = await world.byHand(`bobredirect#${EVIL}`);
    const elsewhere = { status: 307, headers: { location: "https://smimp.elsewhere.example/" }, body: new Uint8Array() };
    world.server.lie(instead("/", elsewhere));
    expect((await sendTo(client, bob.address)).state).not.toBe("sent");
    expect(sent.some(({ url }) => url.includes("elsewhere"))).toBe(false);
  });

  it("speaks only other versions: unsupported_version, and no older one is tried", async () => {
    const bob = await world.byHand(`bobversion#${EVIL}`);
    const { client } = await world.join(`versions#${GOOD}`);
    world.server.lie(async ({ path }, truth) => {
      if (path === "/version") return tellJson({ versions: ["0.1", "9.9"] });
      return path.startsWith("/1.0/") ? tellProblem("unsupported_version", 404) : await truth();
    });
    expect(await sendTo(client, bob.address)).toMatchObject({ state: "failed", reason: "unsupported_version" });
  });

  it("a login token that is somebody's digest: the signature made for it is worth nothing else", async () => {
    const { client } = await world.join(`oracle#${GOOD}`);
    const bob = await world.byHand(`bobtoken#${EVIL}`);
    const digest = digestOf("record", bob.chain.head.statement.data);
    const seen: Statement[] = [];
    world.server.lie(async ({ method, path, body }, truth) => {
      if (!path.includes("/create_session/")) return await truth();
      if (method === "POST") seen.push(JSON.parse(body.toString("utf8")) as Statement);
      return method === "GET"
        ? tellJson({ token: Buffer.from(digest).toString("base64url"), expires_at: addSeconds(world.network.clock(), 60) })
        : await truth();
    });
    expect((await sendTo(client, bob.address)).state).not.toBe("sent");
    const [statement] = seen;
    if (statement === undefined) throw new TypeError("the client signed nothing");
    const key = await publicKeyOf(client);
    expect(verifies("session", key, statement)).toBe(true);
    for (const type of ["record", "message-key", "envelope", "assertion", "deletion"] as const)
      expect(verifies(type, key, statement)).toBe(false);
    // Nor does the signature stand under the text whose digest was offered.
    expect(verifies("record", key, { data: bob.chain.head.statement.data, signature: statement.signature })).toBe(false);
  });

  it.each(["", "AAAA", "A".repeat(44), "=".repeat(43), 7, null])("a login token of another shape is not signed: %j", async (token) => {
    const { client } = await world.join(`shape${toHex32(randomBytes(32)).slice(0, 20)}#${GOOD}`);
    const bob = await world.byHand(`bobshape${toHex32(randomBytes(32)).slice(0, 20)}#${EVIL}`);
    let posted = 0;
    world.server.lie(async ({ method, path }, truth) => {
      if (!path.includes("/create_session/")) return await truth();
      if (method === "POST") posted++;
      return tellJson({ token, expires_at: addSeconds(world.network.clock(), 60) });
    });
    expect((await sendTo(client, bob.address)).state).not.toBe("sent");
    expect(posted).toBe(0);
  });
});

describe("a domain whose server is bad", () => {
  it("can't open an account elsewhere, or in another's name", async () => {
    const address = parseAddress(`stolen#${GOOD}`);
    const invite = { baseUrl: world.network.server(EVIL).baseUrl, code: "A".repeat(32) };
    const deps = { fetch: world.network.fetch, clock: world.network.clock, random: randomBytes };
    await expect(createAccount({ storage: createMemoryStorage(), invite, address, deps })).rejects.toMatchObject({
      code: "server_mismatch",
    });
  });
});

function flipped(signature: string): string {
  return `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
}
