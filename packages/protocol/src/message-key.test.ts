import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALICE, MASTER, RECOVERY, START } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { toB64 } from "./bytes.ts";
import { MAX_CLOCK_SKEW, MAX_EPHEMERAL_LIFE, MAX_NON_EPHEMERAL_LIFE } from "./limits.ts";
import { checkMessageKey, keyIdOf, signMessageKey, type MessageKeyCheck, type MessageKeyKind, type NewMessageKey } from "./message-key.ts";
import { signStatement, type Statement } from "./statement.ts";
import { addSeconds, type Timestamp } from "./time.ts";
import { xWingPublicKey } from "./x-wing.ts";

const seed = new Uint8Array(32).fill(7);
const publicKey = xWingPublicKey(seed);

function signed(change: Partial<NewMessageKey> = {}): Statement {
  const expiresAt = addSeconds(START, MAX_NON_EPHEMERAL_LIFE);
  return signMessageKey({ address: ALICE, seed, kind: "ephemeral", createdAt: START, expiresAt, master: MASTER, ...change });
}

/** A statement that says anything, signed as it should be. */
function signedDocument(change: Readonly<Record<string, unknown>>): Statement {
  return signStatement("message-key", MASTER, JSON.stringify({ ...(JSON.parse(signed().data) as object), ...change }));
}

function check(statement: Statement, change: Partial<MessageKeyCheck> = {}) {
  return checkMessageKey({ statement, address: ALICE, publicKey: MASTER.publicKey, now: START, ...change });
}

describe("checkMessageKey", () => {
  it.each<MessageKeyKind>(["ephemeral", "non_ephemeral"])("takes what signMessageKey makes: %s", (kind) => {
    const statement = signed({ kind });
    const expected = {
      kind,
      publicKey,
      keyId: keyIdOf(publicKey),
      createdAt: START,
      expiresAt: addSeconds(START, MAX_NON_EPHEMERAL_LIFE),
      statement,
    };
    expect(check(statement)).toEqual(expected);
    expect(check(statement, { kind })).toEqual(expected);
  });

  it("finds the signature's fault first", () => {
    expect(codeOf(() => check(signed({ master: RECOVERY })))).toBe("bad_signature");
    expect(codeOf(() => check(signStatement("message-key", RECOVERY, "no JSON")))).toBe("bad_signature");
    expect(codeOf(() => check(signStatement("record", MASTER, signed().data)))).toBe("bad_signature");
  });

  it("wants the address and the kind that were asked for", () => {
    expect(codeOf(() => check(signed(), { address: parseAddress("bob#beta.example") }))).toBe("bad_request");
    expect(codeOf(() => check(signed(), { kind: "non_ephemeral" }))).toBe("bad_request");
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["another kind", { kind: "lasting" }, "bad_request"],
    ["no kind", { kind: undefined }, "bad_request"],
    ["an address that is none", { address: "alice" }, "bad_address"],
    ["a key that is too short", { public_key: toB64(publicKey.subarray(1)) }, "bad_request"],
    ["a key with padding", { public_key: `${toB64(publicKey)}=` }, "bad_request"],
    ["a time with fractions", { created_at: "2026-11-23T00:00:00.5Z" }, "bad_request"],
  ])("refuses %s", (_, change, code) => {
    expect(codeOf(() => check(signedDocument(change)))).toBe(code);
  });

  it.each<[MessageKeyKind, number]>([
    ["ephemeral", MAX_EPHEMERAL_LIFE],
    ["non_ephemeral", MAX_NON_EPHEMERAL_LIFE],
  ])("bounds the life of a key that is %s", (kind, longest) => {
    const living = (life: number): unknown => codeOf(() => check(signed({ kind, expiresAt: addSeconds(START, life) })));
    expect(living(1)).toBeNull();
    expect(living(longest)).toBeNull();
    for (const life of [longest + 1, 0, -1]) expect(living(life)).toBe("bad_request");
  });

  it("looks at the clock", () => {
    const expiresAt = addSeconds(START, 60);
    const at = (now: Timestamp): unknown => codeOf(() => check(signed({ expiresAt }), { now }));
    expect(at(addSeconds(START, -MAX_CLOCK_SKEW))).toBeNull();
    expect(at(addSeconds(START, -MAX_CLOCK_SKEW - 1))).toBe("bad_request");
    expect(at(addSeconds(expiresAt, -1))).toBeNull();
    expect(at(expiresAt)).toBe("key_expired");
  });

  it("refuses keys that libsodium refuses", () => {
    // The last 32 bytes are the X25519 half; twelve bits of ones are no number modulo 3329.
    const smallOrder = publicKey.slice();
    smallOrder.fill(0, -32);
    const beyondModulus = publicKey.slice();
    beyondModulus.fill(0xff, 0, 3);
    for (const key of [smallOrder, beyondModulus]) {
      expect(codeOf(() => check(signedDocument({ public_key: toB64(key) })))).toBe("bad_request");
    }
  });

  it("takes no statement that was changed in any place", () => {
    const statement = signed();
    fc.assert(
      fc.property(fc.nat(statement.data.length - 1), fc.constantFrom("a", "Z", "0", " ", "_", "-"), (at, character) => {
        fc.pre(statement.data[at] !== character);
        const data = statement.data.slice(0, at) + character + statement.data.slice(at + 1);
        expect(codeOf(() => check({ ...statement, data }))).toBe("bad_signature");
      }),
    );
  });
});

describe("keyIdOf", () => {
  it("wants the bytes of a whole key", () => {
    expect(() => keyIdOf(publicKey.subarray(1))).toThrow(TypeError);
  });
});
