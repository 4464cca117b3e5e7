import type { AutoReply } from "../model.ts";

/** Automatic answers in the owner's absence. */
export interface AutoReplies {
  get(): Promise<AutoReply | null>;
  /**
   * Answers everybody known who writes, once in so many days each, from now on; null ends it. All devices share it, and one of them
   * answers. Never answered: automatic answers, oneself, who was written to in secret (bcc), strangers, and mail from elsewhere.
   */
  set(reply: AutoReply | null): Promise<void>;
}
