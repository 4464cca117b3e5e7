import { useCallback, useEffect, useRef, useState } from "react";
import { asEngineError, useEngine, useEngineEvents } from "../../app/engine.tsx";
import { onGoing, onLeaving } from "../../app/leaving.ts";
import type { WrittenMessage } from "../../engine/calls/writing.ts";
import type { EngineError } from "../../engine/connect.ts";

/** Whether what is written is kept. */
export type DraftState = "empty" | "unsaved" | "saving" | "saved" | "failed";

/** A draft that keeps itself. */
export interface KeptDraft {
  readonly state: DraftState;
  /** Why it could not be kept; null where it could. */
  readonly fault: EngineError | null;
  /** Null as long as nothing was saved. */
  id(): string | null;
  /** Keys of attachments whose bytes are in the mailbox. */
  readonly keptFiles: ReadonlySet<string>;
  /** How far others are, by key, from 0 to 1. */
  readonly attached: ReadonlyMap<string, number>;
  /** Another device's version, where both are kept. */
  readonly elsewhere: string | null;
  /** What another device did with it, as long as nothing was written here since. */
  readonly change: "changed" | "gone" | null;
  /** Whether all that was written is kept, with its files. */
  isKept(): boolean;
  /** Something was written. */
  touch(): void;
  /** Saves what is unsaved; the draft's id, or null where nothing was written. Rejects with what went wrong. */
  flush(): Promise<string | null>;
  /** The same for who can't wait long: files that take their time are left out, the text is kept. */
  flushSoon(): Promise<string | null>;
  /** Ends what is being saved: files take their time, and one of them is not wanted any more. */
  stop(): void;
  /** Goes on with another version of the draft, or (null) with a draft of its own. */
  goOnAs(id: string | null): void;
  /** Throws it away. */
  discard(): Promise<void>;
}

/** Milliseconds without a touch, after which a draft is saved; and the longest that somebody writes without. */
const PAUSE = 1_200;
const LONGEST = 8_000;
/** Milliseconds after which files that are still being attached are left out, where the mailbox is about to be closed. */
const FILES_WITHIN = 1_500;

/** Keeps a draft. `read` gives what is written; null where that is nothing. */
export function useDraft(initialId: string | null, read: () => WrittenMessage | null, onId: (id: string) => void): KeptDraft {
  const engine = useEngine();
  const [state, setState] = useState<DraftState>(initialId === null ? "empty" : "saved");
  const [fault, setFault] = useState<EngineError | null>(null);
  const [keptFiles, setKeptFiles] = useState<ReadonlySet<string>>(new Set());
  const [attached, setAttached] = useState<ReadonlyMap<string, number>>(new Map());
  const [elsewhere, setElsewhere] = useState<string | null>(null);
  const [change, setChange] = useState<"changed" | "gone" | null>(null);
  const latest = useRef({ read, onId });
  useEffect(() => {
    latest.current = { read, onId };
  });
  const kept = useRef({ id: initialId, touches: 0, saved: 0, since: 0, ended: false });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const turn = useRef<Promise<unknown>>(Promise.resolve());
  const running = useRef<AbortController | null>(null);
  /** How many can't wait: until the text is kept for them, nothing is saved with files that are still to come. */
  const hurry = useRef(0);
  const there = useRef<ReadonlySet<string>>(keptFiles);

  const save = useCallback(
    async (withFiles: boolean): Promise<string | null> => {
      const now = kept.current;
      const written = latest.current.read();
      if (now.ended || now.touches === now.saved || written === null) return now.id;
      const short = withoutNew(written, there.current);
      const message = withFiles ? written : short;
      // It would begin with the files anew. Whoever wanted it whole, as to send it, doesn't get it without them.
      if (hurry.current > 0 && message.attachments.length > short.attachments.length) throw new DOMException("stopped", "AbortError");
      const { touches } = now;
      const stop = new AbortController();
      running.current = stop;
      setState("saving");
      try {
        const saved = await engine.call("drafts.save", [message, now.id], {
          signal: stop.signal,
          onProgress: ({ name, done, total }) => {
            if (name !== null && !stop.signal.aborted) setAttached((before) => new Map([...before, [name, done / total]]));
          },
        });
        // What was left out is still to be kept, where that goes on.
        if (message.attachments.length === written.attachments.length) now.saved = touches;
        now.since = 0;
        if (saved.id !== now.id) latest.current.onId(saved.id);
        now.id = saved.id;
        if (saved.elsewhere !== null) setElsewhere(saved.elsewhere);
        setChange(null);
        setFault(null);
        there.current = new Set(message.attachments.map(({ key }) => key));
        setKeptFiles(there.current);
        setState(now.touches === touches ? "saved" : "unsaved");
        return saved.id;
      } catch (error) {
        setState(stop.signal.aborted ? "unsaved" : "failed");
        if (!stop.signal.aborted) setFault(asEngineError(error));
        throw error;
      } finally {
        setAttached(new Map());
        running.current = null;
      }
    },
    [engine],
  );

  const inTurn = useCallback(
    async (withFiles: boolean): Promise<string | null> => {
      clearTimeout(timer.current);
      const next = turn.current.then(async () => await save(withFiles));
      turn.current = next.catch(() => undefined);
      return await next;
    },
    [save],
  );
  const flush = useCallback(async () => await inTurn(true), [inTurn]);
  const flushSoon = useCallback(async () => {
    const whole = flush();
    whole.catch(() => undefined);
    const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), FILES_WITHIN));
    const first = await Promise.race([whole, late]);
    if (first !== "late") return first;
    hurry.current++;
    running.current?.abort();
    const text = inTurn(false);
    const over = (): void => void hurry.current--;
    text.then(over, over);
    return await text;
  }, [flush, inTurn]);

  const touch = useCallback(() => {
    const now = kept.current;
    now.touches++;
    now.since ||= Date.now();
    setState((before) => (before === "saving" ? before : "unsaved"));
    clearTimeout(timer.current);
    const wait = Math.max(0, Math.min(PAUSE, now.since + LONGEST - Date.now()));
    timer.current = setTimeout(() => void flush().catch(() => undefined), wait);
  }, [flush]);

  useEffect(() => {
    const stop = onGoing(() => void flush().catch(() => undefined));
    return () => {
      stop();
      clearTimeout(timer.current);
    };
  }, [flush]);

  useEffect(() => onLeaving(async () => void (await flushSoon())), [flushSoon]);

  useEngineEvents((event) => {
    if (event.type !== "changed" || !event.topics.includes("drafts")) return;
    turn.current = turn.current.then(async () => {
      const { id, touches, saved, ended } = kept.current;
      // What is written here meanwhile finds out when it is saved.
      if (id === null || touches !== saved || ended) return;
      const standing = await engine.call("drafts.standing", [id]).catch(() => "same" as const);
      if (!kept.current.ended) setChange(standing === "same" ? null : standing);
    });
  });

  return {
    state,
    fault,
    id: () => kept.current.id,
    keptFiles,
    attached,
    elsewhere,
    change,
    isKept: () => kept.current.touches === kept.current.saved,
    touch,
    flush,
    flushSoon,
    stop: () => running.current?.abort(),
    goOnAs: (id) => {
      kept.current = { id, touches: id === null ? 1 : 0, saved: 0, since: 0, ended: false };
      setChange(null);
      setState(id === null ? "unsaved" : "saved");
      if (id !== null) latest.current.onId(id);
      else void flush().catch(() => undefined);
    },
    discard: async () => {
      clearTimeout(timer.current);
      kept.current.ended = true;
      await turn.current;
      const { id } = kept.current;
      if (id !== null) await engine.call("drafts.remove", [id]).catch(() => undefined);
    },
  };
}

/** Without files whose bytes are still to come to the mailbox. */
function withoutNew(message: WrittenMessage, there: ReadonlySet<string>): WrittenMessage {
  return { ...message, attachments: message.attachments.filter(({ key, content }) => content === null || there.has(key)) };
}
