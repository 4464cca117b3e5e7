import { describe, expect, it } from "vitest";
import { ALICE, BOB, MASTER } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { randomBytes, toB64, toHex, toHex32, utf8 } from "./bytes.ts";
import {
  deviceName,
  encodeKeystoreDocument,
  mergeKeystoreDocuments,
  messageKeyName,
  parseKeystoreDocument,
  parseTombstone,
  pinName,
  tombstoneOf,
  type KeystoreDevice,
  type KeystoreDocument,
  type KeystoreMessageKey,
  type KeystorePin,
} from "./keystore-document.ts";
import { keystoreVersion, nextKeystoreKey, openKeystore, sealKeystore } from "./keystore-format.ts";
import { MAX_KEYSTORE_BYTES } from "./limits.ts";
import { phraseKeystoreKey } from "./phrase.ts";
import { parseTimestamp } from "./time.ts";
import { xWingPublicKey } from "./x-wing.ts";

const phrase = phraseKeystoreKey(randomBytes(32));
const key = randomBytes(32);
const text = encodeKeystoreDocument(documentOf({}));

function documentOf(change: Partial<KeystoreDocument>): KeystoreDocument {
  const empty = { message_keys: [], archive_keys: [], pins: [], settings: {}, tombstones: [] };
  return { master_seed: toB64(new Uint8Array(32)), ...empty, ...change };
}

function messageKey(change: Partial<KeystoreMessageKey> = {}): KeystoreMessageKey {
  const expires_at = parseTimestamp("2027-01-01T00:00:00Z");
  return { seed: toB64(randomBytes(32)), kind: "ephemeral", expires_at, signed_by: MASTER.publicKey, used_by: null, ...change };
}

function pin(change: Partial<KeystorePin> = {}): KeystorePin {
  const link = toHex32(randomBytes(32));
  return { address: ALICE, first_link: link, link, sequence: 0, public_key: MASTER.publicKey, ...change };
}

function device(change: Partial<KeystoreDevice> = {}): KeystoreDevice {
  return {
    id: toHex(randomBytes(16)),
    name: "laptop",
    public_key: toB64(xWingPublicKey(randomBytes(32))),
    added_at: parseTimestamp("2026-11-23T00:00:00Z"),
    ...change,
  };
}

function sealed(version: number): Uint8Array {
  return sealKeystore({ address: ALICE, version, key, phraseKey: phrase.publicKey, text, random: randomBytes });
}

describe("sealKeystore and openKeystore", () => {
  it.each([0, 1, 2 ** 40, Number.MAX_SAFE_INTEGER])("agree on version %d, by key and by phrase", (version) => {
    const keystore = sealed(version);
    expect(keystoreVersion(keystore)).toBe(version);
    for (const opener of [{ key }, { phraseSeed: phrase.seed }]) {
      expect(openKeystore(ALICE, keystore, opener)).toEqual({ version, key, text });
    }
  });

  it("bind address, version and key", () => {
    const keystore = sealed(3);
    const renumbered = Uint8Array.from(keystore);
    renumbered[7] = 4;
    for (const opener of [{ key }, { phraseSeed: phrase.seed }]) {
      expect(codeOf(() => openKeystore(parseAddress("bob#alpha.example"), keystore, opener))).toBe("decryption_failed");
      expect(codeOf(() => openKeystore(ALICE, renumbered, opener))).toBe("decryption_failed");
      expect(codeOf(() => openKeystore(ALICE, keystore.subarray(0, -1), opener))).toBe("decryption_failed");
      expect(codeOf(() => openKeystore(ALICE, keystore.subarray(0, 1_200), opener))).toBe("decryption_failed");
    }
    expect(codeOf(() => openKeystore(ALICE, keystore, { key: nextKeystoreKey(key) }))).toBe("decryption_failed");
  });

  it("refuse what is too large, and versions that no number holds", () => {
    const big = new Uint8Array(MAX_KEYSTORE_BYTES);
    const rest = { address: ALICE, version: 0, key, phraseKey: phrase.publicKey, random: randomBytes };
    expect(codeOf(() => sealKeystore({ ...rest, text: big }))).toBe("too_large");
    expect(codeOf(() => openKeystore(ALICE, new Uint8Array(MAX_KEYSTORE_BYTES + 1), { key }))).toBe("too_large");
    const far = sealed(0);
    far[0] = 1;
    expect(codeOf(() => keystoreVersion(far))).toBe("decryption_failed");
    expect(() => sealed(-1)).toThrow(TypeError);
  });
});

describe("keystore documents", () => {
  it("keep what another client added, at every level", () => {
    const added = {
      ...documentOf({
        message_keys: [messageKey({ note: "hello" })],
        pins: [pin({ nickname: "Bobby" })],
        devices: [device({ platform: "linux" })],
        settings: { theme: { dark: true } },
      }),
      another: [{ deep: [1, null, "text"] }],
    };
    expect(parseKeystoreDocument(encodeKeystoreDocument(added))).toEqual(added);
  });

  it("are refused in any other shape", () => {
    expect(codeOf(() => parseKeystoreDocument(utf8("{}")))).toBe("bad_request");
    expect(codeOf(() => encodeKeystoreDocument(documentOf({ master_seed: "short" })))).toBe("bad_request");
    expect(codeOf(() => encodeKeystoreDocument(documentOf({ theme: 0.5 })))).toBe("bad_request");
    expect(codeOf(() => parseKeystoreDocument(new Uint8Array(MAX_KEYSTORE_BYTES + 1)))).toBe("too_large");
  });
});

describe("mergeKeystoreDocuments", () => {
  it("unites both devices' entries and keeps removed ones removed", () => {
    const [common, onlyMine, onlyTheirs, removed] = [messageKey(), messageKey(), messageKey(), messageKey()];
    const used = toHex32(randomBytes(32));
    const mine = documentOf({ message_keys: [common, onlyMine, removed] });
    const theirs = documentOf({ message_keys: [{ ...common, used_by: used }, onlyTheirs], tombstones: [messageKeyName(removed)] });
    for (const merged of [mergeKeystoreDocuments(mine, theirs), mergeKeystoreDocuments(theirs, mine)]) {
      const bySeed = new Map(merged.message_keys.map((each) => [each.seed, each]));
      expect([...bySeed.keys()].sort()).toEqual([common, onlyMine, onlyTheirs].map((each) => each.seed).sort());
      expect(bySeed.get(common.seed)?.used_by).toBe(used);
      expect(merged.tombstones).toEqual([messageKeyName(removed)]);
    }
  });

  it("keeps the longer history's pin", () => {
    const short = pin({ sequence: 1 });
    const long = pin({ sequence: 5, first_link: short.first_link });
    for (const [mine, theirs] of [
      [short, long],
      [long, short],
    ] as const) {
      const merged = mergeKeystoreDocuments(documentOf({ pins: [mine] }), documentOf({ pins: [theirs] }));
      expect(merged.pins).toMatchObject([{ sequence: 5, link: long.link }]);
    }
    expect(mergeKeystoreDocuments(documentOf({ pins: [long], tombstones: [pinName(long)] }), documentOf({ pins: [short] })).pins).toEqual(
      [],
    );
  });

  it("remembers a removed message key with its expiry, under one name", () => {
    const removed = messageKey();
    const name = messageKeyName(removed);
    const until = parseTimestamp("2027-01-01T00:00:00Z");
    const timed = tombstoneOf({ name, until });
    expect(parseTombstone(timed)).toEqual({ name, until });
    expect(parseTombstone(`${name} 2027-02-30T00:00:00Z`)).toEqual({ name, until: null });
    expect(parseTombstone("device:00 x")).toEqual({ name: "device:00 x", until: null });
    for (const [mine, theirs] of [
      [[timed], [name]],
      [[name], [timed]],
      [[timed], [tombstoneOf({ name, until: parseTimestamp("2026-12-01T00:00:00Z") })]],
    ] as const) {
      const merged = mergeKeystoreDocuments(
        documentOf({ tombstones: [...mine] }),
        documentOf({ message_keys: [removed], tombstones: [...theirs] }),
      );
      expect(merged.tombstones).toEqual([timed]);
      expect(merged.message_keys).toEqual([]);
    }
  });

  it("closes an archive key that either device closed", () => {
    const open = { id: toHex(randomBytes(16)), key: toB64(randomBytes(32)), month: "2026-11" };
    const closed = { ...open, closed: true };
    expect(mergeKeystoreDocuments(documentOf({ archive_keys: [open] }), documentOf({ archive_keys: [closed] })).archive_keys).toEqual([
      closed,
    ]);
    expect(mergeKeystoreDocuments(documentOf({ archive_keys: [closed] }), documentOf({ archive_keys: [open] })).archive_keys).toEqual([
      closed,
    ]);
    const noted = { ...open, note: "theirs" };
    expect(mergeKeystoreDocuments(documentOf({ archive_keys: [open] }), documentOf({ archive_keys: [noted] })).archive_keys).toEqual([
      noted,
    ]);
  });

  it("takes a pin's key_link with its link", () => {
    const old = pin({ sequence: 1, key_link: toHex32(randomBytes(32)) });
    const newer = pin({ sequence: 2, first_link: old.first_link });
    const bare = { ...newer, key_link: toHex32(randomBytes(32)) };
    const pinsOf = (a: KeystorePin, b: KeystorePin) => mergeKeystoreDocuments(documentOf({ pins: [a] }), documentOf({ pins: [b] })).pins;
    expect(pinsOf(old, newer)).toEqual([newer]);
    expect(pinsOf(newer, old)).toEqual([newer]);
    expect(pinsOf(newer, bare)).toEqual([bare]);
  });

  it("keeps the later mark of a verified contact, beside the longer history", () => {
    const [early, late] = [parseTimestamp("2026-11-23T00:00:00Z"), parseTimestamp("2026-11-23T00:00:01Z")];
    const keyLink = toHex32(randomBytes(32));
    const long = pin({ sequence: 5, verified: { key_link: keyLink, at: early } });
    const short = pin({ sequence: 1, first_link: long.first_link, verified: { key_link: null, at: late } });
    const unmarked = pin({ sequence: 7, first_link: long.first_link, address: BOB });
    for (const [mine, theirs] of [
      [short, long],
      [long, short],
    ] as const) {
      const merged = mergeKeystoreDocuments(
        documentOf({ pins: [mine, { ...mine, address: BOB }] }),
        documentOf({ pins: [theirs, unmarked] }),
      );
      expect(merged.pins.find(({ address }) => address === ALICE)).toMatchObject({ sequence: 5, verified: { key_link: null } });
      expect(merged.pins.find(({ address }) => address === BOB)).toMatchObject({ sequence: 7, verified: mine.verified });
    }
  });

  it("unites devices, minus those that were removed", () => {
    const [common, mine, theirs, removed] = [device(), device(), device(), device()];
    const merged = mergeKeystoreDocuments(
      documentOf({ devices: [common, mine, removed] }),
      documentOf({ devices: [common, theirs], tombstones: [deviceName(removed)] }),
    );
    expect(merged.devices?.map(({ id }) => id).sort()).toEqual([common, mine, theirs].map(({ id }) => id).sort());
    expect(mergeKeystoreDocuments(documentOf({ devices: [common] }), documentOf({})).devices).toEqual([common]);
    expect(mergeKeystoreDocuments(documentOf({}), documentOf({ devices: [common] })).devices).toEqual([common]);
    expect(mergeKeystoreDocuments(documentOf({}), documentOf({})).devices).toBeUndefined();
  });

  it("takes the name that a device was given last", () => {
    const first = device({ name: "laptop" });
    const renamed = { ...first, name: "old laptop", named_at: parseTimestamp("2026-11-24T00:00:00Z") };
    const again = { ...first, name: "attic", named_at: parseTimestamp("2026-11-25T00:00:00Z") };
    const same = { ...renamed, name: "older laptop" };
    const devicesOf = (a: KeystoreDevice, b: KeystoreDevice) =>
      mergeKeystoreDocuments(documentOf({ devices: [a] }), documentOf({ devices: [b] })).devices;
    for (const [one, other, expected] of [
      [first, renamed, renamed],
      [again, renamed, again],
      [renamed, same, same],
    ] as const) {
      expect(devicesOf(one, other)).toEqual([expected]);
      expect(devicesOf(other, one)).toEqual([expected]);
    }
  });

  it("takes the later of two shared settings, and the same one on both devices where the times are equal", () => {
    const [early, late] = [parseTimestamp("2026-11-23T00:00:00Z"), parseTimestamp("2026-11-23T00:00:01Z")];
    const sharedOf = (shared: NonNullable<KeystoreDocument["settings"]["shared"]>) => documentOf({ settings: { shared } });
    const a = sharedOf({ color: { value: "red", at: late }, size: { value: 1, at: early }, font: { value: "x", at: early } });
    const b = sharedOf({ color: { value: "blue", at: early }, size: { value: 2, at: early }, sound: { value: null, at: early } });
    const merged = mergeKeystoreDocuments(a, b).settings.shared;
    expect(merged).toMatchObject({ color: { value: "red" }, size: { value: 2 }, font: { value: "x" }, sound: { value: null } });
    expect(mergeKeystoreDocuments(b, a).settings.shared).toEqual(merged);
    expect(mergeKeystoreDocuments(a, documentOf({})).settings.shared).toEqual(a.settings.shared);
    expect(mergeKeystoreDocuments(documentOf({}), a).settings.shared).toEqual(a.settings.shared);
    expect(mergeKeystoreDocuments(documentOf({}), documentOf({})).settings).toEqual({});
  });

  it("keeps both sides' settings and unknown members, and no secret in a tombstone", () => {
    const merged = mergeKeystoreDocuments(documentOf({ settings: { a: 1, c: 1 }, x: 1 }), documentOf({ settings: { b: 2, c: 2 }, y: 2 }));
    expect(merged).toMatchObject({ settings: { a: 1, b: 2, c: 1 }, x: 1, y: 2 });
    const seed = randomBytes(32);
    const name = messageKeyName({ seed: toB64(seed) });
    expect(name).not.toContain(toB64(seed));
    expect(name).not.toContain(toHex(seed));
  });
});
