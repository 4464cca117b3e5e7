import {
  archiveKeyIdOf,
  encodeEmail,
  encodeShortMessage,
  equalBytes,
  fromBase32,
  fromHex,
  groupBase32,
  listEntryHash,
  openArchive,
  openBox,
  openNamed,
  openWithKey,
  parseArchiveKeyId,
  parseEmail,
  parseHex32,
  parseListEntry,
  parseShortMessage,
  sealArchive,
  sealBox,
  sealNamed,
  sealToKey,
  SmimpError,
  toB64,
  toBase32,
  toHex,
  ungroupBase32,
  xWingPublicKey,
  type ArchiveKey,
  type BoxKind,
} from "@smimp/protocol";
import { bytes, drawn, fields, must, text, type Fields, type Operation } from "./vector-format.ts";

function archiveKeyOf(input: Fields): ArchiveKey {
  const key = fields(input, "archive_key");
  return { id: parseArchiveKeyId(key["id"]), key: bytes(key, "key") };
}

function linkSecretOf(input: Fields): { readonly linkSecret?: Uint8Array } {
  return input["link_secret"] === undefined ? {} : { linkSecret: bytes(input, "link_secret") };
}

const boxes: Record<string, Operation> = {
  "box.seal"(input) {
    const [key, ad, plain] = [bytes(input, "key"), bytes(input, "ad"), bytes(input, "text")];
    const box = sealBox(key, ad, plain, drawn(bytes(input, "nonce")));
    must(equalBytes(openBox(key, ad, box), plain), "the box must also open");
    return { box: toB64(box) };
  },
  "box.open": (input) => ({ text: toB64(openBox(bytes(input, "key"), bytes(input, "ad"), bytes(input, "box"))) }),
  "box.seal-to-key"(input) {
    const seed = bytes(input, "seed");
    const ad = bytes(input, "ad");
    const random = drawn(bytes(input, "coins"), bytes(input, "nonce"));
    const sealed = sealToKey({ publicKey: xWingPublicKey(seed), ad, text: bytes(input, "text"), random, ...linkSecretOf(input) });
    must(equalBytes(openWithKey({ seed, ad, sealed, ...linkSecretOf(input) }), bytes(input, "text")), "it must also open");
    return { sealed: toB64(sealed) };
  },
  "box.open-with-key": (input) => ({
    text: toB64(
      openWithKey({ seed: bytes(input, "seed"), ad: bytes(input, "ad"), sealed: bytes(input, "sealed"), ...linkSecretOf(input) }),
    ),
  }),
};

const archives: Record<string, Operation> = {
  "archive.seal"(input) {
    const [key, id] = [archiveKeyOf(input), parseHex32(input["message_id"])];
    const archive = sealArchive(key, id, bytes(input, "prk"), drawn(bytes(input, "nonce")));
    must(equalBytes(openArchive(key, id, archive), bytes(input, "prk")), "the archive must also open");
    return { archive: toB64(archive) };
  },
  "archive.open": (input) => ({
    prk: toB64(openArchive(archiveKeyOf(input), parseHex32(input["message_id"]), bytes(input, "archive"))),
  }),
  "archive.seal-named"(input) {
    const [key, kind, id] = [archiveKeyOf(input), text(input, "kind") as BoxKind, text(input, "object_id")];
    const sealed = sealNamed(key, kind, id, bytes(input, "text"), drawn(bytes(input, "nonce")));
    must(equalBytes(openNamed(key, kind, id, sealed), bytes(input, "text")), "the box must also open");
    must(archiveKeyIdOf(sealed) === key.id, "the box names its key");
    return { sealed: toB64(sealed) };
  },
  "archive.open-named": (input) => ({
    text: toB64(openNamed(archiveKeyOf(input), text(input, "kind") as BoxKind, text(input, "object_id"), bytes(input, "sealed"))),
  }),
};

const texts: Record<string, Operation> = {
  "base32.encode"(input) {
    const encoded = toBase32(fromHex(text(input, "bytes")));
    must(ungroupBase32(groupBase32(encoded)) === encoded, "groups read back");
    must(toHex(fromBase32(encoded)) === input["bytes"], "what is encoded must also decode");
    return { text: encoded, grouped: groupBase32(encoded) };
  },
  "base32.decode": (input) => ({ bytes: toHex(fromBase32(text(input, "text"), input["length"] as number | undefined)) }),
  "list-entry.hash"(input) {
    const entry = parseListEntry(input["entry"]);
    return { entry, hash: listEntryHash(bytes(input, "list_key"), entry) };
  },
  "message.parse"(input) {
    const plaintext = bytes(input, "plaintext");
    switch (input["message_type"]) {
      case "email":
        return { document: parseEmail(encodeEmail(parseEmail(plaintext))) };
      case "short-message":
        return { document: parseShortMessage(encodeShortMessage(parseShortMessage(plaintext))) };
      default:
        throw new SmimpError("bad_request", "no document of this type is parsed");
    }
  },
};

/** Operations on the small formats of sections 8 and 9. */
export const boxOperations: Readonly<Record<string, Operation>> = { ...boxes, ...archives, ...texts };
