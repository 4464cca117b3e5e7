import { MAX_FOLDER_DEPTH, SmimpError, type Address, type Hex32, type MessageType } from "@smimp/protocol";
import type { Services } from "../services.ts";
import type { Folder, ListedFolder } from "../store/folders.ts";

type Deps = Pick<Services, "store" | "bus" | "settings">;

/** An account's folders, or those of one message type (protocol section 8). */
export async function listFolders(store: Services["store"], owner: Address, messageType?: MessageType): Promise<readonly ListedFolder[]> {
  const folders = await store.read((reader) => reader.folders.list(owner));
  return messageType === undefined ? folders : folders.filter((folder) => folder.messageType === messageType);
}

/**
 * Makes a folder (protocol section 8). The same once more is fine, for the answer may have been lost. Throws `conflict` where another folder
 * has this name, `quota_exceeded`, `not_found` for a parent that there isn't in this type.
 */
export async function createFolder({ store, bus, settings }: Deps, owner: Address, folder: Folder): Promise<void> {
  const state = await store.transact(async (writer) => {
    const folders = await writer.folders.list(owner);
    const known = folders.find(({ name }) => name === folder.name);
    if (known !== undefined) {
      if (isSame(known, folder)) return null;
      throw new SmimpError("conflict", "another folder has this name");
    }
    const { folders: most } = settings.quotas;
    if (folders.length >= most) throw new SmimpError("quota_exceeded", `an account has ${most} folders at the most`);
    assertPlace(folders, folder);
    return await writer.folders.put(owner, folder);
  });
  if (state !== null) bus.publish(owner, state);
}

/**
 * Changes parent and display name of a folder (protocol section 8). Throws `not_found` for the folder or its new parent, `bad_request`
 * where name or type would change, `conflict` where it would stand in itself or too deep.
 */
export async function changeFolder(
  { store, bus }: Pick<Deps, "store" | "bus">,
  owner: Address,
  name: string,
  folder: Folder,
): Promise<void> {
  if (folder.name !== name) throw new SmimpError("bad_request", "a folder keeps its name: what people see is the display name");
  const state = await store.transact(async (writer) => {
    const folders = await writer.folders.list(owner);
    const known = folders.find((each) => each.name === name);
    if (known === undefined) throw noFolder();
    if (known.messageType !== folder.messageType) throw new SmimpError("bad_request", "a folder keeps its message type");
    if (isSame(known, folder)) return null;
    assertPlace(folders, folder);
    return await writer.folders.put(owner, folder);
  });
  if (state !== null) bus.publish(owner, state);
}

/** Deletes an empty folder (protocol section 8). Throws `not_found`, `conflict` where something stands in it. */
export async function deleteFolder({ store, bus }: Pick<Deps, "store" | "bus">, owner: Address, name: string): Promise<void> {
  const state = await store.transact((writer) => writer.folders.remove(owner, name));
  if (state === null) throw noFolder();
  bus.publish(owner, state);
}

/** Moves a message to a folder of its type, or with null to the root (protocol section 8). Throws `not_found` for either. */
export async function moveMessage(
  { store, bus }: Pick<Deps, "store" | "bus">,
  owner: Address,
  id: Hex32,
  folder: string | null,
): Promise<void> {
  const state = await store.transact((writer) => writer.messages.move(owner, id, folder));
  if (state === null) throw new SmimpError("not_found", "there is no such message");
  bus.publish(owner, state);
}

/** What is said of a folder that there isn't, or that is somebody else's. */
export function noFolder(): SmimpError {
  return new SmimpError("not_found", "there is no such folder");
}

function isSame(a: Folder, b: Folder): boolean {
  return a.messageType === b.messageType && a.parent === b.parent && a.displayName === b.displayName;
}

/** Whether a folder may stand where it says: below a folder of its type, not in itself, and with all that is below it not too deep. */
export function assertPlace(folders: readonly Folder[], folder: Folder): void {
  if (folder.parent === null) return;
  const byName = new Map(folders.map((each) => [each.name, each]));
  let above = 0;
  for (let name: string | null = folder.parent; name !== null; above++) {
    if (name === folder.name) throw new SmimpError("conflict", "a folder can't stand in itself");
    const parent: Folder | undefined = byName.get(name);
    if (parent?.messageType !== folder.messageType) throw new SmimpError("not_found", "there is no such parent for this type of message");
    name = parent.parent;
  }
  if (above + height(folders, folder.name) > MAX_FOLDER_DEPTH) {
    throw new SmimpError("conflict", `folders stand ${MAX_FOLDER_DEPTH} deep at the most`);
  }
}

/** Levels from a folder down to the deepest one in it, itself counted. */
function height(folders: readonly Folder[], name: string): number {
  let levels = 1;
  let level = new Set([name]);
  for (;;) {
    level = new Set(folders.filter(({ parent }) => parent !== null && level.has(parent)).map((each) => each.name));
    if (level.size === 0) return levels;
    levels++;
  }
}
