import { toB64, xWingPublicKey } from "@smimp/protocol";
import type { Fields } from "../../packages/protocol/test/vector-format.ts";
import { cut, flipped, resultOf, seeded, seededB64, seededHex, textB64, type Case } from "./case.ts";

const address = "alice#example.com";

const sealing = {
  address,
  version: 7,
  key: seededB64("keystore key"),
  phrase_seed: seededB64("phrase seed"),
  text: JSON.stringify({
    master_seed: seededB64("master seed"),
    message_keys: [
      {
        seed: seededB64("message key"),
        kind: "ephemeral",
        expires_at: "2027-02-20T00:00:00Z",
        signed_by: seededB64("master key"),
        used_by: seededHex("message id"),
        note: "from another client",
      },
      {
        seed: seededB64("standing message key"),
        kind: "non_ephemeral",
        expires_at: "2026-12-23T00:00:00Z",
        signed_by: seededB64("master key"),
        used_by: null,
      },
    ],
    archive_keys: [{ id: seededHex("archive key id", 16), key: seededB64("archive key"), month: "2026-11" }],
    pins: [
      {
        address: "bob#example.org",
        first_link: seededHex("first link"),
        link: seededHex("link"),
        sequence: 2,
        public_key: seededB64("public key of bob"),
      },
    ],
    settings: { language: "en" },
    tombstones: ["pin:carol#example.net"],
    another_member: [1, 2, 3],
  }),
  coins: seededB64("keystore coins", 64),
  key_nonce: seededB64("keystore key nonce", 24),
  nonce: seededB64("keystore nonce", 24),
};

/** Keystores, passphrases and device links. */
export function keystoreCases(): Case[] {
  return [...keystores(), ...passphrases(), ...deviceLinks()];
}

function keystores(): Case[] {
  const { key, phrase_seed } = sealing;
  const keystore = resultOf("keystore.seal", sealing, "keystore");
  const open = (name: string, shows: string, input: Fields, refused?: Case["refused"]): Case => ({
    format: "keystore",
    name,
    shows,
    operation: "keystore.open",
    input: { address, keystore, ...input },
    ...(refused === undefined ? {} : { refused }),
  });
  const fails = { error: "decryption_failed" } as const;
  const versionEight = flipped(keystore, 7);
  // Start of the box: n, and K_n sealed to the phrase's key.
  const boxAt = 8 + 1_192;
  return [
    { format: "keystore", name: "seal", shows: "a version, its key sealed to the phrase", operation: "keystore.seal", input: sealing },
    {
      format: "keystore",
      name: "seal-first-version",
      shows: "n counts from 0",
      operation: "keystore.seal",
      input: {
        ...sealing,
        version: 0,
        text: JSON.stringify({
          master_seed: seededB64("master seed"),
          message_keys: [],
          archive_keys: [],
          pins: [],
          settings: {},
          tombstones: [],
        }),
      },
    },
    open("open-with-key", "a device opens with K_n; unknown members are kept", { key }),
    open("open-with-phrase", "the phrase's X-Wing secret opens it too", { phrase_seed }),
    open("other-key", "the key of another version", { key: seededB64("another keystore key") }, fails),
    open("other-phrase", "another phrase", { phrase_seed: seededB64("another phrase seed") }, fails),
    open("other-address", "the address is bound", { key, address: "bob#example.org" }, fails),
    open("other-address-with-phrase", "the address is bound to the sealed key too", { phrase_seed, address: "bob#example.org" }, fails),
    open("other-version", "n is bound", { key, keystore: versionEight }, fails),
    open("other-version-with-phrase", "n is bound to the sealed key too", { phrase_seed, keystore: versionEight }, fails),
    open("text-flipped", "the text is authentic", { key, keystore: flipped(keystore, boxAt + 24) }, fails),
    open("nonce-flipped", "the nonce of the box", { key, keystore: flipped(keystore, boxAt) }, fails),
    open("sealed-key-flipped", "the sealed key is authentic", { phrase_seed, keystore: flipped(keystore, boxAt - 1) }, fails),
    open("encapsulation-flipped", "a bit of the encapsulation", { phrase_seed, keystore: flipped(keystore, 8) }, fails),
    open("truncated", "one byte is missing", { key, keystore: cut(keystore, 1) }, fails),
    open("truncated-to-the-sealed-key", "no box at all", { key, keystore: toB64(seeded("nothing", boxAt)) }, fails),
  ];
}

function passphrases(): Case[] {
  const sealing = {
    passphrase: "correct horse battery staple",
    opslimit: 3,
    memory_kib: 65_536,
    salt: seededB64("salt", 16),
    nonce: seededB64("passphrase nonce", 24),
    text: textB64("what a device keeps"),
  };
  const sealed = resultOf("passphrase.seal", sealing, "sealed");
  const { passphrase } = sealing;
  const fails = { error: "decryption_failed" } as const;
  const open = (name: string, shows: string, input: Fields, refused?: Case["refused"]): Case => ({
    format: "passphrase",
    name,
    shows,
    operation: "passphrase.open",
    input: { passphrase, sealed, ...input },
    ...(refused === undefined ? {} : { refused }),
  });
  return [
    { format: "passphrase", name: "seal", shows: "3 passes over 64 MiB", operation: "passphrase.seal", input: sealing },
    {
      format: "passphrase",
      name: "seal-composed",
      shows: "a passphrase is composed (NFC) before it is stretched",
      operation: "passphrase.seal",
      input: { ...sealing, passphrase: "cre\u0300me bru\u0302le\u0301e" },
    },
    open("open", "the parameters stand in the header", {}),
    open("other-passphrase", "another passphrase", { passphrase: "correct horse battery stable" }, fails),
    // Header: 16 bytes of name, opslimit, memory, salt.
    open("other-name", "another format", { sealed: flipped(sealed, 0) }, fails),
    open("opslimit-2", "fewer than 3 passes", { sealed: flipped(sealed, 19) }, fails),
    open("memory-below-64-mib", "less memory than 64 MiB", { sealed: withMemory(sealed, 65_535) }, fails),
    open("memory-above-1-gib", "more memory than 1 GiB", { sealed: withMemory(sealed, 1_048_577) }, fails),
    open("other-memory", "the header is bound", { sealed: withMemory(sealed, 65_537) }, fails),
    open("salt-flipped", "another salt", { sealed: flipped(sealed, 24) }, fails),
    open("text-flipped", "the text is authentic", { sealed: flipped(sealed, -17) }, fails),
    open("truncated", "one byte is missing", { sealed: cut(sealed, 1) }, fails),
    open("truncated-to-the-header", "no box at all", { sealed: cut(sealed, 24 + 19 + 16) }, fails),
  ];
}

function withMemory(sealed: string, memory: number): string {
  const bytes = Uint8Array.from(Buffer.from(sealed, "base64url"));
  new DataView(bytes.buffer).setUint32(20, memory);
  return toB64(bytes);
}

function deviceLinks(): Case[] {
  const device = { seed: seededB64("new device"), secret: seededB64("link secret", 16) };
  const linkCode = resultOf("device-link.make", device, "link_code");
  const sealing = {
    link_code: linkCode,
    public_key: toB64(xWingPublicKey(seeded("new device"))),
    key: seededB64("keystore key"),
    master_seed: seededB64("master seed"),
    address,
    version: 7,
    coins: seededB64("link coins", 64),
    nonce: seededB64("link nonce", 24),
  };
  const sealed = resultOf("device-link.seal", sealing, "sealed");
  const fails = { error: "decryption_failed" } as const;
  const bad = { error: "bad_request" } as const;
  const seal = (name: string, shows: string, input: Fields, refused?: Case["refused"]): Case => ({
    format: "device-link",
    name,
    shows,
    operation: "device-link.seal",
    input: { ...sealing, ...input },
    ...(refused === undefined ? {} : { refused }),
  });
  const open = (name: string, shows: string, input: Fields, refused?: Case["refused"]): Case => ({
    format: "device-link",
    name,
    shows,
    operation: "device-link.open",
    input: { ...device, sealed, ...input },
    ...(refused === undefined ? {} : { refused }),
  });
  return [
    ...handOvers(),
    { format: "device-link", name: "make", shows: "what the new device shows", operation: "device-link.make", input: device },
    seal("seal", "what the old device gives", {}),
    seal("seal-typed", "the code as a person may type it", {
      link_code: ` ${linkCode.toLowerCase().slice(0, 20)}-${linkCode.slice(20)} `,
    }),
    seal(
      "other-public-key",
      "the server gave the key of another device",
      { public_key: toB64(xWingPublicKey(seeded("another device"))) },
      { error: "commitment_mismatch" },
    ),
    seal("link-code-of-41-characters", "a character is missing", { link_code: linkCode.slice(0, -1) }, bad),
    seal("link-code-with-trailing-bits", "the last character has bits that belong to no byte", { link_code: trailing(linkCode) }, bad),
    seal("link-code-with-1", "1 is not in the alphabet", { link_code: `1${linkCode.slice(1)}` }, bad),
    open("open", "the new device has the keystore's key", {}),
    open("other-secret", "somebody who saw only the public key sealed it", { secret: seededB64("guessed", 16) }, fails),
    open("other-device", "sealed to another device", { seed: seededB64("another device") }, fails),
    open("sealed-flipped", "what is sealed is authentic", { sealed: flipped(sealed, -1) }, fails),
    open("truncated", "one byte is missing", { sealed: cut(sealed, 1) }, fails),
  ];
}

function handOvers(): Case[] {
  const seed = seededB64("linked device");
  const sealing = {
    public_key: toB64(xWingPublicKey(seeded("linked device"))),
    key: seededB64("fresh keystore key"),
    master_seed: seededB64("next master seed"),
    address,
    version: 8,
    coins: seededB64("hand-over coins", 64),
    nonce: seededB64("hand-over nonce", 24),
  };
  const sealed = resultOf("hand-over.seal", sealing, "sealed");
  const fails = { error: "decryption_failed" } as const;
  const open = (name: string, shows: string, input: Fields, refused?: Case["refused"]): Case => ({
    format: "hand-over",
    name,
    shows,
    operation: "hand-over.open",
    input: { seed, address, sealed, ...input },
    ...(refused === undefined ? {} : { refused }),
  });
  return [
    {
      format: "hand-over",
      name: "seal",
      shows: "a new master key and a fresh K for a linked device",
      operation: "hand-over.seal",
      input: sealing,
    },
    open("open", "the linked device goes on", {}),
    open("other-address", "the address is bound", { address: "bob#example.org" }, fails),
    open("other-device", "sealed to another device", { seed: seededB64("another device") }, fails),
    open("sealed-flipped", "what is sealed is authentic", { sealed: flipped(sealed, -1) }, fails),
    open("truncated", "one byte is missing", { sealed: cut(sealed, 1) }, fails),
  ];
}

/** The code with its last character raised by one: 26 characters are 130 bits, and the last two are zero. */
function trailing(linkCode: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return linkCode.slice(0, -1) + alphabet.charAt(alphabet.indexOf(linkCode.slice(-1)) + 1);
}
