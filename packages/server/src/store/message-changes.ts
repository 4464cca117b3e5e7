import { SmimpError, type Address, type Hex32 } from "@smimp/protocol";
import type { Changes } from "./messages.ts";
import type { Queries } from "./schema.ts";

interface Event {
  readonly state: number;
  readonly id: Hex32;
  readonly kind: "created" | "updated" | "destroyed";
}

/**
 * What happened after a state (protocol section 8). There is no log: each message knows the states of its creation and last
 * change, and a destroyed one is remembered with both, so any number of changes of one message are one entry.
 * Throws `state_too_old`, `unknown_user`.
 */
export async function readChanges(
  db: Queries,
  owner: Address,
  since: number,
  limit: number,
  { forgotten = false }: { readonly forgotten?: boolean } = {},
): Promise<Changes> {
  const account = await db
    .selectFrom("accounts")
    .select(["state", "changes_floor", "folders_state"])
    .where("address", "=", owner)
    .executeTakeFirst();
  if (account === undefined) throw new SmimpError("unknown_user", "no such account");
  // From state 0 nothing can be missed: who knows of no message needs not hear of its end.
  if (since > account.state || (since > 0 && since < account.changes_floor && !forgotten)) {
    throw new SmimpError("state_too_old", "list the folders again");
  }
  const events = await readEvents(db, owner, since, limit + 1);
  events.sort((a, b) => a.state - b.state);
  const more = events.length > limit;
  const page = events.slice(0, limit);
  const idsOf = (kind: Event["kind"]): Hex32[] => page.filter((event) => event.kind === kind).map((event) => event.id);
  const created = idsOf("created");
  const isNew = new Set(created);
  const state = more ? (page.at(-1)?.state ?? since) : account.state;
  return {
    state,
    created,
    updated: idsOf("updated").filter((id) => !isNew.has(id)),
    destroyed: idsOf("destroyed"),
    folders: since < account.folders_state && account.folders_state <= state,
    more,
  };
}

/** The first `limit` of each kind; states are unique within an account, so a cut between them loses nothing. */
async function readEvents(db: Queries, owner: Address, since: number, limit: number): Promise<Event[]> {
  const created = await db
    .selectFrom("messages")
    .select(["message_id", "created_state"])
    .where("recipient", "=", owner)
    .where("created_state", ">", since)
    .orderBy("created_state")
    .limit(limit)
    .execute();
  const updated = await db
    .selectFrom("messages")
    .select(["message_id", "updated_state"])
    .where("recipient", "=", owner)
    .where("updated_state", "is not", null)
    .where("updated_state", ">", since)
    .orderBy("updated_state")
    .limit(limit)
    .execute();
  const destroyed = await db
    .selectFrom("destroyed_messages")
    .select(["message_id", "destroyed_state"])
    .where("recipient", "=", owner)
    .where("destroyed_state", ">", since)
    .where("created_state", "<=", since)
    .orderBy("destroyed_state")
    .limit(limit)
    .execute();
  return [
    ...created.map((row): Event => ({ state: row.created_state, id: row.message_id, kind: "created" })),
    ...updated.map((row): Event => ({ state: row.updated_state ?? 0, id: row.message_id, kind: "updated" })),
    ...destroyed.map((row): Event => ({ state: row.destroyed_state, id: row.message_id, kind: "destroyed" })),
  ];
}
