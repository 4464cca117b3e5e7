import type { Stats } from "node:fs";
import { lstat, open, opendir, readFile, type FileHandle } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { beginsLikeMbox, looksLikeMail, MAX_MAIL_BYTES, ofAppleMail, readMbox, type ByteSource, type Found } from "@smimp/conversion";

// What people have: an mbox file, a file for each mail (EML), a Maildir, or a folder of any of these.

/** How deep folders are looked through. */
const MAX_DEPTH = 32;

/** How many files and bytes there are to go through. */
export interface Extent {
  readonly files: number;
  readonly bytes: number;
}

/** How much there is at a place, for telling how far things are. Throws the system's error for a place that is not there. */
export async function extentOf(place: string): Promise<Extent> {
  let files = 0;
  let bytes = 0;
  for await (const { stats } of filesAt(place)) {
    files++;
    bytes += stats.size;
  }
  return { files, bytes };
}

/** Names of files and folders that stand for the place itself. */
const INBOX_NAMES = ["inbox", "mbox", "messages", "mail", "all mail"];

/** How a folder is called after a file or folder of a mail program: Thunderbird's `Work.sbd`, Apple's `Work.mbox`. */
function folderNames(name: string): readonly string[] {
  const plain = name.replace(/\.(?:sbd|mbox|mbx)$/i, "").trim();
  return plain === "" || INBOX_NAMES.includes(plain.toLowerCase()) ? [] : [plain];
}

/** Every mail at a place, one after the other. Throws the system's error for a place that is not there. */
export async function* mailsAt(place: string): AsyncGenerator<Found> {
  for await (const file of filesAt(place)) {
    try {
      yield* mailsIn(file);
    } catch (error) {
      if (!(error instanceof Error && "syscall" in error)) throw error;
      yield { place: file.path, reason: "unreadable" };
    }
  }
}

interface MailFile {
  readonly path: string;
  readonly stats: Stats;
  readonly folder: readonly string[];
  /** In `cur` or `new` of a Maildir. */
  readonly inMaildir: boolean;
  /** The one file that was named, or one that a folder holds. */
  readonly named: boolean;
}

async function* filesAt(place: string): AsyncGenerator<MailFile> {
  const stats = await lstat(place);
  // A link that somebody names is meant; one that lies in a folder may lead anywhere.
  const target = stats.isSymbolicLink() ? await followed(place) : stats;
  if (target.isDirectory()) yield* filesIn(place, [], 0);
  else yield { path: place, stats: target, folder: [], inMaildir: false, named: true };
}

async function followed(place: string): Promise<Stats> {
  const file = await open(place, "r");
  try {
    return await file.stat();
  } finally {
    await file.close();
  }
}

async function* filesIn(directory: string, folder: readonly string[], depth: number): AsyncGenerator<MailFile> {
  if (depth > MAX_DEPTH) return;
  const names: string[] = [];
  for await (const entry of await opendir(directory)) names.push(entry.name);
  // The same order each time, so that what comes first is first again.
  names.sort();
  const isMaildir = names.includes("cur") && names.includes("new");
  for (const name of names) {
    const path = join(directory, name);
    const stats = await lstat(path).catch(() => null);
    if (stats === null || (isMaildir && name === "tmp")) continue;
    if (stats.isDirectory()) {
      const inMaildir = isMaildir && (name === "cur" || name === "new");
      if (inMaildir) yield* mailsOfMaildir(path, folder);
      else yield* filesIn(path, isMaildir ? [...folder, ...maildirFolder(name)] : [...folder, ...folderNames(name)], depth + 1);
    } else if (stats.isFile() && !isMaildir) yield { path, stats, folder, inMaildir: false, named: false };
  }
}

async function* mailsOfMaildir(directory: string, folder: readonly string[]): AsyncGenerator<MailFile> {
  const names: string[] = [];
  for await (const entry of await opendir(directory)) if (!entry.name.startsWith(".")) names.push(entry.name);
  for (const name of names.sort()) {
    const path = join(directory, name);
    const stats = await lstat(path).catch(() => null);
    if (stats?.isFile() === true) yield { path, stats, folder, inMaildir: true, named: false };
  }
}

// Maildir++: the folder Archive/2025 is called `.Archive.2025`.
function maildirFolder(name: string): readonly string[] {
  return name.split(".").filter((part) => part !== "");
}

async function* mailsIn({ path, stats, folder, inMaildir, named }: MailFile): AsyncGenerator<Found> {
  // Devices and pipes have no end.
  if (!stats.isFile()) return yield { place: path, reason: "unreadable" };
  const file = await open(path, "r");
  try {
    const beginning = await beginningOf(file);
    if (!inMaildir && beginsLikeMbox(beginning)) {
      // In a folder, each of them was a folder of a mail program's own.
      const own = named ? folder : [...folder, ...folderNames(basename(path))];
      for await (const found of readMbox(await sourceOf(file), path)) yield "bytes" in found ? { ...found, folder: own } : found;
      return;
    }
    if (!inMaildir && !looksLikeMail(extname(path), beginning)) return yield { place: path, reason: "not_mail" };
    if (stats.size > MAX_MAIL_BYTES) return yield { place: path, reason: "too_large" };
    if (stats.size === 0) return;
    const bytes = await readFile(file);
    const receivedAt = inMaildir ? maildirTime(path, stats) : null;
    const apple = extname(path).toLowerCase() === ".emlx" ? ofAppleMail(bytes) : null;
    yield { place: path, bytes: apple ?? bytes, read: inMaildir ? isSeen(path) : null, receivedAt, folder };
  } finally {
    await file.close();
  }
}

async function beginningOf(file: FileHandle): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4_096), 0, 4_096, 0);
  return buffer.subarray(0, bytesRead);
}

async function sourceOf(file: FileHandle): Promise<ByteSource> {
  return {
    size: (await file.stat()).size,
    read: async (position, length) => {
      const buffer = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        // oxlint-disable-next-line no-await-in-loop -- the rest of what was asked for
        const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
  };
}

/** Flags stand behind `:2,` (or `;2,` where a colon can't be); S means seen. What lies in `new` has none. */
function isSeen(path: string): boolean {
  return /[:;!]2,[A-Za-z]*S[A-Za-z]*$/.test(basename(path));
}

// A Maildir's names begin with the time at which the mail came.
function maildirTime(path: string, stats: Stats): number {
  const named = /^(\d{9,11})\./.exec(basename(path));
  return named === null ? Math.floor(stats.mtimeMs / 1000) : Number(named[1]);
}
