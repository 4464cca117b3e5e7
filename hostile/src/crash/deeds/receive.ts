import type { Deed } from "../deed.ts";

/** Fetches new messages, opens and archives them. */
export const sync: Deed = {
  name: "sync",
  weight: 4,
  needs: ["mail"],
  run: async (client) => void (await client.sync()),
};

/** The same after a week: the non-ephemeral key is replaced, keys are topped up. */
export const rotate: Deed = {
  name: "rotate",
  weight: 2,
  needs: ["week", "mail"],
  run: async (client) => void (await client.sync()),
};
