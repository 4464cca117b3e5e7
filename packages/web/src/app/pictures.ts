import type { Address } from "@smimp/protocol";
import { useEffect, useSyncExternalStore } from "react";
import type { Engine } from "../engine/connect.ts";
import { useEngine } from "./engine.tsx";

// People's pictures, as addresses of blobs. A server is asked for one only where a view says so: whoever could make a page ask for a
// picture of theirs would see when a message of theirs is read.

interface Shown {
  readonly hash: string | null;
  readonly url: string | null;
  /** Whether the person's server was asked. */
  readonly fetched: boolean;
  stale: boolean;
}

/** A question that is under way, and whether another one has come up since. */
interface Question {
  readonly fetch: boolean;
  again: boolean;
  fetchNext: boolean;
}

/** Pictures of people, for one engine. */
export interface Pictures {
  readonly want: (address: Address, fetch: boolean) => void;
  readonly urlOf: (address: Address) => string | null;
  readonly subscribe: (listener: () => void) => () => void;
  readonly version: () => number;
}

const byEngine = new WeakMap<Engine, Pictures>();
/** Pictures in memory at most. */
const MOST = 300;

/** The address of somebody's picture; null where there is none, or none yet. With `fetch` their server is asked for it. */
export function usePicture(address: Address, { fetch }: { readonly fetch: boolean }): string | null {
  const engine = useEngine();
  const pictures = byEngine.get(engine) ?? createPictures(engine);
  byEngine.set(engine, pictures);
  const version = useSyncExternalStore(pictures.subscribe, pictures.version);
  useEffect(() => pictures.want(address, fetch), [pictures, address, fetch, version]);
  return pictures.urlOf(address);
}

/** Makes what keeps people's pictures. */
export function createPictures(engine: Pick<Engine, "call" | "listen">): Pictures {
  const shown = new Map<Address, Shown>();
  const asking = new Map<Address, Question>();
  const listeners = new Set<() => void>();
  let version = 0;

  function tell(): void {
    version++;
    for (const listener of listeners) listener();
  }

  function letGo({ url }: Shown): void {
    if (url !== null) URL.revokeObjectURL(url);
  }

  async function ask(address: Address, fetch: boolean): Promise<void> {
    const question: Question = { fetch, again: false, fetchNext: false };
    asking.set(address, question);
    const picture = await engine.call("people.picture", [address, fetch]).catch(() => null);
    asking.delete(address);
    // What changed meanwhile may not be in the answer, and one view may want more than another that asked first.
    if (question.again || question.fetchNext) void ask(address, question.fetchNext);
    const before = shown.get(address);
    const hash = picture?.hash ?? null;
    if (before !== undefined && before.hash === hash)
      return void shown.set(address, { ...before, fetched: before.fetched || fetch, stale: false });
    if (before !== undefined) letGo(before);
    shown.delete(address);
    shown.set(address, { hash, url: picture === null ? null : URL.createObjectURL(picture.image), fetched: fetch, stale: false });
    const [[oldest, first] = []] = shown;
    if (shown.size > MOST && oldest !== undefined && first !== undefined) {
      letGo(first);
      shown.delete(oldest);
    }
    tell();
  }

  engine.listen((event) => {
    if (event.type === "state" && event.state.kind !== "open") {
      for (const each of shown.values()) letGo(each);
      shown.clear();
      tell();
    } else if (event.type === "changed" && (event.topics.includes("contacts") || event.topics.includes("profile"))) {
      for (const each of shown.values()) each.stale = true;
      for (const each of asking.values()) each.again = true;
      tell();
    }
  });
  return {
    want: (address, fetch) => {
      const now = shown.get(address);
      if (now !== undefined && !now.stale && (now.fetched || !fetch)) return;
      const question = asking.get(address);
      if (question === undefined) void ask(address, fetch);
      else if (fetch && (question.again || !question.fetch)) question.fetchNext = true;
    },
    urlOf: (address) => shown.get(address)?.url ?? null,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    version: () => version,
  };
}
