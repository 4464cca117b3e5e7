import {
  archiveKeyIdOf,
  DAY,
  fromB64,
  isSmimpError,
  openSummary,
  secondsBetween,
  SmimpError,
  TOMBSTONE_LIFE,
  type Hex32,
  type MessageListing,
  type MessageType,
} from "@smimp/protocol";
import { archiveKey } from "../archive-keys.ts";
import type { FolderDocument } from "../folders/documents.ts";
import type { InboxSummary } from "../model.ts";
import type { Self } from "../self.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { NO_MARKS } from "./arrival.ts";
import { LISTED_TYPES, placeOf } from "./content.ts";
import {
  getMessage,
  getSyncedAt,
  listKeyOf,
  listMessages,
  putMessage,
  putSyncState,
  setToArchive,
  wasRemoved,
  type MessageDocument,
} from "./documents.ts";
import { MAX_LISTED } from "./mailbox.ts";
import { setToFetch, setToRefresh } from "./due.ts";
import { fetchMessages, type FetchParts, type SyncRun } from "./fetching.ts";
import { forgetMessage } from "./forgetting.ts";
import { applyServerState } from "./server-state.ts";
import { putSummary, readAhead } from "./summaries.ts";

/** Messages that are looked through at once. */
const PAGE = 50;
/** Whoever was here less long ago than this has heard of every deletion, whatever the clocks say: servers remember them for 30 days. */
const HEARD_OF_ALL = TOMBSTONE_LIFE - DAY;

/** Where a listed message stands. */
interface Listed {
  readonly messageType: MessageType;
  readonly folder: string | null;
}

/**
 * Lists the whole mailbox: of a device that is new, or that was away for longer than the server remembers. What another device has
 * archived is shown by its summary and fetched later (protocol section 8); everything else is fetched now. What is on the server no
 * more goes here as well, unless this device was here lately: then nobody has deleted it, and the server has lost it. Returns the
 * state from which on changes are to be followed.
 */
export async function listEverything(parts: FetchParts, run: SyncRun, wasHere: boolean): Promise<string> {
  const { storage, mailbox, self, clock } = parts;
  const lastHere = await getSyncedAt(storage);
  const present = new Set<Hex32>();
  let state: string | null = null;
  let told = false;
  const tell = (messages: number, more: boolean): void => {
    told = true;
    run.note({ summary: null, notice: null, event: { type: "listed", messages, more } });
  };
  for (const place of placesOf(await parts.folders.refresh(run.signal))) {
    for await (const page of mailbox.list(place.messageType, place.folder, run.signal)) {
      // What changes while pages are read comes again with the changes since the first.
      state ??= page.state;
      for (const { message_id } of page.messages) present.add(message_id);
      assertBounded(present);
      const left = await noteListings({ storage, self }, page.messages, place);
      const listed = page.messages.length - left.length;
      if (listed > 0) tell(listed, true);
      await fetchMessages(parts, run, left);
    }
  }
  // Applications' messages stand in folders whose names only they know; the changes since the beginning name every message.
  for await (const ids of mailbox.listIds(run.signal)) {
    const unknown = ids.filter((messageId) => !present.has(messageId));
    for (const messageId of ids) present.add(messageId);
    assertBounded(present);
    await fetchMessages(parts, run, await notHere(storage, unknown));
  }
  if (wasHere) await forgetAbsent(parts, run, present, lastHere !== null && secondsBetween(lastHere, clock()) < HEARD_OF_ALL);
  const from = state ?? "0";
  await storage.transact(async (writer) => putSyncState(writer, from, clock()));
  if (told) tell(0, false);
  return from;
}

/** No folder ends a list that the next one goes on with. */
function assertBounded(present: ReadonlySet<Hex32>): void {
  if (present.size > MAX_LISTED) throw new SmimpError("temporarily_unavailable", "the server lists more messages than anybody has");
}

/** The roots of all types that have names to be known by, and their folders. */
function placesOf(folders: readonly FolderDocument[]): readonly Listed[] {
  return LISTED_TYPES.flatMap((messageType) => [
    { messageType, folder: null },
    ...folders.filter(({ message_type }) => message_type === messageType).map(({ name }) => ({ messageType, folder: name })),
  ]);
}

/** Notes a page of a list; resolves with the messages that have to be fetched to be known. */
async function noteListings(parts: ListingParts, listings: readonly MessageListing[], place: Listed): Promise<readonly Hex32[]> {
  return await parts.storage.transact(async (writer) => {
    const left: Hex32[] = [];
    // Side by side, which takes a fraction of one after the other; what is read here is not read again below.
    const summaries = await Promise.all(
      listings.map(async (listing) => {
        const { message_id: messageId } = listing;
        const [isRemoved, message] = await Promise.all([wasRemoved(writer, messageId), getMessage(writer, messageId)]);
        return isRemoved || message !== null || placeOf(place.messageType) !== "inbox"
          ? null
          : await summaryOf(parts.self, writer, listing, place);
      }),
    );
    await readAhead(
      parts.storage,
      writer,
      summaries.filter((summary) => summary !== null),
    );
    for (const [index, listing] of listings.entries()) {
      if (!(await noteListing(parts, writer, listing, { ...place, summary: summaries[index] ?? null }))) left.push(listing.message_id);
    }
    return left;
  });
}

interface ListingParts {
  readonly storage: Storage;
  readonly self: Self;
}

/** Notes a listed message without fetching it; false where it has to be fetched to be known. */
async function noteListing(
  { storage }: ListingParts,
  writer: StorageWriter,
  listing: MessageListing,
  { folder, summary }: Listed & { readonly summary: InboxSummary | null },
): Promise<boolean> {
  const messageId = listing.message_id;
  if (await wasRemoved(writer, messageId)) return true;
  if ((await getMessage(writer, messageId)) !== null) {
    await applyServerState(storage, writer, messageId, { read: listing.read, folder });
    await archiveAgain(writer, listing);
    // What was noted about it stands in no listing.
    setToRefresh(writer, messageId, true);
    return true;
  }
  if (summary === null) return false;
  const listKey = listKeyOf(summary);
  const message: MessageDocument = {
    messageId,
    place: "inbox",
    listKey,
    envelope: null,
    archive: listing.archive,
    sealedSummary: listing.summary,
    archived: true,
    keyId: null,
    extensions: null,
  };
  putMessage(writer, message);
  await putSummary(storage, writer, summary);
  setToFetch(writer, listKey, messageId);
  return true;
}

/** A server that has lost an archive, or to which the account moved before it was made, gets it again: nothing else opens the message. */
async function archiveAgain(writer: StorageWriter, { message_id: messageId, archive }: MessageListing): Promise<void> {
  const message = await getMessage(writer, messageId);
  if (archive === null && message !== null && message.archive !== null && message.place !== "none") setToArchive(writer, messageId, true);
}

/** The line that another device's summary makes: it had verified the message, and nobody else could have sealed it. */
async function summaryOf(
  { address: me }: Self,
  writer: StorageWriter,
  listing: MessageListing,
  { messageType, folder }: Listed,
): Promise<InboxSummary | null> {
  const { message_id: messageId, archive, summary, received_at: receivedAt, position } = listing;
  if (archive === null || summary === null || (await archiveKey(writer, archiveKeyIdOf(fromB64(archive)))) === null) return null;
  try {
    const sealed = fromB64(summary);
    const key = await archiveKey(writer, archiveKeyIdOf(sealed));
    if (key === null) return null;
    const { subject, text, from, to = [], thread, marks = [], imported } = openSummary(key, messageId, sealed);
    if (from === undefined) return null;
    const own = from === me && imported === undefined;
    const at = imported?.at ?? null;
    return {
      messageId,
      receivedAt: at !== null && at < receivedAt ? at : receivedAt,
      position,
      from,
      state: "open",
      reason: null,
      messageType,
      subject,
      preview: text,
      attached: 0,
      read: listing.read || own,
      size: listing.size,
      own,
      marks: {
        ...NO_MARKS,
        firstContact: marks.includes("first_contact"),
        revokedKey: marks.includes("revoked_key"),
        formerKey: marks.includes("former_key"),
        notAuthenticated: marks.includes("not_authenticated") || imported !== undefined,
      },
      fetched: false,
      ref: null,
      threadId: thread ?? null,
      recipients: to,
      folder,
      starred: false,
      labels: [],
      imported: imported === undefined ? null : { from: imported.from, to: [], cc: [], date: imported.at, messageId: null },
    };
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return null;
  }
}

async function notHere(storage: Storage, ids: readonly Hex32[]): Promise<readonly Hex32[]> {
  const unknown: Hex32[] = [];
  for (const messageId of ids) {
    if ((await getMessage(storage, messageId)) === null && !(await wasRemoved(storage, messageId))) unknown.push(messageId);
  }
  return unknown;
}

/** Another device deleted these, longer ago than the server remembers; or the server has lost them: then what is here whole is kept. */
async function forgetAbsent({ storage, clock }: FetchParts, run: SyncRun, present: ReadonlySet<Hex32>, lost: boolean): Promise<void> {
  for (let after: string | undefined; ;) {
    const page: readonly MessageDocument[] = await listMessages(storage, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.messageId;
    const absent = page.filter(({ messageId, onlyHere }) => !present.has(messageId) && onlyHere !== true);
    const kept = absent.filter(({ envelope }) => lost && envelope !== null);
    const gone = absent.filter((message) => !kept.includes(message));
    await storage.transact(async (writer) => {
      for (const message of kept) putMessage(writer, { ...message, onlyHere: true });
      for (const { messageId } of gone) await forgetMessage(storage, writer, messageId, clock());
    });
    for (const { messageId } of gone) run.note({ summary: null, notice: null, event: { type: "removed", messageId } });
  }
}
