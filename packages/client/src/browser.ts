import { createBrowserFetch } from "@smimp/identity/browser-fetch";
import { randomBytes } from "@smimp/protocol";
import type { ClientDeps } from "./deps.ts";
import { systemClock } from "./clock.ts";

export { systemClock } from "./clock.ts";

/** What a client in a browser is given: the page's fetch, clock and randomness. */
export function browserDeps(): ClientDeps {
  return { fetch: createBrowserFetch(), clock: systemClock, random: randomBytes };
}
