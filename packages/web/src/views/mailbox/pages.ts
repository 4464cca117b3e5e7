import type { ThreadCounts, ThreadSummary } from "@smimp/client";
import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import { asEngineError, useEngine } from "../../app/engine.tsx";
import { createRefreshing, type Refreshing } from "../../app/refreshing.ts";
import type { ThreadList } from "../../engine/calls/messages.ts";
import type { Engine, EngineError } from "../../engine/connect.ts";

// A list of threads of any length: how long it is is known at once, and pages of it are fetched as they come into view.

/** A list of threads, as far as it was looked at. */
export interface ThreadPages {
  /** Null before the first answer. */
  readonly counts: ThreadCounts | null;
  readonly error: EngineError | null;
  /** The thread at a position, if it is here; positions count from 0, the newest. */
  readonly at: (position: number) => ThreadSummary | undefined;
  /** All positions that are here, in order. */
  readonly here: readonly (readonly [position: number, thread: ThreadSummary])[];
  /** Says which positions are looked at: they are fetched, and kept true. */
  readonly want: (first: number, last: number) => void;
  readonly reload: () => void;
}

interface Shown {
  readonly counts: ThreadCounts | null;
  readonly pages: ReadonlyMap<number, readonly ThreadSummary[]>;
  readonly error: EngineError | null;
}

interface PageStore {
  readonly subscribe: (listener: () => void) => () => void;
  readonly shown: () => Shown;
  readonly want: (first: number, last: number) => void;
  readonly reload: () => void;
  /** Begins to follow the list; returns how to end. */
  readonly follow: () => () => void;
}

/** Threads that are fetched at once. */
const PAGE = 50;
/** Pages that are kept. */
const KEPT = 40;
/** How long a range has to be looked at before it is fetched, milliseconds: who scrolls past doesn't look. */
const SETTLED = 40;
const NOTHING: Shown = { counts: null, pages: new Map(), error: null };

/** Follows a list of threads. */
export function useThreadPages(list: ThreadList): ThreadPages {
  const engine = useEngine();
  const key = JSON.stringify(list);
  const store = useMemo(() => createPages(engine, JSON.parse(key) as ThreadList), [engine, key]);
  const { counts, pages, error } = useSyncExternalStore(store.subscribe, store.shown);
  useEffect(() => store.follow(), [store]);
  const at = useCallback((position: number) => pages.get(Math.floor(position / PAGE))?.[position % PAGE], [pages]);
  const here = useMemo(
    () =>
      [...pages]
        .toSorted(([a], [b]) => a - b)
        .flatMap(([page, threads]) => threads.map((thread, index) => [page * PAGE + index, thread] as const)),
    [pages],
  );
  return { counts, error, at, here, want: store.want, reload: store.reload };
}

function createPages(engine: Engine, list: ThreadList): PageStore {
  let shown = NOTHING;
  let wanted = { first: 0, last: PAGE - 1 };
  /** Each look at the list as a whole; pages that were asked for before it are of no use. */
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refreshing: Refreshing | null = null;
  const fetching = new Set<number>();
  const listeners = new Set<() => void>();

  const show = (next: Shown): void => {
    shown = next;
    for (const listener of listeners) listener();
  };
  const fetchPage = async (page: number): Promise<readonly ThreadSummary[]> =>
    await engine.call("inbox.threads", [{ ...list, skip: page * PAGE, limit: PAGE }]);

  async function ask(): Promise<Omit<Shown, "error">> {
    const pages = pagesOf(wanted);
    const [counts, ...found] = await Promise.all([engine.call("inbox.countThreads", [list]), ...pages.map(fetchPage)]);
    return { counts, pages: new Map(pages.map((page, index) => [page, found[index] ?? []])) };
  }

  function tell(result: PromiseSettledResult<Omit<Shown, "error">>): void {
    if (result.status === "rejected") return show({ ...shown, error: asEngineError(result.reason) });
    turn++;
    fetching.clear();
    show({ ...result.value, error: null });
    look();
  }

  async function fill(page: number): Promise<void> {
    if (fetching.has(page) || shown.pages.has(page)) return;
    const mine = turn;
    fetching.add(page);
    try {
      const found = await fetchPage(page);
      if (mine === turn) show({ ...shown, pages: new Map([...shown.pages, [page, found] as const].slice(-KEPT)) });
    } catch (error) {
      if (mine === turn) show({ ...shown, error: asEngineError(error) });
    } finally {
      if (mine === turn) fetching.delete(page);
    }
  }

  function look(): void {
    clearTimeout(timer);
    if (shown.counts === null || pagesOf(wanted).every((page) => shown.pages.has(page))) return;
    timer = setTimeout(() => {
      for (const page of pagesOf(wanted)) void fill(page);
    }, SETTLED);
  }

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    shown: () => shown,
    want: (first, last) => {
      wanted = { first, last };
      look();
    },
    reload: () => refreshing?.refresh(),
    follow: () => {
      const mine = createRefreshing(ask, tell);
      refreshing = mine;
      mine.refresh();
      const unlisten = engine.listen((event) => {
        if (event.type === "changed" && event.topics.includes("messages")) mine.refresh();
      });
      return () => {
        unlisten();
        mine.end();
        clearTimeout(timer);
        turn++;
      };
    },
  };
}

function pagesOf({ first, last }: { readonly first: number; readonly last: number }): readonly number[] {
  const [from, to] = [Math.floor(Math.max(0, first) / PAGE), Math.floor(Math.max(0, last) / PAGE)];
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
