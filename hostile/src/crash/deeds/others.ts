import type { Client, InboxSummary } from "@smimp/client";
import { WHOLE_LIST } from "../../invariants/mailbox.ts";

/** What others wrote, newest first. */
export async function others(client: Client): Promise<readonly InboxSummary[]> {
  return (await client.inbox.list({ limit: WHOLE_LIST })).filter(({ state, own }) => state === "open" && !own);
}
