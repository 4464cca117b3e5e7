import { EngineError, type Engine } from "../engine/connect.ts";
import { useEngine, useEngineEvents } from "./engine.tsx";

// What views do before the mailbox is locked, or another tab takes it: what is written and not kept yet is kept.

type Keep = () => Promise<void>;

/** Nobody shall find the mailbox open because something could not be kept, milliseconds. */
const KEPT_WITHIN = 3_000;
const keeps = new Set<Keep>();

/** Calls `keep` before the mailbox is locked; returns how to take that back. */
export function onLeaving(keep: Keep): () => void {
  keeps.add(keep);
  return () => void keeps.delete(keep);
}

/** Locks the mailbox, once views have kept what they have. */
export async function lockMailbox(engine: Engine): Promise<void> {
  await keepAll();
  try {
    await engine.call("door.lock", []);
  } catch (error) {
    // Nothing answers any more: what is in sight goes with the page.
    if (error instanceof EngineError && error.code === "EngineFailed") location.reload();
    throw error;
  }
}

/** Another tab takes the mailbox: what views have is kept before it is let go of. */
export function useLeaving(): void {
  const engine = useEngine();
  useEngineEvents((event) => {
    if (event.type !== "leaving") return;
    keepAll()
      .then(async () => await engine.call("door.left", []))
      .catch(() => undefined);
  });
}

/** Resolves once views have kept what they have, or had the time to. */
export async function keepAll(): Promise<void> {
  const kept = Promise.allSettled([...keeps].map(async (keep) => await keep()));
  const late = new Promise((resolve) => setTimeout(resolve, KEPT_WITHIN));
  await Promise.race([kept, late]);
}

/** Calls `keep` whenever the page goes from sight: it may not come back. Returns how to stop that. */
export function onGoing(keep: () => void): () => void {
  const hide = (): void => {
    if (document.visibilityState === "hidden") keep();
  };
  document.addEventListener("visibilitychange", hide);
  addEventListener("pagehide", keep);
  return () => {
    document.removeEventListener("visibilitychange", hide);
    removeEventListener("pagehide", keep);
  };
}
