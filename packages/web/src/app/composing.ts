import type { Address, Hex32 } from "@smimp/protocol";
import { useSyncExternalStore } from "react";

// What is being written: any view may begin a message, and `views/compose` shows those that are begun.

/** What somebody wants to write. */
export type Composing =
  | {
      readonly kind: "new";
      readonly to?: readonly Address[];
      readonly subject?: string;
      /** CommonMark. */
      readonly body?: string;
    }
  /** `all` of a thread are answered through its message. */
  | { readonly kind: "reply" | "reply-all" | "forward"; readonly messageId: Hex32 }
  /** Goes on with a draft. */
  | { readonly kind: "draft"; readonly draftId: string };

/** A message that is being written. */
export interface OpenComposer {
  /** Tells one from another. */
  readonly id: number;
  readonly composing: Composing;
}

let open: readonly OpenComposer[] = [];
let last = 0;
const listeners = new Set<() => void>();

/** Begins to write. */
export function openComposer(composing: Composing): void {
  const same = open.find((each) => JSON.stringify(each.composing) === JSON.stringify(composing));
  // What is written already comes to the front; a new message is always another one.
  if (same !== undefined && composing.kind !== "new") change([...open.filter((each) => each !== same), same]);
  else change([...open, { id: ++last, composing }]);
}

/** Ends writing; what was written is sent, kept as draft, or gone by now. */
export function closeComposer(id: number): void {
  change(open.filter((each) => each.id !== id));
}

/** All that is being written, what came to the front last at the end. */
export function useComposers(): readonly OpenComposer[] {
  return useSyncExternalStore(subscribe, () => open);
}

function change(next: readonly OpenComposer[]): void {
  open = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
