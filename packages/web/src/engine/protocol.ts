import type { InboxSummary, Notice, OwnerQuestion, Progress } from "@smimp/client";
import type { CallProgress } from "./call.ts";

// What the page and the engine say to each other. The engine is a worker that holds the mailbox: keys, storage, connections. The page
// holds none of it; what it shows it has asked for.

/** Parts of the mailbox, as far as views have to look again when one of them changes. */
export type Topic =
  | "messages"
  | "folders"
  | "drafts"
  | "outbox"
  | "contacts"
  | "lists"
  | "notices"
  | "profile"
  | "devices"
  | "keys"
  | "settings"
  | "search";

/** Where the mailbox of this browser stands. */
export type MailboxState =
  /** There is none. `restoring`: the address of one whose bringing back was interrupted. */
  | { readonly kind: "empty"; readonly restoring?: string }
  /** An account is coming here, and its recovery phrase is not confirmed or its passphrase not set yet. `isNew`: it is made here. */
  | { readonly kind: "joining"; readonly address: string; readonly step: "phrase" | "passphrase"; readonly isNew: boolean }
  /** It takes the passphrase to open it. */
  | { readonly kind: "locked"; readonly address: string }
  /** Another tab or window has it open. */
  | { readonly kind: "elsewhere"; readonly address: string }
  | { readonly kind: "open"; readonly address: string; readonly baseUrl: string };

/** What is seen of the mailbox before the engine is there: what the page can show at once, or that the mailbox will open by itself. */
export type Glance = Extract<MailboxState, { readonly kind: "empty" | "locked" }> | { readonly kind: "opening" };

/** Whether the server can be reached: `removed` where it knows this device no more, `deleted` where it knows the account no more. */
export type ConnectionState = "connecting" | "connected" | "lost" | "removed" | "deleted";

/** What the engine says unasked. */
export type EngineEvent =
  | { readonly type: "glance"; readonly glance: Glance }
  | { readonly type: "state"; readonly state: MailboxState }
  /** Another tab takes the mailbox as soon as the page has said `door.left`: what is written is to be kept now. */
  | { readonly type: "leaving" }
  | { readonly type: "connection"; readonly connection: ConnectionState }
  | { readonly type: "changed"; readonly topics: readonly Topic[] }
  /** Something came in just now. */
  | { readonly type: "message"; readonly message: InboxSummary }
  | { readonly type: "notice"; readonly notice: Notice }
  /** So many messages have come to this browser, which is new to the mailbox, and more come; null: that is over. */
  | { readonly type: "listing"; readonly messages: number | null }
  /** How far something is that nobody waits for: work, uploads. */
  | { readonly type: "progress"; readonly progress: Progress }
  /** The engine itself failed: it answers nothing any more. */
  | { readonly type: "failed" }
  /** Something only the person can decide; `questions.answer` is told what. */
  | { readonly type: "question"; readonly id: number; readonly question: OwnerQuestion }
  /** Nobody waits for the answer to a question any more. */
  | { readonly type: "settled"; readonly id: number };

/** A fault, as it crosses from the engine to the page. */
export interface Fault {
  /** A code of protocol section 10, or one of the browser's own. */
  readonly code: string;
  readonly message: string;
}

/** From the page to the engine. */
export type PageMessage =
  | { readonly id: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly cancel: number }
  /** Whoever waits has what they need before the engine: it may be fetched now. */
  | { readonly goOn: true };

/** From the engine to the page. */
export type EngineMessage =
  /** It hears from now on: what is sent to a worker while its modules are still being set up may be lost. */
  | { readonly ready: true }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: Fault }
  | { readonly id: number; readonly progress: CallProgress }
  | { readonly event: EngineEvent };
