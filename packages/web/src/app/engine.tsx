import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import type { ArgsOf, ResultOf } from "../engine/call.ts";
import type { EngineCalls } from "../engine/calls/all.ts";
import { EngineError, type Engine } from "../engine/connect.ts";
import type { ConnectionState, EngineEvent, MailboxState, Topic } from "../engine/protocol.ts";

// The engine in the page: who asks it, and how views stay true to what it has.

/** What of the engine's state every view may need. */
export interface EngineState {
  /** Null until the engine has said for the first time. */
  readonly mailbox: MailboxState | null;
  readonly connection: ConnectionState;
  /** Messages that have come so far, while a browser that is new to the mailbox gets them; null otherwise. */
  readonly listing: number | null;
}

interface Shared {
  readonly engine: Engine;
  readonly subscribe: (listener: () => void) => () => void;
  readonly snapshot: () => EngineState;
}

const EngineContext = createContext<Shared | null>(null);

/** Makes an engine known to all views below. */
export function EngineProvider({ engine, children }: { readonly engine: Engine; readonly children: ReactNode }): ReactNode {
  const [shared] = useState(() => share(engine));
  return <EngineContext value={shared}>{children}</EngineContext>;
}

function share(engine: Engine): Shared {
  let state: EngineState = { mailbox: null, connection: "connecting", listing: null };
  const listeners = new Set<() => void>();
  engine.listen((event) => {
    if (event.type === "state") state = { ...state, mailbox: event.state };
    else if (event.type === "connection") state = { ...state, connection: event.connection };
    else if (event.type === "listing") state = { ...state, listing: event.messages };
    else return;
    for (const listener of listeners) listener();
  });
  return {
    engine,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    snapshot: () => state,
  };
}

function useShared(): Shared {
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
  const [turn, setTurn] = useState(0);
  const watched = useRef(topics);
  useEffect(() => {
    watched.current = topics;
  });

  useEffect(
    () =>
      engine.listen((event) => {
        if (event.type === "changed" && event.topics.some((topic) => watched.current.includes(topic))) setTurn((before) => before + 1);
      }),
    [engine],
  );
  useEffect(() => {
    if (key === null) return undefined;
    const stop = new AbortController();
    const [, asked] = JSON.parse(key) as [Name, ArgsOf<EngineCalls[Name]>];
    engine.call(name, asked, { signal: stop.signal }).then(
      (data) => {
        if (!stop.signal.aborted) setAnswer({ key, data, error: null });
      },
      (error: unknown) => {
        if (!stop.signal.aborted)
          setAnswer((before) => ({ key, data: before.key === key ? before.data : undefined, error: asEngineError(error) }));
      },
    );
    return () => stop.abort();
  }, [engine, name, key, turn]);

  const current = answer.key === key;
  return {
    data: current ? answer.data : undefined,
    error: current ? answer.error : null,
    loading: key !== null && !current,
    reload: () => setTurn((before) => before + 1),
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
