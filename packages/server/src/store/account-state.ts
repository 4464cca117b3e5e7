import { SmimpError, type Address } from "@smimp/protocol";
import type { Queries } from "./schema.ts";

/**
 * Adds one to an account's state, for a change of its messages or folders (protocol section 8), and so many bytes to what it uses. Resolves
 * with the new state. Throws `unknown_user`.
 */
export async function nextState(db: Queries, owner: Address, bytes: number): Promise<number> {
  const row = await db
    .updateTable("accounts")
    .set((eb) => ({ state: eb("state", "+", 1), used_bytes: eb("used_bytes", "+", bytes) }))
    .where("address", "=", owner)
    .returning("state")
    .executeTakeFirst();
  if (row === undefined) throw new SmimpError("unknown_user", "no such account");
  return row.state;
}
