import type { Timestamp } from "@smimp/protocol";
import type { DraftAttachment, ImportedMail } from "../model.ts";

/** One email from elsewhere. */
export interface MailToImport {
  /** Names this mail, e.g. its Message-ID or a hash of it all: what was imported under a key is not imported again. */
  readonly key: string;
  /** What it says of itself; of at most 998 characters each. */
  readonly imported: ImportedMail;
  readonly subject: string;
  readonly body: string;
  readonly attachments: readonly DraftAttachment[];
  readonly read: boolean;
  /** The id of a folder; the inbox where it is left out. */
  readonly folder?: string;
  /** When it was received where it comes from: its place in lists; its date where this is left out. */
  readonly receivedAt?: Timestamp;
  /** What mail of the same thread has in common, e.g. the first Message-ID of `References`. */
  readonly thread?: string;
  readonly signal?: AbortSignal;
}

/** Mail from elsewhere, sealed to oneself and shown as not authenticated (protocol section 9). */
export interface Imports {
  /**
   * Leaves one email in the own mailbox, where the next sync finds it; `known` where that was done before, on whichever device.
   * May be called for many at a time: so many as are good for it are on their way together. Throws `bad_request` for content that no
   * message can hold, TypeError for an attachment of another size than announced, and as requests do: then it can be called again.
   */
  add(mail: MailToImport): Promise<"added" | "known">;
}
