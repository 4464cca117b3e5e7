import type { Client, Contact, InboxSummary, OutboxEntry } from "@smimp/client";
import { serverInformation } from "@smimp/identity";
import { isSmimpError, MAX_BLOBS, parseAddress, sealedBlobSize, type Address, type BaseUrl } from "@smimp/protocol";
import type { CallTable } from "../call.ts";
import { createDesk, gotOf, type AttachedFile, type Desk, type Got, type WrittenMessage } from "../desk.ts";
import type { House } from "../house.ts";
import { keepChats, keptChats, type KeptChat } from "../kept-chats.ts";
import type { Topic } from "../protocol.ts";

export type { AttachedFile, Got, WrittenMessage } from "../desk.ts";

/** How much can be attached. */
export interface AttachmentLimits {
  /** Bytes of one file; null where the server could not be asked. */
  readonly size: number | null;
  readonly count: number;
}

/** A short message in a conversation. */
export interface ChatMessage extends Pick<
  InboxSummary,
  "messageId" | "ref" | "own" | "from" | "receivedAt" | "read" | "state" | "marks" | "imported"
> {
  readonly text: string;
  readonly attachments: readonly { readonly index: number; readonly name: string; readonly mediaType: string; readonly size: number }[];
}

/** A short message in the outbox. */
export interface PendingChat extends Pick<OutboxEntry, "id" | "ref" | "queuedAt" | "copies"> {
  readonly text: string;
  readonly attachments: readonly { readonly name: string; readonly size: number }[];
}

/** Somebody who may be meant. */
export type Suggestion = Pick<Contact, "address" | "name" | "verified">;

/** How long a list of contacts is good for suggestions, milliseconds: each letter that is typed asks for some. */
const CONTACTS_FRESH = 10_000;
/** Short messages are fetched so many at a time, where some are only listed so far. */
const FETCHED_AT_ONCE = 8;

/** Calls for writing and sending. */
export function writingCalls(
  { client, storage, fetch, sendNow }: Pick<House, "client" | "storage" | "fetch" | "sendNow">,
  changed: (...topics: Topic[]) => void,
) {
  const desks = new WeakMap<Client, Desk>();
  const limits = new Map<BaseUrl, AttachmentLimits>();
  let known: { readonly client: Client; readonly at: number; readonly list: readonly Contact[] } | null = null;

  function desk(): Desk {
    const mine = desks.get(client()) ?? createDesk(client());
    desks.set(client(), mine);
    return mine;
  }

  return {
    /** Puts a draft into the outbox: from then on it is sent as soon as it can be, also after the browser was closed. */
    "drafts.enqueue": async (_context, id: string) => {
      const entry = await client().drafts.enqueue(id);
      changed("outbox", "drafts");
      return entry;
    },
    "drafts.list": async () => await client().drafts.list(),
    "drafts.open": async (_context, id: string) => await desk().open(id),
    /** Tells how far each file is, under its key; where the call is aborted, the draft stays as it was before. */
    "drafts.save": async ({ signal, onProgress }, message: WrittenMessage, id: string | null) => {
      const onBytes = (name: string, done: number, total: number): void => onProgress({ step: "attach", to: null, name, done, total });
      const saved = await desk().save(message, id, { signal, onBytes });
      changed("drafts");
      return saved;
    },
    "drafts.standing": async (_context, id: string) => await desk().standing(id),
    "drafts.remove": async (_context, id: string) => {
      await client().drafts.remove(id);
      changed("drafts");
    },
    /** The bytes of a file that is attached to what is being written. */
    "drafts.content": async ({ signal }, key: string) => await desk().content(key, signal),

    "outbox.list": async () => await client().outbox.list(),
    "outbox.retry": async (_context, id: string) => {
      await client().outbox.retry(id);
      sendNow(id);
      changed("outbox");
    },
    /** Resolves with how many had got it by then. */
    "outbox.remove": async (_context, id: string): Promise<Got> => {
      const last = await desk().withdraw(id);
      changed("outbox", "messages");
      return gotOf(last);
    },
    /** Takes a message back, to write on it: what was not sent yet stays unsent. */
    "outbox.recall": async (_context, id: string) => {
      const recalled = await desk().recall(id);
      changed("outbox", "drafts", "messages");
      return recalled;
    },

    "chat.send": async (_context, to: readonly Address[], text: string, files: readonly AttachedFile[]) => {
      const entry = await client().outbox.enqueueShort(
        to,
        text,
        files.map((file) => desk().toAttachment(file)),
      );
      changed("outbox");
      return entry;
    },
    /** Keeps what was begun to be written in conversations, in place of what was kept before. */
    "chat.keep": async (_context, chats: readonly KeptChat[]) => await keepChats(storage(), chats),
    "chat.kept": async () => await keptChats(storage()),
    /** The newest messages of a conversation, oldest first, with their texts. */
    "chat.messages": async ({ signal }, people: readonly Address[], limit: number): Promise<readonly ChatMessage[]> => {
      const lines = (await client().inbox.conversation(people)).slice(-limit);
      const read: ChatMessage[] = [];
      for (let at = 0; at < lines.length; at += FETCHED_AT_ONCE) {
        signal.throwIfAborted();
        read.push(...(await Promise.all(lines.slice(at, at + FETCHED_AT_ONCE).map(async (line) => await chatMessage(client(), line)))));
      }
      return read;
    },
    /** Short messages to these people that are in the outbox, oldest first. */
    "chat.pending": async (_context, people: readonly Address[]): Promise<readonly PendingChat[]> => {
      const entries = (await client().outbox.list()).filter(({ messageType, copies }) => {
        const to = copies.filter(({ own }) => !own).map((each) => each.to);
        return messageType === "short-message" && sameSet(to, people);
      });
      return await Promise.all(
        entries.map(async ({ id, ref, queuedAt, copies }) => {
          const { body, attachments = [] } = await client().outbox.written(id);
          return { id, ref, queuedAt, copies, text: body, attachments: attachments.map(({ name, size }) => ({ name, size })) };
        }),
      );
    },

    /** Whether there is somebody with this address, and whether they are new to the owner. Throws what is wrong with their server or history. */
    "people.look": async (_context, address: Address): Promise<{ readonly isNew: boolean; readonly disputed: boolean }> => {
      if (address === client().address) return { isNew: false, disputed: false };
      const known = await client().contacts.get(address);
      if (known !== null) return { isNew: false, disputed: known.disputed };
      const { firstContact } = await client().contacts.resolve(address);
      changed("contacts");
      return { isNew: firstContact, disputed: false };
    },
    /** The normal forms of what was typed; null for each that is no address. */
    "people.parseAll": async (_context, texts: readonly string[]): Promise<readonly (Address | null)[]> => texts.map(addressIn),
    /** Contacts whose name or address begins with something, or has it in it. */
    "contacts.suggest": async (_context, query: string, without: readonly Address[], limit: number): Promise<readonly Suggestion[]> => {
      if (known?.client !== client() || Date.now() - known.at > CONTACTS_FRESH) {
        known = { client: client(), at: Date.now(), list: await client().contacts.list() };
      }
      return suggestions(known.list, query, without).slice(0, limit);
    },
    "server.limits": async (): Promise<AttachmentLimits> => {
      const { baseUrl } = client();
      const known = limits.get(baseUrl);
      if (known !== undefined) return known;
      try {
        const found = { size: largestContent((await serverInformation(fetch, baseUrl)).limits.blob), count: MAX_BLOBS };
        limits.set(baseUrl, found);
        return found;
      } catch (error) {
        if (isSmimpError(error)) return { size: null, count: MAX_BLOBS };
        throw error;
      }
    },

    "signature.get": async () => await client().signature.get(),
    "signature.set": async (_context, text: string | null) => {
      await client().signature.set(text);
      changed("settings");
      // The other devices have it once this one has synced; without a network that is later.
      client()
        .sync()
        .catch(() => undefined);
    },
  } satisfies CallTable;
}

async function chatMessage(client: Client, line: InboxSummary): Promise<ChatMessage> {
  const { messageId, ref, own, from, receivedAt, read, state, marks, imported, preview } = line;
  const shared = { messageId, ref, own, from, receivedAt, read, state, marks, imported };
  if (state !== "open") return { ...shared, text: "", attachments: [] };
  try {
    const message = await client.inbox.read(messageId);
    return { ...shared, ref: message.ref, text: message.body, attachments: message.attachments };
  } catch (error) {
    // Only listed so far, and its server is away: its beginning is here.
    if (isSmimpError(error)) return { ...shared, text: preview, attachments: [] };
    throw error;
  }
}

function sameSet(some: readonly Address[], others: readonly Address[]): boolean {
  const [left, right] = [new Set(some), new Set(others)];
  return left.size === right.size && [...left].every((each) => right.has(each));
}

/** Bytes of the largest content whose blob is within a limit. */
function largestContent(limit: number): number {
  let [fits, tooMuch] = [0, limit + 1];
  while (tooMuch - fits > 1) {
    const middle = Math.floor((fits + tooMuch) / 2);
    if (sealedBlobSize(middle) <= limit) fits = middle;
    else tooMuch = middle;
  }
  return fits;
}

function addressIn(text: string): Address | null {
  try {
    return parseAddress(text.trim());
  } catch (error) {
    if (isSmimpError(error)) return null;
    throw error;
  }
}

/** First those that begin with it. */
function suggestions(contacts: readonly Contact[], query: string, without: readonly Address[]): readonly Suggestion[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return [];
  const rank = ({ address, name }: Contact): number => {
    const texts = [address, (name ?? "").toLowerCase()];
    if (texts.some((text) => text.startsWith(wanted) || text.includes(` ${wanted}`))) return 0;
    return texts.some((text) => text.includes(wanted)) ? 1 : 2;
  };
  return contacts
    .filter((contact) => rank(contact) < 2 && !without.includes(contact.address))
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ address, name, verified }) => ({ address, name, verified }));
}
