import * as v from "valibot";
import { b64Length, fromB64, toB64 } from "./bytes.ts";
import {
  MAX_AVATAR_BYTES,
  MAX_DEVICE_LINK_BYTES,
  MAX_EXPORT_PIECE_BYTES,
  MAX_EXTENSIONS_BYTES,
  MAX_KEYSTORE_BYTES,
  MAX_NOTE_BYTES,
} from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { b64, b64UpTo, count, hex32, messageType, normalAddress, timestamp } from "./schema.ts";
import { deviceCode } from "./wire/devices.ts";
import { messageKeyStatement, profileText, recordStatement, state, storedMessage } from "./wire/shapes.ts";
import { X_WING_PUBLIC_KEY_BYTES } from "./x-wing.ts";

// The lines of `GET export`, which `POST import_account` takes (protocol section 8): one JSON object each, told apart by `kind`.

const sizeUpTo = (bytes: number) => v.pipe(count, v.maxValue(bytes));
const opaqueName = v.pipe(v.string(), v.maxLength(64), v.regex(/^[A-Za-z0-9_-]+$/));
const sealedNote = v.nullable(b64UpTo(MAX_NOTE_BYTES));

/** The first line of an import: the code that opens the account, or null where it is the owner's at that server already. */
export const importHead = v.object({ code: v.nullable(v.pipe(v.string(), v.maxLength(64))) });

/** One line of an export. */
export const exportLine = v.variant("kind", [
  v.object({
    kind: v.literal("account"),
    address: normalAddress,
    state,
    created_at: timestamp,
    /** The key under which the server hashes list entries. */
    list_key: b64(32),
    profile: v.nullable(profileText),
  }),
  v.object({ kind: v.literal("record"), record: recordStatement, accepted_at: timestamp }),
  v.object({ kind: v.literal("nonephemeral_key"), key: messageKeyStatement }),
  /** A single-use key that the server knows, held, issued or void: no other server gives it out any more. */
  v.object({ kind: v.literal("known_key"), key_id: hex32, expires_at: timestamp }),
  v.object({
    kind: v.literal("avatar"),
    hash: hex32,
    size: sizeUpTo(MAX_AVATAR_BYTES),
    media_type: v.picklist(["image/png", "image/jpeg"]),
  }),
  v.object({ kind: v.literal("keystore"), version: count, stored_at: timestamp, size: sizeUpTo(MAX_KEYSTORE_BYTES) }),
  /** What was handed over to a device that has not fetched it yet. */
  v.object({
    kind: v.literal("hand_over"),
    code: deviceCode,
    public_key: b64(X_WING_PUBLIC_KEY_BYTES),
    sealed: b64UpTo(MAX_DEVICE_LINK_BYTES),
    expires_at: timestamp,
  }),
  v.object({
    kind: v.literal("folder"),
    name: opaqueName,
    message_type: messageType,
    parent: v.nullable(opaqueName),
    display_name: sealedNote,
  }),
  v.object({
    kind: v.literal("list_entry"),
    list: v.picklist(["allowlist", "blocklist"]),
    hash: hex32,
    note: sealedNote,
    created_at: timestamp,
  }),
  v.object({ kind: v.literal("correspondent"), address: normalAddress, first_accepted_at: timestamp }),
  /** A message that was deleted lately: it is not taken in again. */
  v.object({ kind: v.literal("remembered"), message_id: hex32, destroyed_at: timestamp }),
  v.object({ kind: v.literal("message"), ...storedMessage.entries, extensions: v.nullable(b64UpTo(MAX_EXTENSIONS_BYTES)) }),
  /** A blob of the message before; `missing`: the server has lost it. */
  v.object({ kind: v.literal("blob"), hash: hex32, size: count, missing: v.optional(v.boolean()) }),
  /** A piece of the blob, keystore or avatar that the last such line announced. */
  v.object({ kind: v.literal("bytes"), bytes: v.pipe(v.string(), v.minLength(2), v.maxLength(b64Length(MAX_EXPORT_PIECE_BYTES))) }),
  v.object({ kind: v.literal("end"), lines: count }),
]);

/** One line of an export. */
export type ExportLine = v.InferOutput<typeof exportLine>;
/** The line of one kind. */
export type ExportLineOf<Kind extends ExportLine["kind"]> = Extract<ExportLine, { readonly kind: Kind }>;

/** A line that carries a piece of at most `MAX_EXPORT_PIECE_BYTES`. */
export function pieceLine(piece: Uint8Array): ExportLineOf<"bytes"> {
  return { kind: "bytes", bytes: encode(piece) };
}

/** Bytes as the lines that carry them. */
export function* bytesLines(bytes: Uint8Array): Generator<ExportLineOf<"bytes">> {
  for (let offset = 0; offset < bytes.length; offset += MAX_EXPORT_PIECE_BYTES) {
    yield pieceLine(bytes.subarray(offset, offset + MAX_EXPORT_PIECE_BYTES));
  }
}

/** The bytes that a line carries. Throws `bad_request` where it is no strict `b64` (protocol section 1). */
export function bytesOfLine({ bytes: text }: ExportLineOf<"bytes">): Uint8Array {
  if (Uint8Array.fromBase64 === undefined) return fromB64(text);
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch (cause) {
    throw new SmimpError("bad_request", "not base64url", { cause });
  }
  // What was read leniently (white space, padding, trailing bits) is told by writing it again.
  if (encode(bytes) !== text) throw new SmimpError("bad_request", "not base64url");
  return bytes;
}

// Gigabytes that are sealed anyway: the platform's own coding is fifty times as fast as the one that hides what it codes.
function encode(bytes: Uint8Array): string {
  return bytes.toBase64?.({ alphabet: "base64url", omitPadding: true }) ?? toB64(bytes);
}
