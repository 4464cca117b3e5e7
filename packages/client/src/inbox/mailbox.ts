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
  type StoredMessage,
} from "@smimp/protocol";
import type { Api, CallOptions } from "../api.ts";
import { linesOf } from "../lines.ts";
import type { Self } from "../self.ts";
import type { Sessions } from "../session.ts";
import { READ_TYPES } from "./content.ts";

/** Bytes of the longest message in an answer; far more than servers take. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** What changed on the server. */
export interface MailboxChanges {
  readonly state: string;
  /** Ids that are new or, after starting over, that are there. */
  readonly present: readonly Hex32[];
  readonly updated: readonly Hex32[];
  readonly destroyed: readonly Hex32[];
}

/** The owner's mailbox on the server (protocol section 8): what a sync asks of it. */
export interface Mailbox {
  /** Everything that is there, oldest first. */
  listAll(signal?: AbortSignal): Promise<MailboxChanges>;
  /** What changed since a state, page by page. Throws `state_too_old`. */
  changes(since: string, signal?: AbortSignal): AsyncIterable<MailboxChanges>;
  /** Whole messages, in the order asked; ids that are gone are left out. */
  messages(ids: readonly Hex32[], signal?: AbortSignal): AsyncIterable<StoredMessage>;
  /** Whether a message is read; null where it is gone. */
  isRead(messageId: Hex32, signal?: AbortSignal): Promise<boolean | null>;
  setRead(messageId: Hex32, read: boolean): Promise<void>;
  /** Nothing happens where it is gone already. */
  remove(messageId: Hex32): Promise<void>;
  /** Stores archive and summary; where others stand there already, or the message is gone, they are left as they are. */
  archive(messageId: Hex32, archive: string, summary: string): Promise<void>;
}

/** Calls the owner's server. */
export function createMailbox(api: Api, sessions: Sessions, { baseUrl }: Self): Mailbox {
  const asOwner = async <Result>(work: (options: Pick<CallOptions, "token">) => Promise<Result>): Promise<Result> =>
    await sessions.with(baseUrl, async (token) => await work({ token }));

  async function* messages(ids: readonly Hex32[], signal?: AbortSignal): AsyncGenerator<StoredMessage> {
    for (let start = 0; start < ids.length; start += MAX_MESSAGES_PER_REQUEST) {
      const json = { ids: ids.slice(start, start + MAX_MESSAGES_PER_REQUEST) };
      const asked = new Set(json.ids);
      const response = await asOwner(async ({ token }) => await api.open(baseUrl, "getMessages", { token: token ?? "", json, signal }));
      for await (const line of linesOf(response.body ?? none(), MAX_MESSAGE_BYTES)) {
        if (line === "") continue;
        const message = parseShape(storedMessage, parseJson(line));
        // Each once: a stream without end, or of other things, would fill this device.
        if (!asked.delete(message.message_id)) throw new SmimpError("temporarily_unavailable", "the server answers what nobody asked for");
        yield message;
      }
    }
  }

  async function* changes(since: string, signal?: AbortSignal): AsyncGenerator<MailboxChanges> {
    for (let state = since, more = true; more;) {
      const page = await asOwner(async (options) => await api.call(baseUrl, "getChanges", { ...options, query: { since: state }, signal }));
      ({ state, more } = page);
      yield { state, present: page.created, updated: page.updated, destroyed: page.destroyed };
    }
  }

  return {
    messages,
    changes,
    listAll: async (signal) => {
      const present: Hex32[] = [];
      let first: string | undefined;
      for (const messageType of READ_TYPES) {
        for (let cursor: string | null = ""; cursor !== null;) {
          const query: Readonly<Record<string, string>> = { limit: String(MAX_FOLDER_PAGE), ...(cursor === "" ? {} : { cursor }) };
          const params = { message_type: messageType };
          const page: AnswerOf<"getFolder"> = await asOwner(
            async (options) => await api.call(baseUrl, "getFolder", { ...options, params, query, signal }),
          );
          present.push(...page.messages.map(({ message_id }) => message_id));
          // What changes while pages are read comes again with the changes since the first.
          first ??= page.state;
          cursor = page.cursor;
        }
      }
      return { state: first ?? "0", present: present.reverse(), updated: [], destroyed: [] };
    },
    isRead: async (id, signal) =>
      await unlessGone(asOwner(async (options) => await api.call(baseUrl, "getMessageRead", { ...options, params: { id }, signal }))).then(
        (answer) => answer?.read ?? null,
      ),
    setRead: async (id, read) => {
      await unlessGone(
        asOwner(async (options) => await api.call(baseUrl, "setMessageRead", { ...options, params: { id }, body: { read } })),
      );
    },
    remove: async (id) => {
      await unlessGone(asOwner(async (options) => await api.call(baseUrl, "deleteMessage", { ...options, params: { id } })));
    },
    archive: async (id, archive, summary) => {
      const headers = { "if-none-match": "*" };
      const put = asOwner(
        async (options) =>
          await api.call(baseUrl, "putMessageArchive", { ...options, params: { id }, headers, body: { archive, summary } }),
      );
      await unlessGone(put).catch((error: unknown) => {
        // An earlier answer was lost, or another device was faster: either archive opens the message.
        if (!isSmimpError(error, "precondition_failed")) throw error;
      });
    },
  };
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
