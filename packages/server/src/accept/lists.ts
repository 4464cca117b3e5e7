import {
  listEntriesOf,
  listEntryHash,
  MAX_LIST_ENTRIES,
  MAX_LIST_PAGE,
  parseListEntry,
  SmimpError,
  type Address,
  type Hex32,
  type Timestamp,
} from "@smimp/protocol";
import type { Services } from "../services.ts";
import type { Account } from "../store/accounts.ts";
import type { ListEntryRow, ListName } from "../store/list-entries.ts";
import type { StoreReader } from "../store/store.ts";

/** How a sender stands in a recipient's lists. */
export type Standing = "allowed" | "blocked" | "unlisted";

/** One page of a list, and what to ask the next one with; null: this is the last. */
export interface ListPage {
  readonly entries: readonly ListEntryRow[];
  readonly cursor: Hex32 | null;
}

/** A page of one of an owner's lists, in the order of the hashes (protocol section 8). */
export async function readList(store: Services["store"], owner: Address, list: ListName, after: Hex32 | undefined): Promise<ListPage> {
  const found = await store.read((reader) => reader.listEntries.page(owner, list, { after, limit: MAX_LIST_PAGE + 1 }));
  const entries = found.slice(0, MAX_LIST_PAGE);
  return { entries, cursor: found.length > entries.length ? (entries.at(-1)?.hash ?? null) : null };
}

/**
 * Adds an address or `#domain` to a list, or replaces the note of one that stands there (protocol section 8). Resolves with its hash, all
 * that is kept of it. Throws `bad_address`, `quota_exceeded`.
 */
export async function addToList(
  { store, clock }: Pick<Services, "store" | "clock">,
  owner: Address,
  list: ListName,
  { entry: text, note }: { readonly entry: string; readonly note: string | null },
): Promise<Hex32> {
  const entry = parseListEntry(text);
  return await store.transact(async (writer) => {
    const account = await writer.accounts.find(owner);
    if (account === null) throw new SmimpError("unauthenticated", "this account is not in service");
    const hash = listEntryHash(account.listKey, entry);
    const isNew = (await writer.listEntries.find(owner, list, hash)) === null;
    if (isNew && (await writer.listEntries.count(owner, list)) >= MAX_LIST_ENTRIES) {
      throw new SmimpError("quota_exceeded", `a list has ${MAX_LIST_ENTRIES} entries at the most`);
    }
    await writer.listEntries.put(owner, list, { hash, note, createdAt: clock() });
    return hash;
  });
}

/** Takes an entry off a list. Throws `not_found`. */
export async function removeFromList(store: Services["store"], owner: Address, list: ListName, hash: Hex32): Promise<void> {
  if (!(await store.transact((writer) => writer.listEntries.remove(owner, list, hash)))) {
    throw new SmimpError("not_found", "there is no such entry");
  }
}

/** How a sender stands with an account: address beats domain, allow beats block (protocol section 8). Nobody keeps themselves out. */
export async function standingOf(reader: StoreReader, recipient: Account, sender: Address): Promise<Standing> {
  if (sender === recipient.address) return "unlisted";
  const hashes = listEntriesOf(sender).map((entry) => listEntryHash(recipient.listKey, entry));
  const standing = await reader.listEntries.standing(recipient.address, hashes);
  for (const hash of hashes) {
    const lists = standing.filter((each) => each.hash === hash).map(({ list }) => list);
    if (lists.length > 0) return lists.includes("allowlist") ? "allowed" : "blocked";
  }
  return "unlisted";
}

/** What is said of an account that is out of service, doesn't exist yet or any more, or has blocked the sender: always the same (protocol section 8). */
function notAccepted(): SmimpError {
  return new SmimpError("not_accepted", "this recipient takes no messages");
}

/**
 * The account that a message is for, if it takes messages of this sender, and how the sender stands in its lists. Blocked, closed and uninitialised
 * recipients are all `not_accepted` (protocol section 8). Throws `unknown_user` for an address that nobody ever had.
 */
export async function recipientOf(
  reader: StoreReader,
  address: Address,
  sender: Address,
  now: Timestamp,
): Promise<{ readonly recipient: Account; readonly standing: Standing }> {
  const account = await reader.accounts.find(address);
  const standing = account === null ? "unlisted" : await standingOf(reader, account, sender);
  if (account !== null && account.disabledAt === null && standing !== "blocked") return { recipient: account, standing };
  if (account === null && !(await reader.accounts.isTaken(address)) && !(await reader.invites.isOpenFor(address, now))) {
    throw new SmimpError("unknown_user", "there is no such account");
  }
  throw notAccepted();
}
