import type { Engine } from "../engine/connect.ts";
import type { ConnectionState, MailboxState } from "../engine/protocol.ts";

/** What of the engine's state every view may need. */
export interface EngineState {
  /** Null until the engine has said for the first time. */
  readonly mailbox: MailboxState | null;
  readonly connection: ConnectionState;
  /** Messages that have come so far, while a browser that is new to the mailbox gets them; null otherwise. */
  readonly listing: number | null;
}

/** An engine, and what it last said of itself. */
export interface FollowedEngine {
  readonly engine: Engine;
  readonly subscribe: (listener: () => void) => () => void;
  readonly snapshot: () => EngineState;
}

/** Follows an engine from its beginning. */
export function followEngine(engine: Engine): FollowedEngine {
  let state: EngineState = { mailbox: null, connection: "connecting", listing: null };
  const listeners = new Set<() => void>();
  engine.listen((event) => {
    if (event.type === "state") state = { ...state, mailbox: event.state };
    else if (event.type === "connection") state = { ...state, connection: event.connection };
    else if (event.type === "listing") state = { ...state, listing: event.messages };
    // What was seen at a first glance counts until the engine has looked.
    else if (event.type === "glance" && state.mailbox === null && event.glance.kind !== "opening")
      state = { ...state, mailbox: event.glance };
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
