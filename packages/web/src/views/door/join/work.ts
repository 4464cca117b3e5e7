import type { Progress } from "@smimp/client";
import { useState } from "react";

/** How far work is that a server asked for. */
export interface Working {
  /** How much is done of what it takes on average: with bad luck it is more than 1. */
  readonly part: number;
  /** Seconds that are left at this pace; null where nothing can be said yet. */
  readonly left: number | null;
}

/** Nothing can be said of how fast it goes before so much of it is done. */
const KNOWN_FROM = 0.02;

/** Follows the work that a call does: what `watch` gives is to be handed over as its `onProgress`, `end` to be called when it is over. */
export function useWork(): { readonly work: Working | null; readonly watch: () => (progress: Progress) => void; readonly end: () => void } {
  const [work, setWork] = useState<Working | null>(null);
  return {
    work,
    watch: () => {
      let began: number | null = null;
      return ({ step, done, total }) => {
        if (step !== "work") return;
        const now = performance.now();
        began ??= now;
        const part = total === 0 ? 0 : done / total;
        setWork({ part, left: part < KNOWN_FROM ? null : (((now - began) / part) * Math.max(0, 1 - part)) / 1_000 });
      };
    },
    end: () => setWork(null),
  };
}
