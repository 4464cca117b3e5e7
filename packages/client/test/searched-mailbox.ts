import { EMAIL, hash, SmimpError, toHex32, utf8, type Address, type Hex32, type Timestamp } from "@smimp/protocol";
import type { InboxSummary } from "../src/model.ts";
import type { SearchOptions } from "../src/rooms/search.ts";
import { noteForSearch } from "../src/search/journal.ts";
import type { SearchableContent, SearchEngine } from "../src/search/model.ts";
import type { SearchFolder } from "../src/search/narrowing.ts";
import { createSearch, type SearchRoom } from "../src/search/search.ts";
import { createSqliteSearch } from "../src/search/sqlite/engine.ts";
import { createMemoryStorage } from "../src/storage/memory.ts";
import type { Storage } from "../src/storage/storage.ts";

// The real index and the real storages; the mailbox is a map.

/** Whose mailbox it is, and who writes unless said otherwise. */
export const ALICE = "alice#alpha.example" as Address;
export const BOB = "bob#beta.example" as Address;
const NOW = "2026-03-15T12:00:00Z" as Timestamp;
const FOLDERS: readonly SearchFolder[] = [
  { id: "f1", name: "Prøjects", role: null },
  { id: "f2", name: "Old", role: "archive" },
  { id: "f3", name: "Bin", role: "trash" },
];

interface Message {
  readonly summary: InboxSummary;
  readonly content: SearchableContent;
}
type Written = Partial<InboxSummary> & Partial<SearchableContent>;

/** Searches that were opened: a test closes them at its end. */
const open: SearchRoom[] = [];

/** Closes the searches of all mailboxes, the last first. */
export async function closeSearches(): Promise<void> {
  for (const search of open.splice(0).reverse()) await search.close();
}

/** Messages that a search looks through, and how often it has read one. */
export class Mailbox {
  readonly messages = new Map<Hex32, Message>();
  readonly storage: Storage;
  reads = 0;
  #number = 0;

  constructor(storage = createMemoryStorage()) {
    this.storage = storage;
  }

  search(engine: SearchEngine | null = createSqliteSearch(), storage = this.storage): SearchRoom {
    const search = createSearch({
      storage,
      engine,
      clock: () => NOW,
      summaryOf: async (messageId) => this.messages.get(messageId)?.summary ?? null,
      read: async (messageId) => {
        this.reads++;
        const message = this.messages.get(messageId);
        if (message === undefined) throw new SmimpError("not_found", "gone");
        return message.content;
      },
      nameOf: async (address) => (address === BOB ? "Bob Öztürk" : ""),
      allMessages: async function* (this: Mailbox) {
        yield [...this.messages.keys()];
      }.bind(this),
      folders: async () => FOLDERS,
    });
    open.push(search);
    return search;
  }

  async put(written: Written): Promise<Hex32> {
    const number = this.#number++;
    const messageId = written.messageId ?? toHex32(hash(utf8(`message ${number}`)));
    const { to = [ALICE], cc = [], body = "", attachments = [], ...rest } = written;
    const summary: InboxSummary = {
      messageId,
      receivedAt: `2026-01-01T00:00:${String(number % 60).padStart(2, "0")}Z` as Timestamp,
      position: number,
      from: BOB,
      state: "open",
      reason: null,
      messageType: EMAIL,
      subject: "",
      preview: body.slice(0, 20),
      attached: attachments.length,
      read: true,
      size: 1,
      own: false,
      marks: { firstContact: false, revokedKey: false, formerKey: false, notAuthenticated: false },
      fetched: true,
      ref: null,
      threadId: null,
      recipients: to,
      folder: null,
      starred: false,
      labels: [],
      imported: null,
      ...rest,
    };
    await this.storage.transact(async (writer) => {
      this.messages.set(messageId, { summary, content: { to, cc, body, attachments } });
      noteForSearch(writer, messageId);
    });
    return messageId;
  }

  async change(messageId: Hex32, changed: Partial<InboxSummary> | null): Promise<void> {
    await this.storage.transact(async (writer) => {
      const before = this.messages.get(messageId);
      if (changed === null) this.messages.delete(messageId);
      else if (before !== undefined) this.messages.set(messageId, { ...before, summary: { ...before.summary, ...changed } });
      noteForSearch(writer, messageId);
    });
  }
}

/** Ids of what a query finds. */
export const found = async (search: SearchRoom, query: string, options?: SearchOptions): Promise<readonly Hex32[]> =>
  (await search.find(query, options)).hits.map(({ messageId }) => messageId);
