import type { Contact } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import { useSyncExternalStore } from "react";
import type { Engine } from "../engine/connect.ts";
import { useEngine } from "./engine.tsx";

// Everybody who is known. The engine is asked once for all views together, and again when something changed.

interface Known {
  readonly list: readonly Contact[];
  readonly byAddress: ReadonlyMap<Address, Contact>;
}

interface Contacts {
  readonly subscribe: (listener: () => void) => () => void;
  readonly snapshot: () => Known | undefined;
}

const byEngine = new WeakMap<Engine, Contacts>();
/** Milliseconds between two questions: many messages that come in at once make one. */
const PAUSE = 400;

/** Everybody who is known; undefined until the engine has said. */
export function useContacts(): readonly Contact[] | undefined {
  return useKnown()?.list;
}

/** Somebody who is known; null for others, undefined until the engine has said. */
export function useContact(address: Address): Contact | null | undefined {
  const known = useKnown();
  return known === undefined ? undefined : (known.byAddress.get(address) ?? null);
}

function useKnown(): Known | undefined {
  const engine = useEngine();
  const contacts = byEngine.get(engine) ?? createContacts(engine);
  byEngine.set(engine, contacts);
  return useSyncExternalStore(contacts.subscribe, contacts.snapshot);
}

function createContacts(engine: Engine): Contacts {
  const listeners = new Set<() => void>();
  let known: Known | undefined;
  let asked = false;
  let again = false;
  let running = false;

  function become(next: Known | undefined): void {
    known = next;
    for (const listener of listeners) listener();
  }

  async function ask(): Promise<void> {
    if (running) return void (again = true);
    running = true;
    try {
      const list = await engine.call("contacts.list", []);
      become({ list, byAddress: new Map(list.map((each) => [each.address, each])) });
    } catch {
      // Locked meanwhile, or going to be: views ask again once it is open.
      asked = false;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    running = false;
    if (!again) return;
    again = false;
    await ask();
  }

  engine.listen((event) => {
    if (event.type === "state" && event.state.kind !== "open") {
      asked = false;
      become(undefined);
    } else if (event.type === "changed" && asked && (event.topics.includes("contacts") || event.topics.includes("profile"))) void ask();
  });
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      if (!asked) {
        asked = true;
        void ask();
      }
      return () => void listeners.delete(listener);
    },
    snapshot: () => known,
  };
}
