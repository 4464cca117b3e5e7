import type { SearchResult } from "@smimp/client";
import { useEffect, useState } from "react";
import { asEngineError, useEngine } from "../../app/engine.tsx";
import type { Engine, EngineError } from "../../engine/connect.ts";

/** What is asked for. */
export interface FindRequest {
  /** As the engine takes it. */
  readonly query: string;
  readonly order: "newest" | "relevance";
  readonly limit: number;
}

/** What was found last. It stays until the next answer is there, so that nothing flickers while somebody types. */
export interface Found {
  /** Null before the first answer. */
  readonly result: SearchResult | null;
  /** What `result` answers. */
  readonly request: FindRequest | null;
  readonly error: EngineError | null;
  readonly busy: boolean;
}

/** Hits that are asked for first, so that they are there at once; the others follow once somebody pauses for so long, milliseconds. */
const FIRST = 10;
const PAUSE = 150;
/** Milliseconds between two looks while messages come and change. */
const AGAIN_AFTER = 1_000;

/** What is found, as somebody types: only the latest question is answered, and again as the mailbox changes. */
export function useFind({ query, order, limit }: FindRequest): Found {
  const engine = useEngine();
  const [found, setFound] = useState<Found>({ result: null, request: null, error: null, busy: false });
  const [finder] = useState(() => createFinder(engine, setFound));
  useEffect(() => finder.ask({ query, order, limit }), [finder, query, order, limit]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const stop = engine.listen((event) => {
      if (event.type !== "changed" || !event.topics.some((topic) => topic === "messages" || topic === "search") || timer !== null) return;
      timer = setTimeout(() => {
        timer = null;
        finder.askAgain();
      }, AGAIN_AFTER);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
      finder.end();
    };
  }, [engine, finder]);
  return found;
}

interface Finder {
  ask(request: FindRequest): void;
  askAgain(): void;
  end(): void;
}

function createFinder(engine: Engine, tell: (found: Found) => void): Finder {
  let wanted: FindRequest | null = null;
  let latest: FindRequest | null = null;
  let state: Found = { result: null, request: null, error: null, busy: false };
  let running = false;
  let ended = false;
  let wake = (): void => undefined;

  function become(change: Partial<Found>): void {
    state = { ...state, ...change };
    if (!ended) tell(state);
  }

  async function answer(request: FindRequest, limit: number): Promise<boolean> {
    const { query, order } = request;
    const result = await engine.call("search.find", [query, { order, limit }]);
    // The same asked anew comes after this one: while mail pours in, there would never be another answer.
    if (wanted === null || (wanted.query === query && wanted.order === order)) become({ result, request, error: null });
    return result.more;
  }

  async function answerAll(request: FindRequest): Promise<void> {
    const { request: before } = state;
    // What is shown already doesn't become less while it is looked at again.
    const isShown = before !== null && before.query === request.query && before.order === request.order;
    const isMore = isShown || (await answer(request, Math.min(FIRST, request.limit)));
    if (isMore && request.limit > FIRST && (isShown || (await paused()))) await answer(request, request.limit);
  }

  /** Whether nobody asks anything else for a moment. */
  async function paused(): Promise<boolean> {
    if (wanted !== null) return false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PAUSE);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return wanted === null && !ended;
  }

  function take(): FindRequest | null {
    const request = ended ? null : wanted;
    wanted = null;
    return request;
  }

  async function run(): Promise<void> {
    running = true;
    for (let request = take(); request !== null; request = take()) {
      become({ busy: true });
      try {
        // oxlint-disable-next-line no-await-in-loop -- one question at a time, always the latest
        await answerAll(request);
      } catch (error) {
        become({ error: asEngineError(error) });
      }
    }
    running = false;
    become({ busy: false });
  }

  function ask(request: FindRequest): void {
    latest = request;
    wanted = request;
    wake();
    if (!running) void run();
  }

  return {
    ask: (request) => {
      ended = false;
      ask(request);
    },
    askAgain: () => {
      if (latest !== null) ask(latest);
    },
    end: () => {
      ended = true;
      wanted = null;
      wake();
    },
  };
}
