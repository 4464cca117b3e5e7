import * as v from "valibot";
import { ARCHIVE_KEY_ID_BYTES, openNamed, sealNamed, type ArchiveKey, type BoxKind } from "./archive.ts";
import { utf8, type RandomBytes } from "./bytes.ts";
import { parseJsonBytes } from "./json.ts";
import { BOX_OVERHEAD } from "./box.ts";
import { MAX_EXTENSIONS_BYTES, MAX_NOTE_BYTES } from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { parseShape } from "./schema.ts";

// What one person's clients keep sealed on their server beside messages, protocol section 8: names of folders, what is noted about a
// message, notes of list entries. Objects are loose: what another client added is kept.

/** Characters of a folder's name and of a label; labels of one message; characters of a list entry's note. */
export const MAX_FOLDER_NAME_LENGTH = 100;
export const MAX_MESSAGE_LABEL_LENGTH = 64;
export const MAX_MESSAGE_LABELS = 100;
export const MAX_LIST_NOTE_LENGTH = 200;

/** The members of a folder's text (protocol section 8). */
export const folderTextDocument = v.looseObject({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_FOLDER_NAME_LENGTH)),
  /** What clients use it for. */
  role: v.optional(v.picklist(["archive", "junk", "trash"])),
});
/** What a folder is called, and what for (protocol section 8). */
export type FolderText = v.InferOutput<typeof folderTextDocument>;

/** The members of a message's extensions (protocol section 8). */
export const messageExtensionsDocument = v.looseObject({
  labels: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_MESSAGE_LABEL_LENGTH))), v.maxLength(MAX_MESSAGE_LABELS)),
  ),
  starred: v.optional(v.boolean()),
});
/** What the owner noted about a message (protocol section 8). */
export type MessageExtensions = v.InferOutput<typeof messageExtensionsDocument>;

/** The members of a list entry's note (protocol section 8). */
export const listNoteDocument = v.looseObject({
  /** The address or `#domain` that the entry is for, whose hash alone the server shows. */
  entry: v.pipe(v.string(), v.maxLength(400)),
  text: v.optional(v.pipe(v.string(), v.maxLength(MAX_LIST_NOTE_LENGTH))),
});
/** The note of an entry of the allow or block list (protocol section 8). */
export type ListNote = v.InferOutput<typeof listNoteDocument>;

/** Archive key id and box around a text. */
const SEALED_OVERHEAD = ARCHIVE_KEY_ID_BYTES + BOX_OVERHEAD;

/** One kind of sealed text: both directions, and what it is bound to. */
interface SealedText<Text> {
  /** `random` is asked for 24 bytes. Throws `too_large`, or `bad_request` for a text that no client would read. */
  seal(key: ArchiveKey, objectId: string, text: Text, random: RandomBytes): Uint8Array;
  /** Throws `key_unknown`, `decryption_failed` or `bad_request`. */
  open(key: ArchiveKey, objectId: string, sealed: Uint8Array): Text;
}

/** Display names of folders; the object is the folder's name (protocol section 8). */
export const sealedFolderText: SealedText<FolderText> = sealedText("folder", folderTextDocument, MAX_NOTE_BYTES);
/** Extensions of messages; the object is the message's id (protocol section 8). */
export const sealedExtensions: SealedText<MessageExtensions> = sealedText("extensions", messageExtensionsDocument, MAX_EXTENSIONS_BYTES);
/** Notes of list entries; the object is the entry's hash (protocol section 8). */
export const sealedListNote: SealedText<ListNote> = sealedText("note", listNoteDocument, MAX_NOTE_BYTES);

function sealedText<Text extends object>(kind: BoxKind, schema: v.GenericSchema<unknown, Text>, maxBytes: number): SealedText<Text> {
  const parse = (bytes: Uint8Array): Text => parseShape(schema, parseJsonBytes(bytes));
  return {
    seal: (key, objectId, text, random) => {
      const bytes = utf8(JSON.stringify(text));
      parse(bytes);
      if (bytes.length > maxBytes - SEALED_OVERHEAD) throw new SmimpError("too_large", `a ${kind} of more than ${maxBytes} bytes`);
      return sealNamed(key, kind, objectId, bytes, random);
    },
    open: (key, objectId, sealed) => parse(openNamed(key, kind, objectId, sealed)),
  };
}
