import * as v from "valibot";
import { BOX_KEY_BYTES, BOX_OVERHEAD, openBox, sealBox } from "./box.ts";
import type { Brand } from "./brand.ts";
import { assertBytes, concat, fromHex, toHex, utf8, type Hex32, type RandomBytes } from "./bytes.ts";
import { parseJsonBytes } from "./json.ts";
import { ARCHIVE_BYTES, MAX_SUMMARY_TEXT_BYTES } from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { hex32, normalAddress, parseShape, timestamp } from "./schema.ts";
import { PRK_BYTES } from "./seal.ts";

/** `hex` of an archive key's 16-byte id (protocol section 8). */
export type ArchiveKeyId = Brand<string, "ArchiveKeyId">;

/** Bytes of an archive key's id. */
export const ARCHIVE_KEY_ID_BYTES = 16;

/** An archive key; one a month, independent of the master key (protocol section 8). */
export interface ArchiveKey {
  readonly id: ArchiveKeyId;
  /** 32 random bytes. */
  readonly key: Uint8Array;
}

/** What a named box is for: it opens only where it was written (protocol section 8). */
export type BoxKind = "folder" | "note" | "extensions" | "summary";

/** A new archive key: 16 random bytes of id, 32 of key. */
export function newArchiveKey(random: RandomBytes): ArchiveKey {
  return { id: parseArchiveKeyId(toHex(random(ARCHIVE_KEY_ID_BYTES))), key: random(BOX_KEY_BYTES) };
}

/** Parses an archive key's id. Throws `bad_request`. */
export function parseArchiveKeyId(text: unknown): ArchiveKeyId {
  fromHex(text as string, ARCHIVE_KEY_ID_BYTES);
  return text as ArchiveKeyId;
}

/** The id of the archive key that `archive` or a named box was sealed with. Throws `decryption_failed`. */
export function archiveKeyIdOf(sealed: Uint8Array): ArchiveKeyId {
  assertBytes(sealed, "sealed");
  if (sealed.length < ARCHIVE_KEY_ID_BYTES + BOX_OVERHEAD) throw failed("too short to name an archive key");
  return toHex(sealed.subarray(0, ARCHIVE_KEY_ID_BYTES)) as ArchiveKeyId;
}

/** `archive` of protocol section 8: archive key id || box of the message's prk. `random` is asked for 24 bytes. */
export function sealArchive(archiveKey: ArchiveKey, messageId: Hex32, prk: Uint8Array, random: RandomBytes): Uint8Array {
  assertBytes(prk, "prk", PRK_BYTES);
  return withKeyId(archiveKey, sealBox(archiveKey.key, fromHex(messageId, 32), prk, random));
}

/** The prk of an archived message, 64 bytes. Throws `key_unknown` for another archive key, `decryption_failed`. */
export function openArchive(archiveKey: ArchiveKey, messageId: Hex32, archive: Uint8Array): Uint8Array {
  assertBytes(archive, "archive");
  if (archive.length !== ARCHIVE_BYTES) throw failed(`an archive has ${ARCHIVE_BYTES} bytes`);
  return openBox(archiveKey.key, fromHex(messageId, 32), boxIn(archiveKey, archive));
}

/** A name, note, extension or summary (protocol section 8): archive key id || box. `random` is asked for 24 bytes. */
export function sealNamed(archiveKey: ArchiveKey, kind: BoxKind, objectId: string, text: Uint8Array, random: RandomBytes): Uint8Array {
  return withKeyId(archiveKey, sealBox(archiveKey.key, namedAd(kind, objectId), text, random));
}

/** The text of a named box. Throws `key_unknown` for another archive key, `decryption_failed`. */
export function openNamed(archiveKey: ArchiveKey, kind: BoxKind, objectId: string, sealed: Uint8Array): Uint8Array {
  assertBytes(sealed, "sealed");
  return openBox(archiveKey.key, namedAd(kind, objectId), boxIn(archiveKey, sealed));
}

/** Recipients that a summary names; characters of the sender that imported mail claims. */
export const MAX_SUMMARY_RECIPIENTS = 2;
export const MAX_SUMMARY_CLAIM_LENGTH = 80;

/** The members of a summary (protocol section 8). */
export const summaryDocument = v.object({
  subject: v.string(),
  name: v.string(),
  text: v.string(),
  /** The sender, as the device that opened the message verified them. */
  from: v.optional(normalAddress),
  to: v.optional(v.pipe(v.array(normalAddress), v.maxLength(MAX_SUMMARY_RECIPIENTS))),
  thread: v.optional(hex32),
  marks: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z_]{1,32}$/))), v.maxLength(8))),
  imported: v.optional(v.object({ from: v.pipe(v.string(), v.maxLength(MAX_SUMMARY_CLAIM_LENGTH)), at: v.nullable(timestamp) })),
});

/**
 * What a new device shows of a message that it has not fetched (protocol section 8): subject, sender's name, first words; and what
 * the device that opened it found out.
 */
export type Summary = v.InferOutput<typeof summaryDocument>;

/**
 * Seals a summary, its longest texts shortened until its JSON has at most 1 KiB; where that is not enough, `to` and `imported` go.
 * `random` is asked for 24 bytes.
 */
export function sealSummary(archiveKey: ArchiveKey, messageId: Hex32, full: Summary, random: RandomBytes): Uint8Array {
  return sealNamed(archiveKey, "summary", messageId, summaryBytes(full), random);
}

/** Opens a summary. Throws `key_unknown`, `decryption_failed`, or `bad_request` where a box holds no summary. */
export function openSummary(archiveKey: ArchiveKey, messageId: Hex32, sealed: Uint8Array): Summary {
  return parseShape(summaryDocument, parseJsonBytes(openNamed(archiveKey, "summary", messageId, sealed)));
}

function summaryBytes({ subject, name, text, ...rest }: Summary): Uint8Array {
  // Escaping may double a text's bytes or worse, so the budget is cut until the whole fits.
  for (let budget = MAX_SUMMARY_TEXT_BYTES; budget > 0; budget = Math.floor(budget / 2)) {
    const short = { subject: shortened(subject, budget / 2), name: shortened(name, budget / 4), text: shortened(text, budget / 2) };
    const bytes = utf8(JSON.stringify({ ...short, ...rest }));
    if (bytes.length <= MAX_SUMMARY_TEXT_BYTES) return bytes;
  }
  const { to: _to, imported: _imported, ...least } = rest;
  return summaryBytes({ subject, name, text, ...least });
}

/** The first characters of a text, as many as fit into so many bytes of UTF-8; what I-JSON can't hold becomes U+FFFD. */
function shortened(text: string, bytes: number): string {
  let short = "";
  let length = 0;
  // Characters, not UTF-16 units: no surrogate pair is cut in two.
  for (const character of text) {
    const valid = /[\p{Noncharacter_Code_Point}\p{Surrogate}]/u.test(character) ? "\ufffd" : character;
    length += utf8(valid).length;
    if (length > bytes) break;
    short += valid;
  }
  return short;
}

function withKeyId({ id }: ArchiveKey, box: Uint8Array): Uint8Array {
  return concat(fromHex(id, ARCHIVE_KEY_ID_BYTES), box);
}

function boxIn({ id }: ArchiveKey, sealed: Uint8Array): Uint8Array {
  if (archiveKeyIdOf(sealed) !== id) throw new SmimpError("key_unknown", "sealed with another archive key");
  return sealed.subarray(ARCHIVE_KEY_ID_BYTES);
}

function namedAd(kind: BoxKind, objectId: string): Uint8Array {
  return concat(utf8(`smimp/1.0 ${kind}`), 0, utf8(objectId));
}

function failed(detail: string): SmimpError {
  return new SmimpError("decryption_failed", detail);
}
