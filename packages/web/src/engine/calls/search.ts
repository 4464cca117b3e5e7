import type { SearchOptions } from "@smimp/client";
import type { CallTable } from "../call.ts";
import type { House } from "../house.ts";

/** Calls for finding messages: everything is on this device. */
export function searchCalls({ client }: Pick<House, "client">) {
  return {
    "search.find": async (_context, query: string, options: SearchOptions) => await client().search.find(query, options),
    "search.status": async () => await client().search.status(),
  } satisfies CallTable;
}
