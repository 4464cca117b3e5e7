import type { Draft, DraftAttachment } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import type { CallTable } from "../call.ts";
import type { House } from "../house.ts";
import type { Topic } from "../protocol.ts";

/** A file that is attached: its bytes stay with the browser until they are sealed. */
export interface AttachedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly content: Blob;
}

/** A message as it is written in the page. */
export interface WrittenMessage extends Omit<Draft, "attachments"> {
  readonly attachments: readonly AttachedFile[];
}

/** Calls for writing and sending. */
export function writingCalls({ client }: Pick<House, "client">, changed: (...topics: Topic[]) => void) {
  return {
    /** Puts a message into the outbox: from then on it is sent as soon as it can be, also after the browser was closed. */
    "outbox.send": async (_context, message: WrittenMessage) => {
      const entry = await client().outbox.enqueue(toDraft(message));
      changed("outbox", "messages");
      return entry;
    },
    "outbox.sendShort": async ({ onProgress, signal }, to: readonly Address[], text: string, attachments: readonly AttachedFile[]) => {
      const entry = await client().sendShort(to, text, attachments.map(toAttachment), { onProgress, signal });
      changed("outbox", "messages");
      return entry;
    },
    "outbox.list": async () => await client().outbox.list(),
    "outbox.retry": async (_context, id: string) => {
      await client().outbox.retry(id);
      changed("outbox");
      await client().outbox.flush({ id, force: true });
      changed("outbox");
    },
    "outbox.remove": async (_context, id: string) => {
      await client().outbox.remove(id);
      changed("outbox");
    },
    "drafts.list": async () => await client().drafts.list(),
    "drafts.get": async (
      _context,
      id: string,
    ): Promise<{ readonly id: string; readonly savedAt: string; readonly message: WrittenMessage }> => {
      const { draft, savedAt } = await client().drafts.get(id);
      const attachments = await Promise.all((draft.attachments ?? []).map(toFile));
      return { id, savedAt, message: { ...draft, attachments } };
    },
    "drafts.save": async (_context, message: WrittenMessage, id: string | null) => {
      const saved = await client().drafts.save(toDraft(message), id ?? undefined);
      changed("drafts");
      return saved;
    },
    "drafts.remove": async (_context, id: string) => {
      await client().drafts.remove(id);
      changed("drafts");
    },
  } satisfies CallTable;
}

function toDraft({ attachments, ...message }: WrittenMessage): Draft {
  return { ...message, attachments: attachments.map(toAttachment) };
}

function toAttachment({ name, mediaType, content }: AttachedFile): DraftAttachment {
  return { name, mediaType, size: content.size, open: () => piecesOf(content) };
}

/** Bytes that are read at once. */
const PIECE = 1024 * 1024;

async function* piecesOf(content: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.size; at += PIECE) yield new Uint8Array(await content.slice(at, at + PIECE).arrayBuffer());
}

async function toFile({ name, mediaType, open }: DraftAttachment): Promise<AttachedFile> {
  const pieces: Blob[] = [];
  for await (const piece of open()) pieces.push(new Blob([Uint8Array.from(piece)]));
  return { name, mediaType, content: new Blob(pieces, { type: mediaType }) };
}
