import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import type { ArgsOf, ResultOf } from "../engine/call.ts";
import type { EngineCalls } from "../engine/calls/all.ts";
import { EngineError, type Engine } from "../engine/connect.ts";
import type { EngineEvent, Topic } from "../engine/protocol.ts";
import type { EngineState, FollowedEngine } from "./engine-state.ts";
import { createRefreshing } from "./refreshing.ts";

// The engine in the page: who asks it, and how views stay true to what it has.

const EngineContext = createContext<FollowedEngine | null>(null);

/** Makes an engine known to all views below. */
export function EngineProvider({ followed, children }: { readonly followed: FollowedEngine; readonly children: ReactNode }): ReactNode {
  return <EngineContext value={followed}>{children}</EngineContext>;
}

function useShared(): FollowedEngine {
  const shared = useContext(EngineContext);
  if (shared === null) throw new TypeError("views stand below an EngineProvider");
  return shared;
}

/** The engine, to call it. */
export function useEngine(): Engine {
  return useShared().engine;
}

/** Where the mailbox stands, and the connection. */
export function useEngineState(): EngineState {
  const { subscribe, snapshot } = useShared();
  return useSyncExternalStore(subscribe, snapshot);
}

/** Hears of what the engine says. The listener may be another one with each rendering. */
export function useEngineEvents(listener: (event: EngineEvent) => void): void {
  const engine = useEngine();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => engine.listen((event) => latest.current(event)), [engine]);
}

/** What a view has asked for. */
export interface Live<Result> {
  /** The latest answer; undefined before the first. */
  readonly data: Result | undefined;
  readonly error: EngineError | null;
  /** Nothing was answered yet. */
  readonly loading: boolean;
  /** Asks again. */
  readonly reload: () => void;
}

/**
 * Asks the engine, and again whenever one of the topics changes: what a view shows is what the mailbox holds. `args` is compared by
 * what is in it; null asks for nothing.
 */
export function useLive<Name extends keyof EngineCalls>(
  name: Name,
  args: ArgsOf<EngineCalls[Name]> | null,
  topics: readonly Topic[],
): Live<ResultOf<EngineCalls[Name]>> {
  const engine = useEngine();
  const key = args === null ? null : JSON.stringify([name, args]);
  const [answer, setAnswer] = useState<{ key: string | null; data: ResultOf<EngineCalls[Name]> | undefined; error: EngineError | null }>({
    key: null,
    data: undefined,
    error: null,
  });
  const watched = useRef(topics);
  const refresh = useRef<(() => void) | null>(null);
  useEffect(() => {
    watched.current = topics;
  });
  useEffect(() => {
    if (key === null) return undefined;
    const stop = new AbortController();
    const [, asked] = JSON.parse(key) as [Name, ArgsOf<EngineCalls[Name]>];
    const refreshing = createRefreshing(
      async () => await engine.call(name, asked, { signal: stop.signal }),
      (result) => {
        if (result.status === "fulfilled") setAnswer({ key, data: result.value as ResultOf<EngineCalls[Name]>, error: null });
        else setAnswer((before) => ({ key, data: before.key === key ? before.data : undefined, error: asEngineError(result.reason) }));
      },
    );
    const unlisten = engine.listen((event) => {
      if (event.type === "changed" && event.topics.some((topic) => watched.current.includes(topic))) refreshing.refresh();
    });
    refresh.current = refreshing.refresh;
    refreshing.refresh();
    return () => {
      refresh.current = null;
      unlisten();
      refreshing.end();
      stop.abort();
    };
  }, [engine, name, key]);

  const current = answer.key === key;
  return {
    data: current ? answer.data : undefined,
    error: current ? answer.error : null,
    loading: key !== null && !current,
    reload: () => refresh.current?.(),
  };
}

/** An error of a call; anything else is a fault of the page. */
export function asEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  return new EngineError({
    code: error instanceof Error ? error.name : "Error",
    message: error instanceof Error ? error.message : String(error),
  });
}
