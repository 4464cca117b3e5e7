import { fromB64, toB64 } from "@smimp/protocol";
import type { Fields } from "../../packages/protocol/test/vector-format.ts";
import { cut, flipped, resultOf, seededB64, seededHex, textB64, type Case } from "./case.ts";

const fails = { error: "decryption_failed" } as const;
const unknown = { error: "key_unknown" } as const;

/** Boxes, what is sealed to X-Wing keys, archives and named boxes. */
export function boxCases(): Case[] {
  return [...boxes(), ...sealedToKeys(), ...archives(), ...named()];
}

function caseOf(format: string, operation: string, base: Fields) {
  return (name: string, shows: string, input: Fields = {}, refused?: Case["refused"]): Case => ({
    format,
    name,
    shows,
    operation,
    input: { ...base, ...input },
    ...(refused === undefined ? {} : { refused }),
  });
}

function boxes(): Case[] {
  const sealing = {
    key: seededB64("box key"),
    ad: textB64("where it was written"),
    text: textB64("a text"),
    nonce: seededB64("box nonce", 24),
  };
  const { key, ad } = sealing;
  const box = resultOf("box.seal", sealing, "box");
  const seal = caseOf("box", "box.seal", sealing);
  const open = caseOf("box", "box.open", { key, ad, box });
  return [
    seal("seal", "nonce, ciphertext, tag"),
    seal("seal-empty", "no text at all", { text: "" }),
    seal("seal-without-ad", "nothing is bound", { ad: "" }),
    open("open", "an unchanged box"),
    open("other-key", "another key", { key: seededB64("another box key") }, fails),
    open("other-ad", "the additional data is bound", { ad: textB64("elsewhere") }, fails),
    open("nonce-flipped", "another nonce", { box: flipped(box, 0) }, fails),
    open("text-flipped", "the text is authentic", { box: flipped(box, 24) }, fails),
    open("tag-flipped", "the tag", { box: flipped(box, -1) }, fails),
    open("truncated", "one byte is missing", { box: cut(box, 1) }, fails),
    open("of-39-bytes", "shorter than the shortest box", { box: seededB64("short", 39) }, fails),
    open("empty", "nothing", { box: "" }, fails),
  ];
}

function sealedToKeys(): Case[] {
  const sealing = {
    seed: seededB64("x-wing seed"),
    ad: textB64("what it is for"),
    text: textB64("a text"),
    coins: seededB64("sealed coins", 64),
    nonce: seededB64("sealed nonce", 24),
  };
  const linked = { ...sealing, link_secret: seededB64("a link secret", 16) };
  const { seed, ad } = sealing;
  const { link_secret } = linked;
  const sealed = resultOf("box.seal-to-key", sealing, "sealed");
  const sealedWithSecret = resultOf("box.seal-to-key", linked, "sealed");
  const seal = caseOf("sealed-to-key", "box.seal-to-key", sealing);
  const open = caseOf("sealed-to-key", "box.open-with-key", { seed, ad, sealed });
  return [
    seal("seal", "encapsulation and box"),
    seal("seal-with-link-code", "the random bytes of a link code enter the key", { link_secret }),
    open("open", "without a link code"),
    open("open-with-link-code", "with a link code", { sealed: sealedWithSecret, link_secret }),
    open("link-code-missing", "sealed with a link code, opened without", { sealed: sealedWithSecret }, fails),
    open("link-code-too-many", "sealed without a link code, opened with one", { link_secret }, fails),
    open("other-link-code", "another link code", { sealed: sealedWithSecret, link_secret: seededB64("guessed", 16) }, fails),
    open("other-seed", "another key", { seed: seededB64("another x-wing seed") }, fails),
    open("other-ad", "the additional data is bound", { ad: textB64("something else") }, fails),
    open("encapsulation-flipped", "a bit of the ML-KEM half", { sealed: flipped(sealed, 0) }, fails),
    open("encapsulation-x25519-flipped", "a bit of the X25519 half", { sealed: flipped(sealed, 1_119) }, fails),
    open("encapsulation-x25519-zero", "the X25519 half has small order", { sealed: zeroed(sealed, 1_088, 32) }, fails),
    open("box-flipped", "the box is authentic", { sealed: flipped(sealed, -1) }, fails),
    open("truncated", "one byte is missing", { sealed: cut(sealed, 1) }, fails),
    open("without-box", "only an encapsulation", { sealed: cut(sealed, 46) }, fails),
  ];
}

function zeroed(b64: string, offset: number, length: number): string {
  return toB64(fromB64(b64).fill(0, offset, offset + length));
}

const archiveKey = { id: seededHex("archive key id", 16), key: seededB64("archive key") };
const otherKey = { id: seededHex("another archive key id", 16), key: seededB64("another archive key") };

function archives(): Case[] {
  const sealing = {
    archive_key: archiveKey,
    message_id: seededHex("message id"),
    prk: seededB64("prk", 64),
    nonce: seededB64("archive nonce", 24),
  };
  const { archive_key, message_id } = sealing;
  const archive = resultOf("archive.seal", sealing, "archive");
  const open = caseOf("archive", "archive.open", { archive_key, message_id, archive });
  return [
    caseOf("archive", "archive.seal", sealing)("seal", "120 bytes: key id, nonce, prk, tag"),
    open("open", "an unchanged archive"),
    open("other-message", "an archive opens only its own message", { message_id: seededHex("another message id") }, fails),
    open("other-key", "the key of another month", { archive_key: otherKey }, unknown),
    open("other-key-same-id", "the id fits, the key does not", { archive_key: { ...otherKey, id: archiveKey.id } }, fails),
    open("key-id-flipped", "another key id", { archive: flipped(archive, 0) }, unknown),
    open("prk-flipped", "the prk is authentic", { archive: flipped(archive, 40) }, fails),
    open("truncated", "one byte is missing", { archive: cut(archive, 1) }, fails),
    open("extended", "one byte too many", { archive: toB64(Uint8Array.of(...fromB64(archive), 0)) }, fails),
  ];
}

function named(): Case[] {
  const messageId = seededHex("message id");
  const sealing = {
    archive_key: archiveKey,
    kind: "folder",
    object_id: "f1",
    text: textB64("Holidays"),
    nonce: seededB64("folder nonce", 24),
  };
  const { archive_key, kind, object_id } = sealing;
  const sealed = resultOf("archive.seal-named", sealing, "sealed");
  const seal = caseOf("named-box", "archive.seal-named", sealing);
  const open = caseOf("named-box", "archive.open-named", { archive_key, kind, object_id, sealed });
  const summary = JSON.stringify({ subject: "Hello", name: "Alice", text: "Hello Bob" });
  return [
    seal("folder", "the display name of a folder"),
    seal("note", "the note of a list entry", { kind: "note", object_id: seededHex("list entry"), text: textB64("met in Bern") }),
    seal("extensions", "what a client adds to a message", { kind: "extensions", object_id: messageId, text: textB64("{}") }),
    seal("summary", "what a list of messages shows", { kind: "summary", object_id: messageId, text: textB64(summary) }),
    open("open", "an unchanged box"),
    open("other-kind", "a box opens only where it was written", { kind: "note" }, fails),
    open("other-object", "a box opens only where it was written", { object_id: "f2" }, fails),
    open("other-key", "another archive key", { archive_key: otherKey }, unknown),
    open("flipped", "the text is authentic", { sealed: flipped(sealed, -1) }, fails),
    open("truncated", "one byte is missing", { sealed: cut(sealed, 1) }, fails),
    open("without-box", "only a key id", { sealed: toB64(fromB64(sealed).slice(0, 16)) }, fails),
  ];
}
