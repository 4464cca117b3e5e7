import { domainOf, listEntriesOf, type Address, type Hex32, type ListEntry as Entry, type Timestamp } from "@smimp/protocol";
import { documents } from "../storage/documents.ts";
import type { Storage, StorageReader, StorageWriter } from "../storage/storage.ts";

/** Which of the two lists. */
export type ListName = "allowlist" | "blocklist";

/** An entry as it was last seen here: what the server shows is its hash alone. */
export interface EntryDocument {
  readonly list: ListName;
  readonly entry: Entry;
  readonly hash: Hex32;
  readonly text: string;
  readonly createdAt: Timestamp;
}

const toAllow = documents<{ readonly address: Address }>("to-allow");
const entries = documents<EntryDocument>("list-entries");

/** Notes that the owner wrote to somebody who isn't let in yet: the next sync does it (protocol section 7). */
export async function noteWrittenTo(storage: Storage, writer: StorageWriter, me: Address, address: Address): Promise<void> {
  if (address === me || (await entries.get(writer, keyOf(storage, "allowlist", address))) !== null) return;
  toAllow.put(writer, storage.hiddenKey("to-allow", address), { address });
}

/** Whom the owner wrote to and who was not let in yet. */
export async function listToAllow(reader: StorageReader, limit: number): Promise<readonly Address[]> {
  return (await toAllow.list(reader, { limit })).map(({ document }) => document.address);
}

/** Notes that nothing is to be done about somebody any more. */
export function deleteToAllow(storage: Storage, writer: StorageWriter, address: Address): void {
  toAllow.delete(writer, storage.hiddenKey("to-allow", address));
}

/** An entry of a list, if this device knows of it. */
export async function getEntry(storage: Storage, reader: StorageReader, list: ListName, entry: Entry): Promise<EntryDocument | null> {
  return await entries.get(reader, keyOf(storage, list, entry));
}

/** All entries of a list that this device knows. */
export async function knownEntries(reader: StorageReader, list: ListName): Promise<readonly EntryDocument[]> {
  return (await entries.list(reader)).map(({ document }) => document).filter((each) => each.list === list);
}

/** Stores an entry. */
export function putEntry(storage: Storage, writer: StorageWriter, document: EntryDocument): void {
  entries.put(writer, keyOf(storage, document.list, document.entry), document);
}

/** Takes an entry out. */
export function deleteEntry(storage: Storage, writer: StorageWriter, { list, entry }: Pick<EntryDocument, "list" | "entry">): void {
  entries.delete(writer, keyOf(storage, list, entry));
}

/** Whether somebody is kept out, as far as this device knows: address beats domain, allow beats block (protocol section 8). */
export async function isBlocked(storage: Storage, reader: StorageReader, address: Address): Promise<boolean> {
  for (const entry of listEntriesOf(address)) {
    if ((await getEntry(storage, reader, "allowlist", entry)) !== null) return false;
    if ((await getEntry(storage, reader, "blocklist", entry)) !== null) return true;
  }
  return false;
}

/** Whether an entry is about an address. */
export function covers(entry: Entry, address: Address): boolean {
  return entry === address || entry === `#${domainOf(address)}`;
}

function keyOf(storage: Storage, list: ListName, entry: Entry): string {
  return storage.hiddenKey("list-entries", `${list} ${entry}`);
}
