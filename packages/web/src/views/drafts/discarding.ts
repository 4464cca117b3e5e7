import { onLeaving } from "../../app/leaving.ts";
import type { Engine } from "../../engine/connect.ts";
import { endableToast } from "../../ui/toasts.tsx";

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

/** Throws a draft away, unless somebody takes that back; `undone` is called then. Whoever leaves doesn't want it back. */
export function discardLater(engine: Engine, text: string, id: string, undone: () => void = () => undefined): void {
  const show = hideDraft(id);
  const { promise: over, resolve: settle } = Promise.withResolvers<void>();
  const end = endableToast({
    text,
    undo: () => {
      settle();
      undone();
    },
    onGone: () => {
      engine
        .call("drafts.remove", [id])
        .catch(() => undefined)
        .finally(settle)
        .catch(() => undefined);
    },
  });
  const stop = onLeaving(async () => {
    end();
    await over;
  });
  addEventListener("pagehide", end);
  over
    .then(() => {
      show();
      stop();
      removeEventListener("pagehide", end);
    })
    .catch(() => undefined);
}

function change(next: ReadonlySet<string>): void {
  hidden = next;
  for (const listener of listeners) listener();
}
