import type { Address } from "@smimp/protocol";
import { useSyncExternalStore } from "react";
import type { Engine } from "../engine/connect.ts";
import { useEngine } from "./engine.tsx";
import { shownName } from "./text.ts";

// What people are called. Views ask for as many as they show; the engine is asked for all that came together at once.

interface Names {
  readonly nameOf: (address: Address) => string | null;
  readonly subscribe: (listener: () => void) => () => void;
  readonly version: () => number;
}

const byEngine = new WeakMap<Engine, Names>();

/** What somebody is called in lists: their own name for themselves, else their address. */
export function useNames(): (address: Address) => string {
  const engine = useEngine();
  const names = namesOf(engine);
  useSyncExternalStore(names.subscribe, names.version);
  return (address) => names.nameOf(address) ?? address;
}

function namesOf(engine: Engine): Names {
  const known = byEngine.get(engine) ?? createNames(engine);
  byEngine.set(engine, known);
  return known;
}

function createNames(engine: Engine): Names {
  const known = new Map<Address, string | null>();
  /** What may have another name by now. */
  const stale = new Set<Address>();
  const wanted = new Set<Address>();
  const listeners = new Set<() => void>();
  let version = 0;

  const tell = (): void => {
    version++;
    for (const listener of listeners) listener();
  };
  async function ask(): Promise<void> {
    const people = [...wanted];
    wanted.clear();
    for (const each of people) stale.delete(each);
    const names = await engine.call("people.names", [people]).catch(() => people.map(() => null));
    let changed = false;
    for (const [index, each] of people.entries()) {
      const shown = shownName(names[index]);
      changed ||= known.get(each) !== shown;
      known.set(each, shown);
    }
    if (changed) tell();
  }

  engine.listen((event) => {
    if (event.type === "state") known.clear();
    if (event.type !== "changed" || !(event.topics.includes("contacts") || event.topics.includes("profile"))) return;
    for (const each of known.keys()) stale.add(each);
    tell();
  });
  return {
    nameOf: (address) => {
      const name = known.get(address);
      if (name === undefined || stale.has(address)) {
        if (wanted.size === 0) setTimeout(() => void ask(), 0);
        wanted.add(address);
        // Asked for once, until it changes again.
        stale.delete(address);
        if (name === undefined) known.set(address, null);
      }
      return name ?? null;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    version: () => version,
  };
}
