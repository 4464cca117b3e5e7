import type { Address } from "@smimp/protocol";
import { useEffect, useSyncExternalStore } from "react";
import type { AttachedFile } from "../engine/calls/writing.ts";
import { useEngine } from "./engine.tsx";
import { onGoing, onLeaving } from "./leaving.ts";

// What was begun to be written in conversations, while somebody looks elsewhere. The mailbox keeps it, sealed; the page only while it is open.

/** What stands in the field of a conversation. */
export interface ChatDraft {
  readonly text: string;
  readonly files: readonly AttachedFile[];
}

interface Begun extends ChatDraft {
  readonly people: readonly Address[];
}

/** Milliseconds without a change after which it is kept. */
const PAUSE = 1_000;
const NOTHING: ChatDraft = { text: "", files: [] };

let drafts: ReadonlyMap<string, Begun> = new Map();
const listeners = new Set<() => void>();

/** What was begun in the conversation with these people. */
export function chatDraft(people: readonly Address[]): ChatDraft {
  return drafts.get(keyOf(people)) ?? NOTHING;
}

/** The same, as it changes. */
export function useChatDraft(people: readonly Address[]): ChatDraft {
  return useSyncExternalStore(subscribe, () => chatDraft(people));
}

/** Keeps it until somebody comes back. */
export function keepChatDraft(people: readonly Address[], { text, files }: ChatDraft): void {
  const next = new Map(drafts);
  if (text === "" && files.length === 0) next.delete(keyOf(people));
  else next.set(keyOf(people), { people, text, files });
  change(next);
}

/** Gets what the mailbox has kept, and lets it keep what is written, as long as it is open. */
export function useKeptChatDrafts(): void {
  const engine = useEngine();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    /** Null until it could be read: before that, nothing may take its place. */
    let kept: ReadonlyMap<string, Begun> | null = null;
    const read = async (): Promise<void> => {
      const before = await engine.call("chat.kept", []);
      if (ended) return;
      kept = new Map(before.map((each) => [keyOf(each.people), each]));
      // What was begun since then is newer.
      const all = drafts.size === 0 ? kept : new Map([...kept, ...drafts]);
      change(all);
    };
    let turn = read().catch(() => undefined);
    const keep = async (): Promise<void> => {
      clearTimeout(timer);
      turn = turn
        .then(async () => {
          if (kept === null && !ended) await read();
          const now = drafts;
          if (ended || kept === null || now === kept) return;
          await engine.call("chat.keep", [[...now.values()]]);
          kept = now;
        })
        .catch(() => undefined);
      await turn;
    };
    const stops = [
      subscribe(() => {
        clearTimeout(timer);
        timer = setTimeout(() => void keep(), PAUSE);
      }),
      onGoing(() => void keep()),
      onLeaving(keep),
    ];
    return () => {
      ended = true;
      for (const stop of stops) stop();
      clearTimeout(timer);
      // Nothing of it stays in the page of a mailbox that is closed.
      change(new Map());
    };
  }, [engine]);
}

function keyOf(people: readonly Address[]): string {
  return people.toSorted().join(",");
}

function change(next: ReadonlyMap<string, Begun>): void {
  drafts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
