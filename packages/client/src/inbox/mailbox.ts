import {
  isSmimpError,
  MAX_FOLDER_PAGE,
  MAX_MESSAGES_PER_REQUEST,
  parseJson,
  parseShape,
  SmimpError,
  storedMessage,
  type AnswerOf,
  type Hex32,
  type MessageListing,
  type MessageType,
  type StoredMessage,
} from "@smimp/protocol";
import type { Api, CallOptions } from "../api.ts";
import { linesOf } from "../lines.ts";
import type { Self } from "../self.ts";
import type { Sessions } from "../session.ts";

/** Bytes of the longest message in an answer; far more than servers take. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Pages of changes that are taken at once; what is left comes with the next sync. */
const MAX_CHANGE_PAGES = 4_000;
/** Messages of a folder that are listed: a server that lists more makes them up, or this is no client for its owner. */
export const MAX_LISTED = 1_000_000;

/** What changed on the server. */
export interface MailboxChanges {
  readonly state: string;
  readonly created: readonly Hex32[];
  readonly updated: readonly Hex32[];
  readonly destroyed: readonly Hex32[];
  /** Folders were made, changed or deleted. */
  readonly folders: boolean;
}

/** A page of a folder. */
export interface MailboxPage {
  readonly messages: readonly MessageListing[];
  readonly state: string;
}

/** A line of `messages` that could not be read: what came of the message it stood for is asked later. */
export type Delivered = StoredMessage | "unreadable";

/** The owner's mailbox on the server (protocol section 8): what a sync asks of it. */
export interface Mailbox {
  /** A folder of a type, or with null its root, newest first. Throws `temporarily_unavailable` for a listing without end. */
  list(messageType: MessageType, folder: string | null, signal?: AbortSignal): AsyncIterable<MailboxPage>;
  /** What changed since a state, page by page. Throws `state_too_old`, `temporarily_unavailable` for changes that lead nowhere. */
  changes(since: string, signal?: AbortSignal): AsyncIterable<MailboxChanges>;
  /** The ids of all messages, of whatever type, page by page. Throws `temporarily_unavailable` for a listing without end. */
  listIds(signal?: AbortSignal): AsyncIterable<readonly Hex32[]>;
  /** Whole messages, in the order asked; ids that are gone are left out. */
  messages(ids: readonly Hex32[], signal?: AbortSignal): AsyncIterable<Delivered>;
  setRead(messageId: Hex32, read: boolean): Promise<void>;
  move(messageId: Hex32, folder: string | null): Promise<void>;
  /** Stores what the owner's devices note of a message, in place of what has that ETag, or null: of nothing. Throws `precondition_failed`. */
  setExtensions(messageId: Hex32, extensions: string, etag: string | null): Promise<void>;
  /** Nothing happens where it is gone already. */
  remove(messageId: Hex32): Promise<void>;
  /** Stores archive and summary; whether it did: where others stand there already, or the message is gone, they are left as they are. */
  archive(messageId: Hex32, archive: string, summary: string): Promise<boolean>;
}

/** Calls the owner's server. */
export function createMailbox(api: Api, sessions: Sessions, self: Self): Mailbox {
  const asOwner = async <Result>(work: (options: Pick<CallOptions, "token">) => Promise<Result>): Promise<Result> =>
    await sessions.with(self.baseUrl, async (token) => await work({ token }));

  async function* messages(ids: readonly Hex32[], signal?: AbortSignal): AsyncGenerator<Delivered> {
    for (let start = 0; start < ids.length; start += MAX_MESSAGES_PER_REQUEST) {
      const json = { ids: ids.slice(start, start + MAX_MESSAGES_PER_REQUEST) };
      const asked = new Set(json.ids);
      let left = asked.size;
      const response = await asOwner(
        async ({ token }) => await api.open(self.baseUrl, "getMessages", { token: token ?? "", json, signal }),
      );
      for await (const line of linesOf(response.body ?? none(), MAX_MESSAGE_BYTES)) {
        if (line === "") continue;
        const message = readLine(line);
        // Each once: a stream without end, or of other things, would fill this device.
        if (left-- <= 0 || (message !== "unreadable" && !asked.delete(message.message_id))) {
          throw new SmimpError("temporarily_unavailable", "the server answers what nobody asked for");
        }
        yield message;
      }
    }
  }

  async function* changes(since: string, signal?: AbortSignal, listing?: "true"): AsyncGenerator<MailboxChanges> {
    let state = since;
    for (let page = 0; page < MAX_CHANGE_PAGES; page++) {
      const query = { since: state, ...(listing === undefined ? {} : { listing }) };
      const answer = await asOwner(async (options) => await api.call(self.baseUrl, "getChanges", { ...options, query, signal }));
      const { created, updated, destroyed, folders = false, more } = answer;
      // Each page leads on, or there is no end to asking.
      const leadsOn = BigInt(answer.state) > BigInt(state) && (folders || created.length + updated.length + destroyed.length > 0);
      if (more && !leadsOn) throw new SmimpError("temporarily_unavailable", "the server's changes lead nowhere");
      ({ state } = answer);
      yield { state, created, updated, destroyed, folders };
      if (!more) return;
    }
  }

  async function* list(messageType: MessageType, folder: string | null, signal?: AbortSignal): AsyncGenerator<MailboxPage> {
    const seen = new Set<string>();
    let listed = 0;
    for (let cursor: string | null = ""; cursor !== null;) {
      const query: Readonly<Record<string, string>> = { limit: String(MAX_FOLDER_PAGE), ...(cursor === "" ? {} : { cursor }) };
      const params = { message_type: messageType };
      const page: AnswerOf<"getFolder"> = await asOwner(async (options) => {
        const call = { ...options, query, signal };
        if (folder === null) return await api.call(self.baseUrl, "getFolder", { ...call, params });
        return await api.call(self.baseUrl, "getNamedFolder", { ...call, params: { ...params, name: folder } });
      });
      yield page;
      listed += page.messages.length;
      const endless = page.cursor !== null && (page.messages.length === 0 || seen.has(page.cursor) || listed > MAX_LISTED);
      if (endless) throw new SmimpError("temporarily_unavailable", "the server's list has no end");
      ({ cursor } = page);
      if (cursor !== null) seen.add(cursor);
    }
  }

  return {
    list,
    messages,
    changes: (since, signal) => changes(since, signal),
    listIds: async function* (signal) {
      for await (const { created } of changes("0", signal, "true")) yield created;
    },
    setRead: async (id, read) => {
      await unlessGone(
        asOwner(async (options) => await api.call(self.baseUrl, "setMessageRead", { ...options, params: { id }, body: { read } })),
      );
    },
    move: async (id, folder) => {
      await asOwner(async (options) => await api.call(self.baseUrl, "moveMessage", { ...options, params: { id }, body: { folder } }));
    },
    setExtensions: async (id, extensions, etag) => {
      const headers: Record<string, string> = etag === null ? { "if-none-match": "*" } : { "if-match": etag };
      await asOwner(
        async (options) =>
          await api.call(self.baseUrl, "setMessageExtensions", { ...options, params: { id }, headers, body: { extensions } }),
      );
    },
    remove: async (id) => {
      await unlessGone(asOwner(async (options) => await api.call(self.baseUrl, "deleteMessage", { ...options, params: { id } })));
    },
    archive: async (id, archive, summary) => {
      const headers = { "if-none-match": "*" };
      const put = asOwner(async (options) => {
        await api.call(self.baseUrl, "putMessageArchive", { ...options, params: { id }, headers, body: { archive, summary } });
        return true;
      });
      return await unlessGone(put).then(
        (done) => done ?? false,
        (error: unknown) => {
          // An earlier answer was lost, or another device was faster: either archive opens the message.
          if (isSmimpError(error, "precondition_failed")) return false;
          throw error;
        },
      );
    },
  };
}

function readLine(line: string): Delivered {
  try {
    return parseShape(storedMessage, parseJson(line));
  } catch (error) {
    if (isSmimpError(error)) return "unreadable";
    throw error;
  }
}

async function unlessGone<Answer>(call: Promise<Answer>): Promise<Answer | null> {
  try {
    return await call;
  } catch (error) {
    if (isSmimpError(error, "not_found")) return null;
    throw error;
  }
}

async function* none(): AsyncGenerator<Uint8Array> {}
