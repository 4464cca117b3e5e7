import type { Client, ClientEvent, OwnerQuestion } from "@smimp/client";
import type { EngineEvent, Topic } from "./protocol.ts";

/** What a mailbox that is followed tells, and whom it asks. */
export interface FollowingParts {
  tell(event: EngineEvent): void;
  ask(question: OwnerQuestion): Promise<boolean>;
}

/** A mailbox that stays connected. */
export interface Following {
  /** Disconnects; resolves once nothing runs any more. */
  end(): Promise<void>;
}

/** What changes with each kind of event. */
const TOPICS: Readonly<Record<ClientEvent["type"], readonly Topic[]>> = {
  message: ["messages", "folders", "contacts"],
  changed: ["messages", "folders"],
  removed: ["messages", "folders"],
  custom: [],
  "secret-key": ["notices"],
  draft: ["drafts"],
  sent: ["outbox", "messages", "folders", "contacts"],
  failed: ["outbox"],
  notice: ["notices", "contacts"],
  connection: [],
};

/** Stays connected with the server for as long as the mailbox is open: what comes in is told, what waits is sent. */
export function followMailbox(client: Client, { tell, ask }: FollowingParts): Following {
  const stop = new AbortController();
  tell({ type: "connection", connection: "connecting" });

  async function follow(): Promise<void> {
    const watching = client.watch({
      signal: stop.signal,
      askOwner: ask,
      onProgress: (progress) => tell({ type: "progress", progress }),
    });
    for await (const event of watching) {
      if (event.type === "connection") tell({ type: "connection", connection: event.state });
      if (event.type === "message") tell({ type: "message", message: event.message });
      if (event.type === "notice") tell({ type: "notice", notice: event.notice });
      const topics = TOPICS[event.type];
      if (topics.length > 0) tell({ type: "changed", topics });
    }
  }

  const done = follow().catch(() => {
    if (!stop.signal.aborted) tell({ type: "connection", connection: "lost" });
  });
  return {
    end: async () => {
      stop.abort();
      await done;
    },
  };
}
