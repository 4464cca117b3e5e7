import type { Hex32 } from "@smimp/protocol";
import { useEffect, useRef, useState } from "react";
import type { ChatMessage } from "../../engine/calls/writing.ts";
import type { Engine } from "../../engine/connect.ts";

/** How long a message is looked at before it counts as read, milliseconds. */
const LOOKED_AT = 400;

/** Marks what is looked at as read; gives the first message that was not, when somebody came here. */
export function useSeen(engine: Engine, messages: readonly ChatMessage[] | undefined): Hex32 | null {
  const asked = useRef(new Set<Hex32>());
  const [first, setFirst] = useState<Hex32 | null | undefined>(undefined);
  if (first === undefined && messages !== undefined) {
    setFirst(messages.find(({ own, read }) => !own && !read)?.messageId ?? null);
  }
  useEffect(() => {
    const mark = (): void => {
      if (document.visibilityState !== "visible") return;
      const unread = (messages ?? []).filter(({ own, read, messageId }) => !own && !read && !asked.current.has(messageId));
      if (unread.length === 0) return;
      for (const { messageId } of unread) asked.current.add(messageId);
      // Without a connection it stays unread, and is so the next time.
      engine.call("inbox.setRead", [unread.map(({ messageId }) => messageId), true]).catch(() => undefined);
    };
    const timer = setTimeout(mark, LOOKED_AT);
    document.addEventListener("visibilitychange", mark);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", mark);
    };
  }, [engine, messages]);
  return first ?? null;
}
