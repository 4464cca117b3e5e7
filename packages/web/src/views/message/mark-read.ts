import type { InboxSummary } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { useEffect, useRef } from "react";
import { useEngine } from "../../app/engine.tsx";

/** How long a message is looked at before it counts as read, milliseconds. */
const LOOKED_AT = 600;

/** Marks messages as read that somebody looks at, each once; returns how to leave them as they are from now on. */
export function useMarkRead(messages: readonly InboxSummary[], complete: boolean): () => void {
  const engine = useEngine();
  const seen = useRef(new Set<Hex32>());
  const kept = useRef(false);
  useEffect(() => {
    if (!complete) return undefined;
    const mark = (): void => {
      if (document.visibilityState !== "visible" || kept.current) return;
      const unread = messages.filter(({ read, own, messageId }) => !read && !own && !seen.current.has(messageId));
      if (unread.length === 0) return;
      for (const { messageId } of unread) seen.current.add(messageId);
      // Without a connection it stays unread, and is so the next time.
      engine.call("inbox.setRead", [unread.map(({ messageId }) => messageId), true]).catch(() => undefined);
    };
    const timer = setTimeout(mark, LOOKED_AT);
    document.addEventListener("visibilitychange", mark);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", mark);
    };
  }, [engine, messages, complete]);
  return () => {
    kept.current = true;
  };
}
