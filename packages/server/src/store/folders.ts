import { SmimpError, type Address, type MessageType } from "@smimp/protocol";
import type { Selectable } from "kysely";
import { nextState } from "./account-state.ts";
import type { Database, Queries } from "./schema.ts";

/** A folder (protocol section 8): a place for messages of one type. The root of a type is none of these. */
export interface Folder {
  /** An opaque id that a client made, unique within the account. */
  readonly name: string;
  readonly messageType: MessageType;
  /** Name of the folder that it stands in; null: in the root. */
  readonly parent: string | null;
  /** `b64`, sealed. */
  readonly displayName: string | null;
}

/** A folder as it is listed: with the messages that stand in it, and those of them that are not read. */
export interface ListedFolder extends Folder {
  readonly total: number;
  readonly unread: number;
}

/** Questions about folders. Another account's answer as unknown ones (protocol section 10). */
export interface FoldersReader {
  /** All of an account, by name. */
  list(owner: Address): Promise<readonly ListedFolder[]>;
  find(owner: Address, name: string): Promise<ListedFolder | null>;
  /** The account's state at the last change of a folder; 0: there was none. */
  changedAt(owner: Address): Promise<number>;
}

/** Changes of folders. Each adds one to the account's state and resolves with it. */
export interface FoldersWriter extends FoldersReader {
  /** Makes a folder, or changes parent and display name of the one with that name. The caller has looked at what may stand where. */
  put(owner: Address, folder: Folder): Promise<number>;
  /** Deletes a folder. Throws `conflict` where a message or folder stands in it. Null: no such folder. */
  remove(owner: Address, name: string): Promise<number | null>;
}

/** Folders in SQL. */
export class SqlFolders implements FoldersWriter {
  readonly #db: Queries;

  constructor(db: Queries) {
    this.#db = db;
  }

  async list(owner: Address): Promise<readonly ListedFolder[]> {
    return (await this.#db.selectFrom("folders").selectAll().where("address", "=", owner).orderBy("name").execute()).map(toFolder);
  }

  async find(owner: Address, name: string): Promise<ListedFolder | null> {
    const query = this.#db.selectFrom("folders").selectAll().where("address", "=", owner).where("name", "=", name);
    const row = await query.executeTakeFirst();
    return row === undefined ? null : toFolder(row);
  }

  async changedAt(owner: Address): Promise<number> {
    const row = await this.#db.selectFrom("accounts").select("folders_state").where("address", "=", owner).executeTakeFirst();
    return row?.folders_state ?? 0;
  }

  async put(owner: Address, { name, messageType, parent, displayName }: Folder): Promise<number> {
    await this.#db
      .insertInto("folders")
      .values({ address: owner, name, message_type: messageType, parent, display_name: displayName })
      .onConflict((oc) => oc.columns(["address", "name"]).doUpdateSet({ parent, display_name: displayName }))
      .execute();
    return await this.#changed(owner);
  }

  async remove(owner: Address, name: string): Promise<number | null> {
    const folder = await this.find(owner, name);
    if (folder === null) return null;
    const child = await this.#db
      .selectFrom("folders")
      .select("name")
      .where("address", "=", owner)
      .where("parent", "=", name)
      .limit(1)
      .executeTakeFirst();
    if (folder.total > 0 || child !== undefined) throw new SmimpError("conflict", "this folder is not empty");
    await this.#db.deleteFrom("folders").where("address", "=", owner).where("name", "=", name).execute();
    return await this.#changed(owner);
  }

  async #changed(owner: Address): Promise<number> {
    const state = await nextState(this.#db, owner, 0);
    await this.#db.updateTable("accounts").set({ folders_state: state }).where("address", "=", owner).execute();
    return state;
  }
}

/** Counts messages that come into a folder, or leave it: `total` and `unread` are added, and may be negative. Null, the root, is not counted. */
export async function countInFolder(
  db: Queries,
  owner: Address,
  folder: string | null,
  { total, unread }: { readonly total: number; readonly unread: number },
): Promise<void> {
  if (folder === null) return;
  await db
    .updateTable("folders")
    .set((eb) => ({ total: eb("total", "+", total), unread: eb("unread", "+", unread) }))
    .where("address", "=", owner)
    .where("name", "=", folder)
    .execute();
}

function toFolder(row: Selectable<Database["folders"]>): ListedFolder {
  const { name, message_type: messageType, parent, display_name: displayName, total, unread } = row;
  return { name, messageType, parent, displayName, total, unread };
}
