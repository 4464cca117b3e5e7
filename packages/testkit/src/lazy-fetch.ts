import type { Fetch } from "@smimp/identity";
import { createGuardedFetch, type DevelopmentNetwork } from "@smimp/identity/guarded-fetch";

/** A guarded fetch whose network may still grow. */
export interface LazyFetch {
  readonly fetch: Fetch;
  /** Requests from now on see this network; those under way end as they began. */
  setNetwork(network: DevelopmentNetwork): void;
  close(): Promise<void>;
}

/** Servers know each other's ports only once all of them listen: so the guarded fetch is made on first use. */
export function lazyFetch(initial: DevelopmentNetwork): LazyFetch {
  let network = initial;
  let current: ReturnType<typeof createGuardedFetch> | null = null;
  const made: ReturnType<typeof createGuardedFetch>[] = [];
  return {
    fetch: async (url, init) => {
      if (current === null) {
        current = createGuardedFetch({ developmentNetwork: network });
        made.push(current);
      }
      return await current(url, init);
    },
    setNetwork: (next) => {
      network = next;
      current = null;
    },
    close: async () => {
      await Promise.all(made.map(async (each) => await each.close()));
    },
  };
}
