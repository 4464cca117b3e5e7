import { SmimpError, type Address, type AnswerInputOf, type Hex32, type MessageType, type StoredMessage } from "@smimp/protocol";
import type { Services } from "../services.ts";
import { sealedEtag } from "../store/message-filing.ts";
import type { Changes, Message, MessageLine, SealedCondition } from "../store/messages.ts";
import { noFolder } from "./folders.ts";
import { allowedBytes } from "./quota.ts";

/** The version that messages are marked with. */
const PROTOCOL_VERSION = "1.0";
/** Entries of a folder page where no limit is asked for. */
const DEFAULT_PAGE = 100;
/** Changes told at once. */
const CHANGES_PAGE = 500;

type Mailbox = Pick<Services, "store" | "clock" | "bus">;

/** A page of a type's root folder (`name` null) or of a folder of it, newest first (protocol section 8). Throws `not_found`, `bad_request` for a wrong cursor. */
export async function listFolder(
  store: Services["store"],
  owner: Address,
  { messageType, name }: { readonly messageType: MessageType; readonly name: string | null },
  page: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
): Promise<AnswerInputOf<"getFolder">> {
  const options = { folder: name, cursor: page.cursor, limit: page.limit ?? DEFAULT_PAGE };
  const { messages, cursor, state } = await store.read(async (reader) => {
    if (name !== null && (await reader.folders.find(owner, name))?.messageType !== messageType) throw noFolder();
    return await reader.messages.page(owner, messageType, options);
  });
  return { messages: messages.map(toListing), cursor, state: String(state) };
}

/** One message; marks it as read where asked to. Throws `not_found`, for those of others as well. */
export async function readMessage({ store, bus }: Mailbox, owner: Address, id: Hex32, markRead: boolean): Promise<StoredMessage> {
  if (markRead) {
    const before = await store.read((reader) => reader.messages.find(owner, id));
    if (before?.read === false) {
      const state = await store.transact((writer) => writer.messages.setRead(owner, id, true));
      if (state !== null) bus.publish(owner, state);
    }
  }
  const message = await store.read((reader) => reader.messages.find(owner, id));
  if (message === null) throw noMessage();
  return toStoredMessage(message);
}

/** Those messages there are, in the order asked; each is read when its turn comes, so that a hundred large ones are never in memory at once. */
export async function* readMessages(store: Services["store"], owner: Address, ids: readonly Hex32[]): AsyncGenerator<StoredMessage> {
  for (const id of ids) {
    const message = await store.read((reader) => reader.messages.find(owner, id));
    if (message !== null) yield toStoredMessage(message);
  }
}

/** Deletes a message with its blobs; its id is remembered for 30 days. Throws `not_found`. */
export async function deleteMessage({ store, clock, bus }: Mailbox, owner: Address, id: Hex32): Promise<void> {
  const state = await store.transact((writer) => writer.messages.remove(owner, id, clock()));
  if (state === null) throw noMessage();
  bus.publish(owner, state);
}

/** Whether a message is read. Throws `not_found`. */
export async function isRead(store: Services["store"], owner: Address, id: Hex32): Promise<boolean> {
  const message = await store.read((reader) => reader.messages.find(owner, id));
  if (message === null) throw noMessage();
  return message.read;
}

/** Marks a message as read or unread. Throws `not_found`. */
export async function markRead({ store, bus }: Mailbox, owner: Address, id: Hex32, read: boolean): Promise<void> {
  const state = await store.transact((writer) => writer.messages.setRead(owner, id, read));
  if (state === null) throw noMessage();
  bus.publish(owner, state);
}

/** Stores the sealed message key and summary; resolves with the archive's ETag. Throws `not_found`, `precondition_failed`. */
export async function archiveMessage(
  { store, bus }: Mailbox,
  owner: Address,
  id: Hex32,
  sealed: { readonly archive: string; readonly summary: string },
  condition: SealedCondition,
): Promise<string> {
  const state = await store.transact((writer) => writer.messages.setArchive(owner, id, sealed, condition));
  if (state === null) throw noMessage();
  bus.publish(owner, state);
  return sealedEtag(sealed.archive);
}

/**
 * Stores what the owner's clients keep about a message (protocol section 8), on a condition where one is given. Throws `not_found`,
 * `precondition_failed`, `quota_exceeded` where it would take more than the account may use.
 */
export async function setExtensions(
  { store, bus, settings }: Pick<Services, "store" | "bus" | "settings">,
  owner: Address,
  id: Hex32,
  extensions: string,
  condition: SealedCondition | null,
): Promise<void> {
  const state = await store.transact(async (writer) => {
    const set = await writer.messages.setExtensions(owner, id, extensions, condition);
    const account = await writer.accounts.find(owner);
    if (set === null || account === null) throw noMessage();
    const allowed = allowedBytes(settings, account);
    // Who has too much already may still make it less.
    if (set.grownBy > 0 && allowed >= 0 && account.usedBytes > allowed) throw new SmimpError("quota_exceeded", "this mailbox is full");
    return set.state;
  });
  bus.publish(owner, state);
}

/** What happened after a state (protocol section 8). Throws `state_too_old`. */
export function readChanges(
  store: Services["store"],
  owner: Address,
  { since, listing }: { readonly since: string; readonly listing?: "true" | undefined },
): Promise<Changes> {
  const state = Number(since);
  if (!Number.isSafeInteger(state)) throw new SmimpError("state_too_old", "no such state: list the folders again");
  return store.read((reader) => reader.messages.changes(owner, state, CHANGES_PAGE, { forgotten: listing === "true" }));
}

/** Bytes used, and the limit (-1: none). */
export async function readQuota(
  { store, settings }: Pick<Services, "store" | "settings">,
  owner: Address,
): Promise<{ readonly used: number; readonly total: number }> {
  const account = await store.read((reader) => reader.accounts.find(owner));
  if (account === null) throw new SmimpError("unauthenticated", "this account is not in service");
  return { used: account.usedBytes, total: allowedBytes(settings, account) };
}

function toListing(line: MessageLine): AnswerInputOf<"getFolder">["messages"][number] {
  const { messageId, receivedAt, position, read, from, size, archive, summary } = line;
  return { message_id: messageId, received_at: receivedAt, position, read, from, size, archive, summary };
}

/** A message as it travels. */
export function toStoredMessage(message: Message): StoredMessage {
  const { messageId, envelope, receivedAt, position, receivedVia, read, folder, work, archive, summary, extensions } = message;
  return {
    message_id: messageId,
    envelope,
    received_at: receivedAt,
    position,
    received_via: receivedVia,
    read,
    folder,
    pow: work === null ? null : { parameters: work.parameters, pow: work.pow },
    archive,
    summary,
    extensions,
    protocol_version: PROTOCOL_VERSION,
  };
}

function noMessage(): SmimpError {
  return new SmimpError("not_found", "there is no such message");
}
