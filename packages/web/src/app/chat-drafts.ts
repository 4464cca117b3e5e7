import type { Address } from "@smimp/protocol";
import type { AttachedFile } from "../engine/calls/writing.ts";

// What was begun to be written in conversations, while somebody looks elsewhere.

/** What stands in the field of a conversation. */
export interface ChatDraft {
  readonly text: string;
  readonly files: readonly AttachedFile[];
}

const NOTHING: ChatDraft = { text: "", files: [] };
const drafts = new Map<string, ChatDraft>();

/** What was begun in the conversation with these people. */
export function chatDraft(people: readonly Address[]): ChatDraft {
  return drafts.get(keyOf(people)) ?? NOTHING;
}

/** Keeps it until somebody comes back. */
export function keepChatDraft(people: readonly Address[], draft: ChatDraft): void {
  if (draft.text === "" && draft.files.length === 0) drafts.delete(keyOf(people));
  else drafts.set(keyOf(people), draft);
}

/** Forgets all, as when the mailbox is locked. */
export function forgetChatDrafts(): void {
  drafts.clear();
}

function keyOf(people: readonly Address[]): string {
  return people.toSorted().join(",");
}
