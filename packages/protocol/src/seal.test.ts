import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { ALICE, firstChain, MASTER, nextRecord, RECOVERY, START, testKey } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { fromB64, parseHex32, randomBytes, toB64, toHex32, utf8, type Hex32 } from "./bytes.ts";
import { messageIdOf, parseEnvelope, type EnvelopeDocument } from "./envelope.ts";
import { keyIdOf } from "./message-key.ts";
import { openEnvelope, recordKeysOf, senderOf, type OwnMessageKey, type Recipient } from "./open.ts";
import { appendRecord, type Chain, type Pin } from "./record-chain.ts";
import { parseMessageType } from "./schema.ts";
import { openWithPrk, restoreSealed, seal, SealedEnvelope, type MessageToSeal } from "./seal.ts";
import { signStatement, type Statement } from "./statement.ts";
import { addSeconds, DAY } from "./time.ts";
import { xWingPublicKey } from "./x-wing.ts";

const BOB = parseAddress("bob#beta.example");
const bobMaster = testKey(20);
const bobLink = toHex32(randomBytes(32));
const seed = randomBytes(32);
const keyId = keyIdOf(xWingPublicKey(seed));
const alice = firstChain();

function sealed(change: Partial<MessageToSeal> = {}): SealedEnvelope {
  return seal({
    from: ALICE,
    to: BOB,
    messageType: parseMessageType("email"),
    fromLink: alice.head.link,
    toLink: bobLink,
    messageKey: { keyId, publicKey: xWingPublicKey(seed) },
    plaintext: utf8("Hello Bob"),
    blobs: [],
    ticket: toHex32(randomBytes(32)),
    master: MASTER,
    random: randomBytes,
    ...change,
  });
}

function bob(key: Partial<OwnMessageKey> = {}, change: Partial<Recipient> = {}): Recipient {
  const own: OwnMessageKey = { kind: "ephemeral", seed, signedBy: bobMaster.publicKey, usedBy: null, ...key };
  const records = [{ link: bobLink, publicKey: bobMaster.publicKey }];
  return { address: BOB, records, messageKeys: new Map([[keyId, own]]), ...change };
}

function open(statement: Statement, me: Recipient = bob(), sender: Chain = alice, pinWhenSeen: Pin | null = null) {
  return openEnvelope({ statement, me, sender, pinWhenSeen });
}

/** The envelope with another document, signed as it should be. */
function resigned(change: Partial<Record<keyof EnvelopeDocument, unknown>>): Statement {
  return signStatement("envelope", MASTER, JSON.stringify({ ...sealed().document, ...change }));
}

function pinOf(chain: Chain): Pin {
  const { link, document } = chain.head;
  return { first_link: chain.records[0]?.link ?? link, link, sequence: document.sequence, public_key: document.public_key };
}

describe("seal and openEnvelope", () => {
  it("carry any plaintext", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (plaintext) => {
        const envelope = sealed({ plaintext });
        const opened = open(envelope.statement);
        expect(opened.plaintext).toEqual(plaintext);
        expect(opened).toMatchObject({ messageId: envelope.messageId, from: ALICE, revokedKey: false, formerKey: false });
        expect(openWithPrk(opened.prk, opened.document)).toEqual(plaintext);
      }),
      { numRuns: 30 },
    );
  });

  it("refuse every byte that is changed in what encrypts, even when signed again", () => {
    const { document } = sealed();
    fc.assert(
      fc.property(fc.constantFrom("encapsulation", "nonce", "ciphertext"), fc.nat(), fc.integer({ min: 0, max: 7 }), (name, at, bit) => {
        const bytes = fromB64(document[name as "nonce"]);
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
        const statement = signStatement("envelope", MASTER, JSON.stringify({ ...document, [name]: toB64(bytes) }));
        expect(["commitment_mismatch", "decryption_failed"]).toContain(codeOf(() => open(statement)));
      }),
      { numRuns: 60 },
    );
  });

  it("refuse every byte that is changed in the statement", () => {
    const { statement } = sealed();
    fc.assert(
      fc.property(fc.nat(statement.data.length - 1), (at) => {
        const data = `${statement.data.slice(0, at)}${statement.data[at] === "a" ? "b" : "a"}${statement.data.slice(at + 1)}`;
        expect(["bad_signature", "bad_request", "bad_address"]).toContain(codeOf(() => open({ ...statement, data })));
      }),
      { numRuns: 100 },
    );
  });

  it("name the blobs they are given by hash and size alone", () => {
    const blob = { hash: toHex32(randomBytes(32)), size: 3 };
    const { document } = sealed({ blobs: [{ ...blob, key: "secret" } as never] });
    expect(document.blobs).toEqual([blob]);
    expect(JSON.stringify(document)).not.toContain("secret");
  });

  it("know a chain's keys by its links", () => {
    const rotated = testKey(31);
    const longer = appendRecord(alice, ALICE, nextRecord(alice, { master: rotated }));
    expect(recordKeysOf(longer)).toEqual([
      { link: alice.head.link, publicKey: MASTER.publicKey },
      { link: longer.head.link, publicKey: rotated.publicKey },
    ]);
  });

  it("never seal the same way twice", () => {
    expect(sealed().document.ciphertext).not.toBe(sealed().document.ciphertext);
  });

  it.each([
    ["not_for_me", bob({}, { address: parseAddress("carol#beta.example") })],
    ["own_history_mismatch", bob({}, { records: [] })],
    ["own_history_mismatch", bob({ signedBy: testKey(21).publicKey })],
    ["key_unknown", bob({}, { messageKeys: new Map() })],
    ["key_used_twice", bob({ usedBy: toHex32(randomBytes(32)) })],
    ["commitment_mismatch", bob({ seed: randomBytes(32) })],
  ] as const)("find %s", (code, me) => {
    expect(codeOf(() => open(sealed().statement, me))).toBe(code);
  });

  it("open a message again with the key that it used, and any with the standing key", () => {
    const { statement, messageId } = sealed();
    expect(open(statement, bob({ usedBy: messageId })).messageId).toBe(messageId);
    expect(open(statement, bob({ kind: "non_ephemeral", usedBy: toHex32(randomBytes(32)) })).messageId).toBe(messageId);
  });

  it("look at nothing but the keys' choice before the signature holds", () => {
    const { statement } = sealed();
    const stranger = bob({}, { address: parseAddress("carol#beta.example"), records: [], messageKeys: new Map() });
    const forged = { ...statement, signature: signStatement("envelope", testKey(9), statement.data).signature };
    expect(codeOf(() => open(forged, stranger))).toBe("bad_signature");
    expect(senderOf(statement)).toEqual({ from: ALICE, fromLink: alice.head.link });
  });

  it("take no key but the one at from_link", () => {
    expect(codeOf(() => open(resigned({ sender_key: testKey(9).publicKey })))).toBe("bad_signature");
    expect(codeOf(() => open(resigned({ from_link: toHex32(randomBytes(32)) })))).toBe("bad_signature");
    expect(codeOf(() => open(resigned({ from: BOB })))).toBe("bad_signature");
  });
});

describe("the sender's later records", () => {
  const rotated = testKey(30);
  const later = appendRecord(alice, ALICE, nextRecord(alice, { master: rotated, changedAt: addSeconds(START, DAY) }));
  const recovered = appendRecord(alice, ALICE, nextRecord(alice, { signer: RECOVERY }));
  const { statement } = sealed();

  it("mark a revoked key once a recovery-signed record came, whatever it changes", () => {
    expect(open(statement, bob(), recovered).revokedKey).toBe(true);
    expect(open(statement, bob(), later).revokedKey).toBe(false);
    const afterwards = sealed({ fromLink: recovered.head.link });
    expect(open(afterwards.statement, bob(), recovered).revokedKey).toBe(false);
  });

  it("mark a former key that is first seen after another was pinned", () => {
    expect(open(statement, bob(), later, pinOf(alice)).formerKey).toBe(false);
    expect(open(statement, bob(), later, pinOf(later)).formerKey).toBe(true);
    expect(open(statement, bob(), recovered, pinOf(recovered)).formerKey).toBe(false);
    const afterwards = sealed({ fromLink: later.head.link, master: rotated });
    expect(open(afterwards.statement, bob(), later, pinOf(alice)).formerKey).toBe(false);
  });
});

describe("what sealing draws and takes", () => {
  it("leaves the random bytes of the encapsulation nowhere", () => {
    const drawn: Uint8Array[] = [];
    sealed({
      random: (length) => {
        const bytes = randomBytes(length);
        drawn.push(bytes);
        return bytes;
      },
    });
    expect(drawn.map(({ length }) => length)).toEqual([64, 24]);
    expect(drawn[0]).toEqual(new Uint8Array(64));
  });

  it("is bytes, and as many as there must be", () => {
    const text = "Hello Bob" as unknown as Uint8Array;
    const { document } = sealed();
    expect(() => sealed({ plaintext: text })).toThrow(TypeError);
    expect(() => sealed({ random: (length) => new Uint8Array(length === 24 ? 12 : length) })).toThrow(TypeError);
    for (const length of [63, 65]) expect(() => openWithPrk(new Uint8Array(length), document)).toThrow(TypeError);
  });
});

describe("SealedEnvelope", () => {
  it("is made by seal only", () => {
    const { statement, messageId, document } = sealed();
    // @ts-expect-error an object literal is no sealed envelope, whatever its members
    const forged: SealedEnvelope = { statement, messageId, document };
    expect(SealedEnvelope.is(forged)).toBe(false);
    // @ts-expect-error nobody outside holds what the constructor asks for
    expect(() => new SealedEnvelope(Symbol("sealed here"), statement, document)).toThrow(TypeError);
    expect(SealedEnvelope.is(Object.create(SealedEnvelope.prototype))).toBe(false);
    for (const value of [null, undefined, "text", 1, true]) expect(SealedEnvelope.is(value)).toBe(false);
    expectTypeOf<{ statement: Statement; messageId: Hex32; document: EnvelopeDocument }>().not.toExtend<SealedEnvelope>();
  });

  it("can't be changed once made", () => {
    const envelope = sealed() as { -readonly [Member in keyof SealedEnvelope]: SealedEnvelope[Member] };
    expect(() => (envelope.statement = { data: "plain", signature: "" })).toThrow(TypeError);
    expect(() => ((envelope.statement as { data: string }).data = "plain")).toThrow(TypeError);
  });

  it("reads back what was sealed, and nothing else", () => {
    const envelope = sealed();
    const again = restoreSealed({ ...envelope.statement }, MASTER.publicKey);
    expect(SealedEnvelope.is(again)).toBe(true);
    expect(again.messageId).toBe(messageIdOf(envelope.statement));
    expect(again.document).toEqual(parseEnvelope(envelope.statement.data));
    expect(codeOf(() => restoreSealed(envelope.statement, testKey(9).publicKey))).toBe("bad_signature");
    expect(codeOf(() => restoreSealed(signStatement("envelope", MASTER, "Hello Bob"), MASTER.publicKey))).toBe("bad_request");
    expect(codeOf(() => restoreSealed(resigned({ sender_key: testKey(9).publicKey }), MASTER.publicKey))).toBe("bad_signature");
  });

  it("takes no message key under another's id", () => {
    const other = parseHex32("00".repeat(32));
    expect(() => sealed({ messageKey: { keyId: other, publicKey: xWingPublicKey(seed) } })).toThrow(TypeError);
  });
});
