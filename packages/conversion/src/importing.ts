import type { DraftAttachment, MailToImport } from "@smimp/client";
import { isSmimpError, timestampOf, type ProblemCode, type Timestamp } from "@smimp/protocol";
import type { ConversionOptions, ConvertedAttachment, ConvertedMail } from "./converted-mail.ts";
import type { Converter } from "./converter.ts";
import { isMail, type Found, type RawMail, type SkipReason } from "./raw-mail.ts";

/** Mails that are on their way to the server at the same time, and bytes of them together. */
const PARALLEL = 8;
const PARALLEL_BYTES = 128 * 1024 * 1024;
/** Waits before a mail is tried again that could not be delivered just now, milliseconds. */
const WAITS = [1_000, 5_000, 20_000];

/** Answers that are about one mail: it is left out, and the others go on. */
const ABOUT_ONE: readonly ProblemCode[] = ["bad_request", "too_large"];

/** Why a mail was left out: nothing could be made of it, or the server doesn't take it. */
export type LeftOut = SkipReason | "refused";

/** What an import did so far. */
export interface ImportCounts {
  readonly added: number;
  /** Were there before. */
  readonly known: number;
  readonly skipped: number;
}

/** How mails are imported, and what with. */
export interface ImportOptions extends ConversionOptions {
  readonly converter: Pick<Converter, "convert">;
  /** Leaves one in the mailbox, as a client's `imports.add`. */
  add(mail: MailToImport): Promise<"added" | "known">;
  /** Whether an error passes by itself, beside those of a server. */
  passes?(error: unknown): boolean;
  /** The id of the folder for a mail that lay in these folders; null is the inbox. */
  folderFor(names: readonly string[]): Promise<string | null>;
  /** Whether mail is read of which nothing says so. */
  readonly read: boolean;
  readonly signal: AbortSignal;
  onProgress(counts: ImportCounts, bytes: number): void;
  onSkipped(place: string, reason: LeftOut): void;
}

/**
 * Imports what is found, one mail after the other. One that can't be read is told and left out; nothing that stands in a mail ends the
 * import. What was imported before is not imported again, so it may be interrupted at any time. Throws the reason of `signal`, and what
 * keeps everything from being imported.
 */
export async function importMails(mails: AsyncIterable<Found>, options: ImportOptions): Promise<ImportCounts> {
  const { signal, converter } = options;
  const counts = { added: 0, known: 0, skipped: 0 };
  const delivering = new Set<Promise<void>>();
  let bytesUnderWay = 0;
  let bytesDone = 0;
  let fault: unknown;

  const tell = (): void => options.onProgress({ ...counts }, bytesDone);
  const skip = (place: string, reason: LeftOut): void => {
    counts.skipped++;
    options.onSkipped(place, reason);
  };

  async function deliver(raw: RawMail, mail: ConvertedMail): Promise<void> {
    try {
      const outcome = await addPatiently(toImport(raw, mail, await options.folderFor(mail.folder ?? raw.folder), options), options);
      counts[outcome]++;
    } catch (error) {
      if (isSmimpError(error) && ABOUT_ONE.includes(error.code)) skip(raw.place, error.code === "too_large" ? "too_large" : "refused");
      else fault ??= error;
    }
  }

  async function take(raw: RawMail): Promise<void> {
    const { length } = raw.bytes;
    bytesDone += length;
    const converted = await converter.convert(raw.bytes, { keepOriginal: options.keepOriginal === true });
    if ("reason" in converted) return skip(raw.place, converted.reason);
    const isFull = (): boolean => delivering.size >= PARALLEL || (delivering.size > 0 && bytesUnderWay + length > PARALLEL_BYTES);
    while (isFull()) await Promise.race(delivering);
    bytesUnderWay += length;
    const delivery = deliver(raw, converted.mail).finally(() => {
      bytesUnderWay -= length;
      delivering.delete(delivery);
      tell();
    });
    delivering.add(delivery);
  }

  try {
    for await (const found of mails) {
      signal.throwIfAborted();
      if (fault !== undefined) throw fault;
      if (isMail(found)) await take(found);
      else skip(found.place, found.reason);
      tell();
    }
  } finally {
    await Promise.allSettled(delivering);
  }
  signal.throwIfAborted();
  if (fault !== undefined) throw fault;
  return counts;
}

/** Adds a mail; what fails in passing is tried a few times more. It is never added twice. */
async function addPatiently(mail: MailToImport, { add, passes, signal }: ImportOptions): Promise<"added" | "known"> {
  for (const wait of WAITS) {
    try {
      return await add(mail);
    } catch (error) {
      const isPassing = isSmimpError(error, "temporarily_unavailable") || isSmimpError(error, "conflict") || passes?.(error) === true;
      if (!isPassing || signal.aborted) throw error;
    }
    await pause(wait, signal);
  }
  return await add(mail);
}

function toImport(raw: RawMail, mail: ConvertedMail, folder: string | null, { read, signal }: ImportOptions): MailToImport {
  const { key, imported, subject, body, thread } = mail;
  const receivedAt = mail.receivedAt ?? (raw.receivedAt === null ? null : timestampOf(raw.receivedAt));
  return {
    key,
    imported: { ...imported, date: imported.date as Timestamp | null },
    subject,
    body,
    attachments: mail.attachments.map(toDraft),
    read: raw.read ?? mail.read ?? read,
    signal,
    ...(folder === null ? {} : { folder }),
    ...(receivedAt === null ? {} : { receivedAt: receivedAt as Timestamp }),
    ...(thread === null ? {} : { thread }),
  };
}

function toDraft({ name, mediaType, content }: ConvertedAttachment): DraftAttachment {
  return {
    name,
    mediaType,
    size: content.length,
    open: async function* () {
      yield content;
    },
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end, { once: true });
  });
  signal.throwIfAborted();
}
