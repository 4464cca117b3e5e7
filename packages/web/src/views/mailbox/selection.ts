import { useCallback, useState } from "react";
import type { Hex32 } from "@smimp/protocol";
import type { ThreadList, ThreadRef } from "../../engine/calls/messages.ts";
import { keyOf, type Targets } from "./threads.ts";

/** Which threads of a list are selected. */
export interface Selection {
  readonly count: number;
  readonly all: boolean;
  readonly has: (thread: ThreadRef) => boolean;
  readonly toggle: (thread: ThreadRef) => void;
  readonly add: (threads: readonly ThreadRef[]) => void;
  readonly selectAll: () => void;
  readonly clear: () => void;
  readonly targets: Targets;
}

interface Chosen {
  readonly list: string;
  /** Every thread, but for those named. */
  readonly all: boolean;
  readonly threads: ReadonlyMap<Hex32, ThreadRef>;
}

const NONE: ReadonlyMap<Hex32, ThreadRef> = new Map();

/** A selection in a list; another list begins with none. */
export function useSelection(list: ThreadList, total: number): Selection {
  const name = JSON.stringify(list);
  const [chosen, setChosen] = useState<Chosen>({ list: name, all: false, threads: NONE });
  const { all, threads } = chosen.list === name ? chosen : { all: false, threads: NONE };
  const change = useCallback(
    (to: (before: Pick<Chosen, "all" | "threads">) => Pick<Chosen, "all" | "threads">) =>
      setChosen((before) => ({ list: name, ...to(before.list === name ? before : { all: false, threads: NONE }) })),
    [name],
  );
  const count = all ? Math.max(0, total - threads.size) : threads.size;
  const named = [...threads.values()];
  return {
    count,
    all: all && threads.size === 0,
    has: (thread) => threads.has(keyOf(thread)) !== all,
    toggle: (thread) =>
      change((before) => {
        const next = new Map(before.threads);
        if (!next.delete(keyOf(thread))) next.set(keyOf(thread), thread);
        return { all: before.all, threads: next };
      }),
    add: (more) =>
      change((before) => {
        const next = new Map(before.threads);
        for (const thread of more) {
          if (before.all) next.delete(keyOf(thread));
          else next.set(keyOf(thread), thread);
        }
        return { all: before.all, threads: next };
      }),
    selectAll: () => change(() => ({ all: true, threads: NONE })),
    clear: () => change(() => ({ all: false, threads: NONE })),
    targets: { list, threads: all ? null : named, except: all ? named : [], count },
  };
}
