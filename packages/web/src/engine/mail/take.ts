import type { Client, Folder, InboxMessage } from "@smimp/client";
import { exportedMail, mboxLine, writeMail } from "@smimp/conversion";
import { isSmimpError, type Hex32, type ProblemCode } from "@smimp/protocol";
import type { CallContext } from "../call.ts";
import { openFile, type FileTarget } from "../files.ts";

/** What an export did. */
export interface ExportOutcome {
  readonly exported: number;
  /** Could not be opened. */
  readonly skipped: number;
  /** Null where the file is on the disk. */
  readonly file: Blob | null;
}

/** Messages that are listed at once. */
const PAGE = 500;
/** What says that a message, or a part of it, is not to be had any more; the others are. */
const GONE: readonly ProblemCode[] = ["not_found", "key_unknown", "decryption_failed", "commitment_mismatch", "blob_missing"];

/** Writes all messages as ordinary mail into one mbox file, the oldest first. */
export async function takeOut(client: Client, { signal, onProgress }: CallContext, target: FileTarget): Promise<ExportOutcome> {
  const file = await openFile(target, "application/mbox");
  try {
    const ids = (await allIds(client, signal)).toReversed();
    const paths = pathsOf(await client.folders.list());
    let exported = 0;
    for (const [index, messageId] of ids.entries()) {
      signal.throwIfAborted();
      const mail = await mailOf(client, messageId, paths, signal);
      if (mail !== null) {
        await file.append(mail);
        exported++;
      }
      onProgress({ step: "export", to: null, name: null, done: index + 1, total: ids.length });
    }
    return { exported, skipped: ids.length - exported, file: await file.finish() };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

async function allIds({ inbox }: Client, signal: AbortSignal): Promise<readonly Hex32[]> {
  const ids: Hex32[] = [];
  for (let after: Hex32 | undefined; ;) {
    signal.throwIfAborted();
    const page = await inbox.list({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    ids.push(...page.map(({ messageId }) => messageId));
    after = page.at(-1)?.messageId;
    if (after === undefined || page.length < PAGE) return ids;
  }
}

type Paths = ReadonlyMap<string, readonly string[]>;

/** A message as mail of an mbox file; null where it is not shown, or not to be had any more. */
async function mailOf(client: Client, messageId: Hex32, paths: Paths, signal: AbortSignal): Promise<Blob | null> {
  try {
    const message = await client.inbox.read(messageId);
    if (message.state !== "open") return null;
    return await written(client, message, message.folder === null ? [] : (paths.get(message.folder) ?? []), signal);
  } catch (error) {
    if (isSmimpError(error) && GONE.includes(error.code)) return null;
    throw error;
  }
}

async function written({ inbox }: Client, message: InboxMessage, folder: readonly string[], signal: AbortSignal): Promise<Blob> {
  const attachments = message.attachments.map(({ index, name, mediaType }) => ({
    name,
    mediaType,
    open: () => inbox.attachment(message.messageId, index, { signal }),
  }));
  const pieces: BlobPart[] = [mboxLine(message.receivedAt)];
  const mail = exportedMail({ ...message, marks: { ...message.marks } }, folder, attachments);
  for await (const piece of writeMail(mail, "\n")) pieces.push(Uint8Array.from(piece));
  return new Blob([...pieces, "\n"]);
}

/** Names of each folder and those that it stands in, from the outside in. */
function pathsOf(folders: readonly Folder[]): Paths {
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const pathOf = (id: string | null, depth = 0): readonly string[] => {
    const folder = id === null ? undefined : byId.get(id);
    if (folder === undefined || depth > folders.length) return [];
    return [...pathOf(folder.parent, depth + 1), folder.name ?? folder.id.slice(0, 8)];
  };
  return new Map(folders.map(({ id }) => [id, pathOf(id)]));
}
