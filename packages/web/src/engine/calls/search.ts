import type { SearchOptions } from "@smimp/client";
import type { CallTable } from "../call.ts";
import type { House } from "../house.ts";
import type { Topic } from "../protocol.ts";

/** Milliseconds between two times that views look what is found by now, while everything is made searchable. */
const LOOK_AGAIN = 3_000;

/** Calls for finding messages: everything is on this device. */
export function searchCalls({ client }: Pick<House, "client">, changed: (...topics: Topic[]) => void) {
  return {
    "search.find": async (_context, query: string, options: SearchOptions) => await client().search.find(query, options),
    "search.status": async () => await client().search.status(),
    /** Brings the index up to date, and says how far it is. */
    "search.index": async ({ signal, onProgress }) => {
      let told = Date.now();
      const status = await client().search.index({
        signal,
        onProgress: ({ done, total }) => {
          onProgress({ step: "index", to: null, name: null, done, total });
          if (Date.now() - told < LOOK_AGAIN) return;
          told = Date.now();
          changed("search");
        },
      });
      changed("search");
      return status;
    },
  } satisfies CallTable;
}
