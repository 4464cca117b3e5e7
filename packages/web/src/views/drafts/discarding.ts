import type { Engine } from "../../engine/connect.ts";
import { toast } from "../../ui/toasts.tsx";

// Drafts that were thrown away, or are about to be sent, are hidden first, and go once nobody wants them back any more.

let hidden: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

/** Drafts that are on their way out. */
export function discarded(): ReadonlySet<string> {
  return hidden;
}

/** Hears when one more goes, or one comes back. */
export function onDiscarded(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Hides a draft; returns how to show it again. */
export function hideDraft(id: string): () => void {
  change(new Set([...hidden, id]));
  return () => change(new Set([...hidden].filter((each) => each !== id)));
}

/** Throws a draft away, unless somebody takes that back; `undone` is called then. */
export function discardLater(engine: Engine, text: string, id: string, undone: () => void = () => undefined): void {
  const show = hideDraft(id);
  toast({
    text,
    undo: () => {
      show();
      undone();
    },
    onGone: () => {
      engine
        .call("drafts.remove", [id])
        .catch(() => undefined)
        .finally(show)
        .catch(() => undefined);
    },
  });
}

function change(next: ReadonlySet<string>): void {
  hidden = next;
  for (const listener of listeners) listener();
}
