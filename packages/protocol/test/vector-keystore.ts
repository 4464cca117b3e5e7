import {
  deviceLinkCode,
  encodeKeystoreDocument,
  equalBytes,
  fromB64,
  hash,
  newDeviceLink,
  newPhrase,
  nextKeystoreKey,
  openDeviceLink,
  openHandOver,
  openKeystore,
  openWithPassphrase,
  parseAddress,
  parseKeystoreDocument,
  parseLinkCode,
  parsePhrase,
  phraseKeystoreKey,
  recoverySeed,
  recoverySigningKey,
  sealDeviceLink,
  sealHandOver,
  sealKeystore,
  sealWithPassphrase,
  showLinkCode,
  toB64,
  toHex,
  xWingPublicKey,
  type DeviceLinkContent,
} from "@smimp/protocol";
import { bytes, drawn, must, text, type Fields, type Operation } from "./vector-format.ts";

function linkOf(input: Fields) {
  return newDeviceLink(drawn(bytes(input, "seed"), bytes(input, "secret")));
}

function linkContent({ key, masterSeed, address, version }: DeviceLinkContent): Fields {
  return { key: toB64(key), master_seed: toB64(masterSeed), address, version };
}

function documentOf(input: Fields): Uint8Array {
  return encodeKeystoreDocument(parseKeystoreDocument(new TextEncoder().encode(text(input, "text"))));
}

const keystores: Record<string, Operation> = {
  "keystore.step"(input) {
    const keys: string[] = [];
    let key = bytes(input, "key");
    for (let step = 0; step < (input["steps"] as number); step++) {
      key = nextKeystoreKey(key);
      keys.push(toB64(key));
    }
    return { keys };
  },
  "keystore.phrase"(input) {
    const address = parseAddress(input["address"]);
    const secret = parsePhrase(text(input, "phrase"));
    must(newPhrase(secret) === input["phrase"], "the secret spells the phrase");
    const { seed, publicKey } = phraseKeystoreKey(secret);
    return {
      secret: toB64(secret),
      recovery_seed: toB64(recoverySeed(secret, address)),
      recovery_key: recoverySigningKey(secret, address).publicKey,
      keystore_seed: toB64(seed),
      keystore_key_hash: toHex(hash(publicKey)),
    };
  },
  "keystore.seal"(input) {
    const address = parseAddress(input["address"]);
    const key = bytes(input, "key");
    const phraseSeed = bytes(input, "phrase_seed");
    const keystore = sealKeystore({
      address,
      version: input["version"] as number,
      key,
      phraseKey: xWingPublicKey(phraseSeed),
      text: documentOf(input),
      random: drawn(bytes(input, "coins"), bytes(input, "key_nonce"), bytes(input, "nonce")),
    });
    for (const opener of [{ key }, { phraseSeed }]) {
      must(equalBytes(openKeystore(address, keystore, opener).text, documentOf(input)), "the keystore must also open");
    }
    return { keystore: toB64(keystore) };
  },
  "keystore.open"(input) {
    const opener = input["key"] === undefined ? { phraseSeed: bytes(input, "phrase_seed") } : { key: bytes(input, "key") };
    const opened = openKeystore(parseAddress(input["address"]), bytes(input, "keystore"), opener);
    const document = encodeKeystoreDocument(parseKeystoreDocument(opened.text));
    return { version: opened.version, key: toB64(opened.key), text: new TextDecoder().decode(document) };
  },
};

const passphrases: Record<string, Operation> = {
  "passphrase.seal"(input) {
    const cost = { opslimit: input["opslimit"] as number, memory: input["memory_kib"] as number };
    const random = drawn(bytes(input, "salt"), bytes(input, "nonce"));
    const sealed = sealWithPassphrase(text(input, "passphrase"), bytes(input, "text"), random, cost);
    return { sealed: toB64(sealed) };
  },
  "passphrase.open": (input) => ({ text: toB64(openWithPassphrase(text(input, "passphrase"), bytes(input, "sealed"))) }),
};

const deviceLinks: Record<string, Operation> = {
  "device-link.make"(input) {
    const link = linkOf(input);
    const { code, secret } = parseLinkCode(showLinkCode(link));
    must(code === deviceLinkCode(link.publicKey) && equalBytes(secret, link.secret), "the link code reads back");
    return { code, link_code: link.linkCode, shown: showLinkCode(link), public_key_hash: toHex(hash(link.publicKey)) };
  },
  "device-link.seal"(input) {
    const { code, secret } = parseLinkCode(text(input, "link_code"));
    const sealed = sealDeviceLink({
      code,
      secret,
      publicKey: fromB64(text(input, "public_key")),
      key: bytes(input, "key"),
      masterSeed: bytes(input, "master_seed"),
      address: parseAddress(input["address"]),
      version: input["version"] as number,
      random: drawn(bytes(input, "coins"), bytes(input, "nonce")),
    });
    return { sealed: toB64(sealed) };
  },
  "hand-over.seal"(input) {
    const sealed = sealHandOver({
      publicKey: fromB64(text(input, "public_key")),
      key: bytes(input, "key"),
      masterSeed: bytes(input, "master_seed"),
      address: parseAddress(input["address"]),
      version: input["version"] as number,
      random: drawn(bytes(input, "coins"), bytes(input, "nonce")),
    });
    return { sealed: toB64(sealed) };
  },
  "hand-over.open"(input) {
    return linkContent(openHandOver(bytes(input, "seed"), parseAddress(input["address"]), bytes(input, "sealed")));
  },
  "device-link.open"(input) {
    return linkContent(openDeviceLink(linkOf(input), bytes(input, "sealed")));
  },
};

/** Operations on keystores, phrases, passphrases and device links. */
export const keystoreOperations: Readonly<Record<string, Operation>> = { ...keystores, ...passphrases, ...deviceLinks };
