import type { Client, Draft, DraftAttachment, OutboxEntry } from "@smimp/client";
import { isSmimpError, SmimpError, type Address, type Hex32 } from "@smimp/protocol";

// Where messages are written. What is attached crosses from the page once: from then on its bytes are the mailbox's, and a key names it.

/** A file that is attached. */
export interface AttachedFile {
  /** Names it among everything that is being written. */
  readonly key: string;
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  /** Its bytes, or where in the mailbox they are; null where the engine has them from before. */
  readonly content: Blob | { readonly messageId: Hex32; readonly index: number } | null;
}

/** A message as it is written in the page. */
export interface WrittenMessage extends Omit<Draft, "attachments"> {
  readonly attachments: readonly AttachedFile[];
}

/** A draft that was saved. */
export interface SavedDraft {
  readonly id: string;
  /** The draft that another device made of it meanwhile: both are kept. */
  readonly elsewhere: string | null;
}

/** A draft, to be written on. */
export interface OpenedDraft {
  readonly id: string;
  readonly savedAt: string;
  readonly message: WrittenMessage;
}

/** How many of its recipients got a message before it was taken back. */
export type Got = "nobody" | "some" | "all";

/**
 * A message that was taken back before it was sent: a draft again, to those who haven't got it, with how many got it while it was taken
 * back; or a short message with what stood in it, and how many have got it.
 */
export type Recalled =
  | { readonly kind: "draft"; readonly draftId: string; readonly got: Got }
  | {
      readonly kind: "short";
      readonly people: readonly Address[];
      readonly text: string;
      readonly files: readonly AttachedFile[];
      readonly got: Got;
    };

/** Who waits until files are in the mailbox. */
export interface AttachingWatch {
  readonly signal: AbortSignal;
  /** So many bytes of a file are there. */
  readonly onBytes: (key: string, done: number, total: number) => void;
}

/** Writing, with a client. */
export interface Desk {
  open(id: string): Promise<OpenedDraft>;
  /** Saves a draft in place of the one that it was opened from, unless another device has changed that: then beside it. */
  save(message: WrittenMessage, id: string | null, watch?: AttachingWatch): Promise<SavedDraft>;
  /** Whether a draft is as it was when it was last opened or saved here. */
  standing(id: string): Promise<"same" | "changed" | "gone">;
  /** The bytes of what is attached somewhere. */
  content(key: string, signal: AbortSignal): Promise<Blob>;
  toAttachment(file: AttachedFile, watch?: AttachingWatch): DraftAttachment;
  recall(id: string): Promise<Recalled>;
  /** Takes a message out of the outbox; where nobody got it, also what stands among the sent ones of it. */
  withdraw(id: string, keep?: (entry: OutboxEntry) => Promise<void>): Promise<OutboxEntry | null>;
}

/** Makes the desk of a client. */
export function createDesk(client: Client): Desk {
  const kept = new Map<string, DraftAttachment>();
  /** Drafts as they were when they were last opened or saved here. */
  const seen = new Map<string, Print>();

  function keep(attachments: readonly DraftAttachment[], keys: readonly string[]): readonly AttachedFile[] {
    return attachments.map((attachment, index) => {
      const key = keys[index] ?? crypto.randomUUID();
      kept.set(key, attachment);
      const { name, mediaType, size } = attachment;
      return { key, name, mediaType, size, content: null };
    });
  }

  async function stored(id: string): Promise<{ readonly draft: Draft; readonly savedAt: string } | null> {
    try {
      return await client.drafts.get(id);
    } catch (error) {
      if (isSmimpError(error, "not_found")) return null;
      throw error;
    }
  }

  /** Where what was written here goes on: another device's version may have taken its place, and ours another id. */
  async function placeOf(id: string): Promise<{ readonly id: string | null; readonly elsewhere: string | null }> {
    const last = seen.get(id);
    const now = await stored(id);
    if (now === null || last === undefined || same(printOf(now.draft), last)) return { id, elsewhere: null };
    for (const other of await client.drafts.list()) {
      if (other.id === id || [...seen.keys()].includes(other.id)) continue;
      const draft = await stored(other.id);
      // Attachments that only the other device had may be gone with the version that they were in.
      if (draft !== null && printOf(draft.draft).text === last.text) return { id: other.id, elsewhere: id };
    }
    return { id: null, elsewhere: id };
  }

  function toAttachment({ key, name, mediaType, size, content }: AttachedFile, watch?: AttachingWatch): DraftAttachment {
    const before = kept.get(key);
    if (before !== undefined) return before;
    if (content === null) throw new TypeError("the engine knows no attachment of this name");
    return {
      name,
      mediaType,
      size,
      open: () => {
        const pieces =
          content instanceof Blob
            ? piecesOf(content)
            : client.inbox.attachment(content.messageId, content.index, watch === undefined ? {} : { signal: watch.signal });
        return watch === undefined ? pieces : watched(pieces, { key, size }, watch);
      },
    };
  }

  async function save(message: WrittenMessage, before: string | null, watch?: AttachingWatch): Promise<SavedDraft> {
    const { id, elsewhere } = before === null ? { id: null, elsewhere: null } : await placeOf(before);
    const draft = { ...message, attachments: message.attachments.map((file) => toAttachment(file, watch)) };
    const saved = await client.drafts.save(draft, id ?? undefined);
    const now = await stored(saved.id);
    if (now !== null) {
      seen.set(saved.id, printOf(now.draft));
      const keys = message.attachments.map(({ key }) => key);
      if (now.draft.attachments?.length === keys.length) keep(now.draft.attachments, keys);
    }
    return { id: saved.id, elsewhere };
  }

  async function openDraft(id: string): Promise<OpenedDraft> {
    const { draft, savedAt } = await client.drafts.get(id);
    seen.set(id, printOf(draft));
    return { id, savedAt, message: { ...draft, attachments: keep(draft.attachments ?? [], []) } };
  }

  async function withdraw(id: string, keep?: (entry: OutboxEntry) => Promise<void>): Promise<OutboxEntry | null> {
    const entry = await client.outbox.remove(id, keep === undefined ? {} : { keep });
    await forgetCopy(entry?.copies ?? []);
    return entry;
  }

  /** Takes the own copy of what nobody got out of the sent ones. */
  async function forgetCopy(copies: OutboxEntry["copies"]): Promise<void> {
    const own = copies.find((copy) => copy.own && copy.state === "sent")?.messageId ?? null;
    if (own === null || copies.some((copy) => !copy.own && copy.state === "sent")) return;
    try {
      await client.inbox.remove(own);
    } catch (error) {
      // Without a network it stays: what is taken back is taken back all the same.
      if (!isSmimpError(error)) throw error;
    }
  }

  return {
    open: openDraft,
    save,
    withdraw,
    toAttachment,
    standing: async (id) => {
      const now = await stored(id);
      if (now === null) return "gone";
      const last = seen.get(id);
      return last === undefined || same(printOf(now.draft), last) ? "same" : "changed";
    },
    content: async (key, signal) => {
      const attachment = kept.get(key);
      if (attachment === undefined) throw new TypeError("the engine knows no attachment of this name");
      return await blobOf(attachment, signal);
    },
    recall: async (id) => {
      const before = await client.outbox.get(id);
      const written = await client.outbox.written(id);
      if (before?.messageType === "short-message") {
        let blobs: readonly Blob[] = [];
        const last = await withdraw(id, async () => {
          blobs = await Promise.all((written.attachments ?? []).map(async (each) => await blobOf(each)));
        });
        const files = keep(written.attachments ?? [], []).map((file, index) => ({ ...file, content: blobs[index] ?? null }));
        for (const { key } of files) kept.delete(key);
        return { kind: "short", people: written.to, text: written.body, files, got: gotOf(last) };
      }
      const drafts: string[] = [];
      // First a draft, then gone from the outbox: whatever ends in between, it is still somewhere. Those who have it don't get it again.
      const last = await withdraw(id, async (now) => void drafts.push((await client.drafts.save(unsent(written, now))).id));
      const [draftId] = drafts;
      if (draftId === undefined) throw new SmimpError("not_found", "the message is in the outbox no more");
      return { kind: "draft", draftId, got: sentTo(last).size > sentTo(before).size ? gotOf(last) : "nobody" };
    },
  };
}

/** How many have got a message, as it stood when it was taken out of the outbox. */
export function gotOf(entry: OutboxEntry | null): Got {
  const sent = sentTo(entry).size;
  if (sent === 0) return "nobody";
  return entry?.copies.every(({ state, own }) => own || state === "sent") === true ? "all" : "some";
}

/** Who has got a message. */
function sentTo(entry: OutboxEntry | null): ReadonlySet<Address> {
  return new Set((entry?.copies ?? []).filter(({ state, own }) => state === "sent" && !own).map(({ to }) => to));
}

/** A message, to those who haven't got it. */
function unsent(message: Draft, entry: OutboxEntry | null): Draft {
  const sent = sentTo(entry);
  const left = (people: readonly Address[] = []): readonly Address[] => people.filter((each) => !sent.has(each));
  return { ...message, to: left(message.to), cc: left(message.cc), bcc: left(message.bcc) };
}

/** What a draft says, to tell whether it is another one. */
interface Print {
  readonly text: string;
  readonly files: string;
}

function printOf({ to, cc = [], bcc = [], subject, body, attachments = [] }: Draft): Print {
  return {
    text: JSON.stringify([to, cc, bcc, subject, body]),
    files: JSON.stringify(attachments.map(({ name, size }) => [name, size])),
  };
}

function same(one: Print, other: Print): boolean {
  return one.text === other.text && one.files === other.files;
}

/** Bytes that are read at once. */
const PIECE = 1024 * 1024;

async function* piecesOf(content: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.size; at += PIECE) yield new Uint8Array(await content.slice(at, at + PIECE).arrayBuffer());
}

/** Bytes as they are, with who watches them told how far it is; they end where nobody waits for them any more. */
async function* watched(
  pieces: AsyncIterable<Uint8Array>,
  { key, size }: Pick<AttachedFile, "key" | "size">,
  { signal, onBytes }: AttachingWatch,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const piece of pieces) {
    signal.throwIfAborted();
    yield piece;
    done += piece.length;
    onBytes(key, done, size);
  }
}

async function blobOf({ mediaType, open }: DraftAttachment, signal?: AbortSignal): Promise<Blob> {
  const pieces: Blob[] = [];
  for await (const piece of open()) {
    signal?.throwIfAborted();
    pieces.push(new Blob([Uint8Array.from(piece)]));
  }
  return new Blob(pieces, { type: mediaType });
}
