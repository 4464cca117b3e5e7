import type { DevelopmentNetwork } from "@smimp/identity/guarded-fetch";
import type { Address, BaseUrl } from "@smimp/protocol";
import type { NoteKind, SentAttachment } from "../ledger.ts";

/** What a program of a person is told. Sent over the channel between two processes, so plain JSON. */
export type ToProgram =
  | { readonly kind: "open"; readonly file: string; readonly network: DevelopmentNetwork; readonly ahead: number }
  | { readonly kind: "do"; readonly deed: string; readonly order: Order }
  | { readonly kind: "close" };

/** What it tells. */
export type FromProgram =
  | { readonly kind: "warm" }
  | { readonly kind: "open" }
  | { readonly kind: "note"; readonly note: Note }
  | { readonly kind: "done" }
  /** What couldn't be done, said in order. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** Anything else that was thrown: the program's own fault. */
  | { readonly kind: "failed"; readonly reason: string };

/** What is to be done: each deed takes of it what it needs. */
export interface Order {
  readonly subject: string;
  readonly to: readonly Address[];
  readonly body: string;
  readonly attachments: readonly SentAttachment[];
  /** Which of several. */
  readonly which: number;
  readonly joining: { readonly address: Address; readonly baseUrl: BaseUrl; readonly code: string } | null;
  /** Mail from elsewhere. */
  readonly mails: readonly OldMail[];
  /** What was opened before it is burned, e.g. `2026-03`. */
  readonly month: string;
  /** What a new device shows. */
  readonly linkCode: string;
  /** Another storage, and the phrase that fills it. */
  readonly file: string;
  readonly phrase: string;
}

/** An order for nothing. */
export const NOTHING: Order = {
  subject: "",
  to: [],
  body: "",
  attachments: [],
  which: 0,
  joining: null,
  mails: [],
  month: "",
  linkCode: "",
  file: "",
  phrase: "",
};

/** A mail to import; its subject is its key as well. */
export interface OldMail {
  readonly subject: string;
  readonly body: string;
  readonly read: boolean;
  readonly folder: string | null;
}

/** What the model has to know, told before it is tried or after it is done. */
export type Note =
  | { readonly what: "promised" | "drafted"; readonly subject: string }
  | { readonly what: "noting" | "noted"; readonly kind: NoteKind; readonly subject: string; readonly value: string }
  | { readonly what: "removing" | "removed"; readonly subject: string; readonly messageId: string }
  | { readonly what: "phrase"; readonly phrase: string };

/** Tells a note; resolves once it is on its way, whatever befalls the program then. */
export type Tell = (note: Note) => Promise<void>;
