import { hash, SmimpError, toHex, utf8, type Address, type Hex32 } from "@smimp/protocol";
import { nextState } from "./account-state.ts";
import { countInFolder } from "./folders.ts";
import type { SealedCondition } from "./messages.ts";
import type { Database, Queries } from "./schema.ts";

// What an owner does with a message that is there: all of it changes its row and the account's state (protocol section 8).

type Values = Partial<Pick<Database["messages"], "is_read" | "folder" | "archive" | "summary" | "extensions">>;

/** The ETag of an `archive`, or of `extensions`, of it alone (protocol section 12): 64 hex digits, without quotation marks. */
export function sealedEtag(sealed: string): string {
  return toHex(hash(utf8(sealed)));
}

/** Whether what stands is what a writer has seen. Throws `precondition_failed`. */
export function assertStands(sealed: string | null, condition: SealedCondition): void {
  const met = condition === "none" ? sealed === null : sealed !== null && sealedEtag(sealed) === condition.etag;
  if (!met) throw new SmimpError("precondition_failed", "something else stands here by now");
}

/** Changes a message's row; resolves with the account's new state. `bytes`: by how much the account uses more. */
export async function updateMessage(db: Queries, owner: Address, messageId: Hex32, values: Values, bytes = 0): Promise<number> {
  const state = await nextState(db, owner, bytes);
  await db
    .updateTable("messages")
    .set({ ...values, updated_state: state })
    .where("recipient", "=", owner)
    .where("message_id", "=", messageId)
    .execute();
  return state;
}

/** See `MessagesWriter.setRead`; `"same"` where nothing changes. */
export async function setMessageRead(db: Queries, owner: Address, messageId: Hex32, read: boolean): Promise<number | "same" | null> {
  const row = await db
    .selectFrom("messages")
    .select(["is_read", "folder"])
    .where("recipient", "=", owner)
    .where("message_id", "=", messageId)
    .executeTakeFirst();
  if (row === undefined) return null;
  if ((row.is_read === 1) === read) return "same";
  await countInFolder(db, owner, row.folder, { total: 0, unread: read ? -1 : 1 });
  return await updateMessage(db, owner, messageId, { is_read: read ? 1 : 0 });
}

/** See `MessagesWriter.move`; `"same"` where nothing changes. */
export async function moveMessage(db: Queries, owner: Address, messageId: Hex32, folder: string | null): Promise<number | "same" | null> {
  const row = await db
    .selectFrom("messages")
    .select(["message_type", "is_read", "folder"])
    .where("recipient", "=", owner)
    .where("message_id", "=", messageId)
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.folder === folder) return "same";
  if (folder !== null) {
    const query = db.selectFrom("folders").select("message_type").where("address", "=", owner).where("name", "=", folder);
    const target = await query.executeTakeFirst();
    if (target?.message_type !== row.message_type) throw new SmimpError("not_found", "there is no such folder for this type of message");
  }
  const unread = row.is_read === 1 ? 0 : 1;
  await countInFolder(db, owner, row.folder, { total: -1, unread: -unread });
  await countInFolder(db, owner, folder, { total: 1, unread });
  return await updateMessage(db, owner, messageId, { folder });
}

/** See `MessagesWriter.setExtensions`. */
export async function setMessageExtensions(
  db: Queries,
  owner: Address,
  messageId: Hex32,
  extensions: string,
  condition: SealedCondition | null,
): Promise<{ readonly state: number; readonly grownBy: number } | null> {
  const row = await db
    .selectFrom("messages")
    .select("extensions")
    .where("recipient", "=", owner)
    .where("message_id", "=", messageId)
    .executeTakeFirst();
  if (row === undefined) return null;
  if (condition !== null) assertStands(row.extensions, condition);
  const grownBy = extensions.length - (row.extensions?.length ?? 0);
  return { state: await updateMessage(db, owner, messageId, { extensions }, grownBy), grownBy };
}
