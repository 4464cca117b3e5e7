import { lstat, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Client, InboxMessage, InboxSummary } from "@smimp/client";
import { isSmimpError, type Hex32, type ProblemCode } from "@smimp/protocol";
import { exportedMail, mboxLine, writeMail } from "@smimp/conversion";
import { CliError } from "./failure.ts";
import { ensureFolder, openPartial, safeName, saveNew } from "./safe-file.ts";

/** How mail is written: one file, a file for each, or a Maildir. */
export type ExportFormat = "mbox" | "eml" | "maildir";

/** Where mail is written to. */
interface Target {
  /** Writes one message; false where it is there already. */
  add(message: InboxMessage, folder: readonly string[], content: AsyncIterable<Uint8Array>): Promise<boolean>;
  /** Everything is there. */
  finish(): Promise<void>;
  /** Takes away what is not whole. */
  abandon(): Promise<void>;
  readonly lineEnd: "\n" | "\r\n";
}

/** What an export did. */
export interface ExportCounts {
  readonly exported: number;
  /** Stood there from an export before. */
  readonly known: number;
  /** Can't be read by anybody any more. */
  readonly burned: number;
  /** Are not what they claim to be, so that their content is never shown. */
  readonly invalid: number;
  readonly skipped: number;
}

/** How messages are exported. */
export interface ExportOptions {
  readonly format: ExportFormat;
  /** The path of a message's folder; empty for the inbox. */
  folderOf(message: InboxSummary): readonly string[];
  readonly signal: AbortSignal;
  onProgress(done: number): void;
  onSkipped(messageId: Hex32, reason: ProblemCode | "unconfirmed"): void;
}

/** What says that a message, or a part of it, is not to be had any more; the others are. */
const GONE: readonly ProblemCode[] = ["not_found", "key_unknown", "decryption_failed", "commitment_mismatch", "blob_missing"];

/** Writes messages, in their order. Nothing that is there already is written over. Throws CliError for a target that is taken. */
export async function exportMessages(
  client: Client,
  messageIds: readonly Hex32[],
  place: string,
  options: ExportOptions,
): Promise<ExportCounts> {
  const { signal } = options;
  const counts = { exported: 0, known: 0, burned: 0, invalid: 0, skipped: 0 };
  const target = await openTarget(place, options.format);
  try {
    for (const [index, messageId] of messageIds.entries()) {
      signal.throwIfAborted();
      try {
        const message = await client.inbox.read(messageId);
        const { state } = message;
        if (state === "open") {
          const folder = options.folderOf(message);
          const content = contentOf(client, message, folder, { signal, lineEnd: target.lineEnd });
          counts[(await target.add(message, folder, content)) ? "exported" : "known"]++;
        } else if (state === "unconfirmed") {
          counts.skipped++;
          options.onSkipped(messageId, state);
        } else counts[state]++;
      } catch (error) {
        if (!isSmimpError(error) || !GONE.includes(error.code)) throw error;
        counts.skipped++;
        options.onSkipped(messageId, error.code);
      }
      options.onProgress(index + 1);
    }
    await target.finish();
  } catch (error) {
    await target.abandon();
    throw error;
  }
  return counts;
}

function contentOf(
  client: Client,
  message: InboxMessage,
  folder: readonly string[],
  { signal, lineEnd }: { readonly signal: AbortSignal; readonly lineEnd: string },
): AsyncIterable<Uint8Array> {
  const attachments = message.attachments.map(({ index, name, mediaType }) => ({
    name,
    mediaType,
    open: () => client.inbox.attachment(message.messageId, index, { signal }),
  }));
  const mail = exportedMail({ ...message, marks: { ...message.marks } }, folder, attachments);
  return writeMail(mail, lineEnd);
}

async function openTarget(place: string, format: ExportFormat): Promise<Target> {
  if (format === "mbox") return await openMbox(place);
  await ensureFolder(place);
  return format === "eml" ? emlFolder(place) : await openMaildir(place);
}

/** One file, which gets its name once it is whole. */
async function openMbox(place: string): Promise<Target> {
  const taken = new CliError(`${place} is there already: nothing was written.`, { advice: "Name a file that is not there yet." });
  if (await isThere(place)) throw taken;
  const file = await openPartial(dirname(place));
  return {
    // As mail programs write it. What is exported never begins a line with `From ` by itself.
    lineEnd: "\n",
    add: async (message, _folder, content) => {
      const before = file.length();
      try {
        await file.write(Buffer.from(mboxLine(message.receivedAt)));
        for await (const piece of content) await file.write(piece);
        await file.write(Buffer.from("\n"));
        return true;
      } catch (error) {
        // One that can't be fetched to its end leaves nothing behind.
        await file.shorten(before);
        throw error;
      }
    },
    finish: async () => {
      const free = await file.name(place);
      await file.discard();
      if (!free) throw taken;
    },
    abandon: file.discard,
  };
}

async function isThere(file: string): Promise<boolean> {
  return await lstat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
}

/** A file for each message, in folders as the mailbox has them. */
function emlFolder(place: string): Target {
  return {
    lineEnd: "\r\n",
    add: async (message, folder, content) => {
      const directory = join(place, ...folder.map(safeName));
      await ensureFolder(directory);
      const name = emlName(message);
      // Looked at first: what is there needs not be fetched again.
      return !(await isThere(join(directory, name))) && (await saveNew(directory, name, content));
    },
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}

/** When it came, what it is about, and the beginning of its id: the same in every export. */
function emlName({ receivedAt, subject, messageId }: InboxMessage): string {
  const words = subject.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
  const short = Array.from(words).slice(0, 40).join("");
  return safeName(
    `${receivedAt.slice(0, 19).replace("T", "_").replaceAll(":", "")}${short === "" ? "" : `-${short}`}-${messageId.slice(0, 12)}.eml`,
  );
}

/** A Maildir; folders as Maildir++ has them. */
async function openMaildir(place: string): Promise<Target> {
  /** Messages of each Maildir by the part of their names that never changes. */
  const known = new Map<string, Set<string>>();
  const flagMark = process.platform === "win32" ? ";" : ":";
  const ensureMaildir = async (directory: string): Promise<Set<string>> => {
    const before = known.get(directory);
    if (before !== undefined) return before;
    for (const name of ["cur", "new", "tmp"]) await ensureFolder(join(directory, name));
    const names = [...(await readdir(join(directory, "cur"))), ...(await readdir(join(directory, "new")))];
    const found = new Set(names.map((name) => name.split(/[:;]2,/)[0] ?? ""));
    known.set(directory, found);
    return found;
  };
  await ensureMaildir(place);
  return {
    lineEnd: "\n",
    add: async ({ receivedAt, messageId, read, starred }, folder, content) => {
      const parts = folder.map((name) => safeName(name).replaceAll(".", "_"));
      const directory = parts.length === 0 ? place : join(place, `.${parts.join(".")}`);
      const there = await ensureMaildir(directory);
      const unique = `${Date.parse(receivedAt) / 1000}.${messageId.slice(0, 32)}.smimp`;
      if (there.has(unique)) return false;
      const flags = `${starred ? "F" : ""}${read ? "S" : ""}`;
      there.add(unique);
      return await saveNew(join(directory, "cur"), `${unique}${flagMark}2,${flags}`, content);
    },
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}
