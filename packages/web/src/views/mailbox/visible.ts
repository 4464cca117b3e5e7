import type { ThreadSummary } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { useCallback, useMemo } from "react";
import type { ThreadPages } from "./pages.ts";
import { keyOf, refOf } from "./threads.ts";

/** A list as it is seen: rows count from 0 without those that are about to leave, positions with them. */
export interface Visible {
  readonly count: number;
  readonly at: (index: number) => ThreadSummary | undefined;
  readonly positionOf: (index: number) => number;
  readonly indexOf: (position: number) => number;
  /** Says which rows are looked at. */
  readonly want: (first: number, last: number) => void;
  /** Finds rows again after the list changed. */
  readonly top: { readonly keyAt: (index: number) => Hex32 | null; readonly indexOfKey: (key: Hex32) => number | null };
  /** The row whose newest message that is, if it is here. */
  readonly indexOfMessage: (messageId: Hex32) => number | null;
}

/** A list without what is about to leave it. */
export function useVisible(pages: ThreadPages, hidden: ReadonlyMap<Hex32, unknown>): Visible {
  const { counts, here, at, want } = pages;
  const gone = useMemo(() => here.filter(([, thread]) => hidden.has(keyOf(refOf(thread)))).map(([position]) => position), [here, hidden]);
  const positionOf = useCallback(
    (index: number) => gone.reduce((position, each) => (each <= position ? position + 1 : position), index),
    [gone],
  );
  const wanted = useCallback((first: number, last: number) => want(positionOf(first), positionOf(last)), [want, positionOf]);
  return useMemo(() => {
    const indexOf = (position: number): number => position - gone.filter((each) => each < position).length;
    const places = new Map(here.map(([position, thread]) => [keyOf(refOf(thread)), position]));
    const newest = new Map(here.map(([position, thread]) => [thread.latest.messageId, position]));
    return {
      indexOfMessage: (messageId) => {
        const position = newest.get(messageId);
        return position === undefined ? null : indexOf(position);
      },
      count: Math.max(0, (counts?.threads ?? 0) - gone.length),
      at: (index) => at(positionOf(index)),
      positionOf,
      indexOf,
      want: wanted,
      top: {
        keyAt: (index) => {
          const thread = at(positionOf(index));
          return thread === undefined ? null : keyOf(refOf(thread));
        },
        indexOfKey: (key) => {
          const position = places.get(key);
          return position === undefined ? null : indexOf(position);
        },
      },
    };
  }, [counts, here, at, gone, positionOf, wanted]);
}
