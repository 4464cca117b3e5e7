import type { Address, Hex32 } from "@smimp/protocol";
import { useSyncExternalStore } from "react";
import { holdKeys, takeHeldKeys } from "./shortcuts.ts";

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
  /** Whether it stands open; at most one does. */
  readonly shown: boolean;
}

let open: readonly OpenComposer[] = [];
let last = 0;
const listeners = new Set<() => void>();

/** Begins to write. */
export function openComposer(composing: Composing): void {
  const same = open.find((each) => JSON.stringify(each.composing) === JSON.stringify(composing));
  // What is written already comes to the front; a new message is always another one.
  if (same !== undefined && composing.kind !== "new") showComposer(same.id);
  else {
    holdKeys();
    change([...minimised(), { id: ++last, composing, shown: true }]);
  }
}

/** Brings a message to the front. */
export function showComposer(id: number): void {
  change(minimised().map((each) => (each.id === id ? { ...each, shown: true } : each)));
}

/** Makes a message small: it goes on when somebody comes back to it. */
export function minimiseComposer(id: number): void {
  change(open.map((each) => (each.id === id ? { ...each, shown: false } : each)));
}

/** What is written goes on as this draft: whoever opens that comes to what is open already. */
export function continueAsDraft(id: number, draftId: string): void {
  change(open.map((each) => (each.id === id ? { ...each, composing: { kind: "draft", draftId } } : each)));
}

/** Ends writing; what was written is sent, kept as draft, or gone by now. */
export function closeComposer(id: number): void {
  takeHeldKeys();
  change(open.filter((each) => each.id !== id));
}

/** The mailbox is closed: what is a draft by now waits for its owner to be back. */
export function parkComposers(): void {
  change(minimised().filter(({ composing }) => composing.kind === "draft"));
}

/** All that is being written, in the order in which it was begun. */
export function useComposers(): readonly OpenComposer[] {
  return useSyncExternalStore(subscribe, () => open);
}

function minimised(): readonly OpenComposer[] {
  return open.map((each) => ({ ...each, shown: false }));
}

function change(next: readonly OpenComposer[]): void {
  open = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
