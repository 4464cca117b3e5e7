import { useSyncExternalStore } from "react";
import { useEngine } from "../../app/engine.tsx";
import type { Engine } from "../../engine/connect.ts";

// Making the mailbox searchable: once at a time, begun by whoever is about to search, and seen by everybody.

/** How far it is, messages. */
export interface IndexProgress {
  readonly done: number;
  readonly total: number;
}

interface State {
  /** Null where nothing is going on. */
  readonly progress: IndexProgress | null;
  /** It could not be done. */
  readonly failed: boolean;
}

interface Indexing {
  readonly start: () => void;
  readonly subscribe: (listener: () => void) => () => void;
  readonly snapshot: () => State;
}

const byEngine = new WeakMap<Engine, Indexing>();

/** How far the index is, and how to bring it up to date. */
export function useIndexing(): State & { readonly start: () => void } {
  const engine = useEngine();
  const indexing = byEngine.get(engine) ?? createIndexing(engine);
  byEngine.set(engine, indexing);
  const state = useSyncExternalStore(indexing.subscribe, indexing.snapshot);
  return { ...state, start: indexing.start };
}

function createIndexing(engine: Engine): Indexing {
  let state: State = { progress: null, failed: false };
  const listeners = new Set<() => void>();

  function become(next: State): void {
    state = next;
    for (const listener of listeners) listener();
  }

  async function run(): Promise<void> {
    become({ progress: { done: 0, total: 0 }, failed: false });
    try {
      await engine.call("search.index", [], {
        onProgress: ({ done, total }) => become({ progress: { done, total }, failed: false }),
      });
      become({ progress: null, failed: false });
    } catch (error) {
      // Locked meanwhile: that is no fault of the index.
      become({ progress: null, failed: !(error instanceof Error && "code" in error && error.code === "Locked") });
    }
  }

  return {
    start: () => {
      if (state.progress === null) void run();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    snapshot: () => state,
  };
}
