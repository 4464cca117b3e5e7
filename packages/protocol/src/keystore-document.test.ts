import { describe, expect, it } from "vitest";
import { ALICE, BOB, MASTER } from "../test/chain-builder.ts";
import { codeOf } from "../test/refusal.ts";
import { randomBytes, toB64, toHex, toHex32, utf8 } from "./bytes.ts";
import {
  archiveKeyName,
  deviceName,
  encodeKeystoreDocument,
  MAX_DEVICE_NAME_LENGTH,
  MAX_DEVICES,
  mergeKeystoreDocuments,
  messageKeyName,
  parseKeystoreDocument,
  parseTombstone,
  pinName,
  tombstoneOf,
  type KeystoreArchiveKey,
  type KeystoreDevice,
  type KeystoreDocument,
  type KeystoreMessageKey,
  type KeystorePin,
} from "./keystore-document.ts";
import { MAX_KEYSTORE_BYTES } from "./limits.ts";
import { parseTimestamp } from "./time.ts";
import { xWingPublicKey } from "./x-wing.ts";

function documentOf(change: Partial<KeystoreDocument>): KeystoreDocument {
  const empty = { message_keys: [], archive_keys: [], pins: [], settings: {}, tombstones: [] };
  return { master_seed: toB64(new Uint8Array(32)), ...empty, ...change };
}

function messageKey(change: Partial<KeystoreMessageKey> = {}): KeystoreMessageKey {
  const expires_at = parseTimestamp("2027-01-01T00:00:00Z");
  return { seed: toB64(randomBytes(32)), kind: "ephemeral", expires_at, signed_by: MASTER.publicKey, used_by: null, ...change };
}

function archiveKey(change: Partial<KeystoreArchiveKey> = {}): KeystoreArchiveKey {
  return { id: toHex(randomBytes(16)), key: toB64(randomBytes(32)), month: "2026-11", ...change };
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

  it("are refused where anything in them has another shape", () => {
    const at = parseTimestamp("2026-11-23T00:00:00Z");
    const id = "0123456789abcdef0123456789abcdef";
    const wrong: readonly Partial<Record<keyof KeystoreDocument, unknown>>[] = [
      ...[{ seed: "short" }, { kind: "other" }, { expires_at: "soon" }, { signed_by: "me" }, { used_by: "x" }, { used_by: undefined }].map(
        (change) => ({ message_keys: [{ ...messageKey(), ...change }] }),
      ),
      ...[`${id}0`, id.slice(1), id.toUpperCase(), `x${id}`, ""].flatMap((each) => [
        { archive_keys: [archiveKey({ id: each })] },
        { devices: [device({ id: each })] },
      ]),
      ...["2026-13", "2026-00", "2026-19", "x2026-11", "2026-11-01", "26-11", "2026-1", ""].map((month) => ({
        archive_keys: [archiveKey({ month })],
      })),
      ...[{ key: "short" }, { closed: "yes" }].map((change) => ({ archive_keys: [{ ...archiveKey(), ...change }] })),
      ...[
        { address: "alice" },
        { first_link: "x" },
        { link: undefined },
        { sequence: -1 },
        { public_key: "x" },
        { key_link: "x" },
        { verified: {} },
        { verified: { key_link: "x", at } },
        { verified: { key_link: null, at: "x" } },
      ].map((change) => ({ pins: [{ ...pin(), ...change }] })),
      ...[
        { name: "x".repeat(MAX_DEVICE_NAME_LENGTH + 1) },
        { public_key: toB64(new Uint8Array(32)) },
        { added_at: "x" },
        { named_at: "x" },
      ].map((change) => ({ devices: [{ ...device(), ...change }] })),
      { devices: Array.from({ length: MAX_DEVICES + 1 }, () => device()) },
      { settings: { phrase_key: toB64(new Uint8Array(32)) } },
      { settings: { shared: { theme: { value: 1 } } } },
      { settings: { shared: { ["x".repeat(101)]: { value: 1, at } } } },
      { settings: undefined },
      { next_master_seed: "short" },
      { tombstones: ["x".repeat(401)] },
      { pins: Array.from({ length: 50_001 }, () => null) },
    ];
    const otherwise = wrong.flatMap((change) => {
      const code = codeOf(() => parseKeystoreDocument(utf8(JSON.stringify({ ...documentOf({}), ...change }))));
      return code === "bad_request" || code === "bad_address" ? [] : [[code, JSON.stringify(change).slice(0, 200)]];
    });
    expect(otherwise).toEqual([]);
  });

  it("take everything that the protocol has in them, up to its bounds", () => {
    const at = parseTimestamp("2026-11-23T00:00:00Z");
    const whole = documentOf({
      next_master_seed: toB64(randomBytes(32)),
      message_keys: [messageKey(), messageKey({ kind: "non_ephemeral", used_by: toHex32(randomBytes(32)) })],
      archive_keys: ["2026-01", "2026-09", "2026-10", "2026-12"].map((month) => archiveKey({ month, closed: false })),
      pins: [pin({ key_link: toHex32(randomBytes(32)), verified: { key_link: null, at } })],
      devices: Array.from({ length: MAX_DEVICES }, () => device({ name: "x".repeat(MAX_DEVICE_NAME_LENGTH), named_at: at })),
      settings: { phrase_key: toB64(xWingPublicKey(randomBytes(32))), shared: { ["x".repeat(100)]: { value: null, at } } },
      tombstones: ["x".repeat(400)],
    });
    expect(parseKeystoreDocument(encodeKeystoreDocument(whole))).toEqual(whole);
    const largest = new Uint8Array(MAX_KEYSTORE_BYTES).fill(0x20);
    largest.set(utf8(JSON.stringify(documentOf({}))));
    expect(parseKeystoreDocument(largest)).toEqual(documentOf({}));
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
    const open = archiveKey();
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

  it("forgets what either removed, also where the other names nothing of its kind", () => {
    const [key, other, gone] = [archiveKey(), archiveKey(), device()];
    const merged = mergeKeystoreDocuments(
      documentOf({ archive_keys: [key, other], tombstones: [archiveKeyName(key), deviceName(gone)] }),
      documentOf({ devices: [gone] }),
    );
    expect(merged.archive_keys).toEqual([other]);
    expect(merged.devices).toEqual([]);
    expect(mergeKeystoreDocuments(documentOf({ devices: [gone] }), documentOf({ tombstones: [deviceName(gone)] })).devices).toEqual([]);
  });

  it("knows a tombstone's time only where it has the form of one", () => {
    const name = messageKeyName(messageKey());
    const timed = tombstoneOf({ name, until: parseTimestamp("2027-01-01T00:00:00Z") });
    for (const text of [`x${timed}`, `${timed}x`, `${timed} ${timed}`]) expect(parseTombstone(text)).toEqual({ name: text, until: null });
    const earlier = tombstoneOf({ name, until: parseTimestamp("2026-12-01T00:00:00Z") });
    const tombstonesOf = (mine: string, theirs: string) =>
      mergeKeystoreDocuments(documentOf({ tombstones: [mine] }), documentOf({ tombstones: [theirs] })).tombstones;
    expect([tombstonesOf(earlier, timed), tombstonesOf(timed, earlier)]).toEqual([[timed], [timed]]);
  });

  it("closes an archive key also where one of them says that it is open", () => {
    const key = archiveKey();
    const closedOf = (mine: boolean | undefined, theirs: boolean | undefined) => {
      const keys = [mine, theirs].map((closed) => documentOf({ archive_keys: [closed === undefined ? key : { ...key, closed }] }));
      return mergeKeystoreDocuments(keys[0] ?? documentOf({}), keys[1] ?? documentOf({})).archive_keys[0]?.closed;
    };
    expect([closedOf(false, true), closedOf(true, false), closedOf(true, true)]).toEqual([true, true, true]);
    expect([closedOf(false, false), closedOf(undefined, false), closedOf(undefined, undefined)]).toEqual([false, false, undefined]);
  });

  it("takes its own where both are as long or as late, and adds no member that neither has", () => {
    const mine = pin({ sequence: 3, nickname: "mine" });
    const theirs = { ...mine, nickname: "theirs" };
    const pinsOf = (a: KeystorePin, b: KeystorePin) => mergeKeystoreDocuments(documentOf({ pins: [a] }), documentOf({ pins: [b] })).pins;
    const [merged] = pinsOf(mine, theirs);
    expect(merged).toMatchObject({ nickname: "mine" });
    expect(Object.keys(merged ?? {}).sort()).toEqual(Object.keys(mine).sort());
    const verified = { key_link: null, at: parseTimestamp("2026-11-23T00:00:00Z") };
    expect(pinsOf(mine, { ...theirs, verified })).toMatchObject([{ nickname: "mine", verified }]);
    expect(pinsOf({ ...mine, verified }, theirs)).toMatchObject([{ nickname: "mine", verified }]);
    const own = device();
    const [named] = mergeKeystoreDocuments(documentOf({ devices: [own] }), documentOf({ devices: [own] })).devices ?? [];
    expect(Object.keys(named ?? {}).sort()).toEqual(Object.keys(own).sort());
  });
});
