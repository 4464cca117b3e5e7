import { link, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { randomBytes, toHex } from "@smimp/protocol";
import { CliError } from "./failure.ts";

// Files whose names or contents somebody else chose.

/** Bytes of the longest file name that is taken over: every file system takes it, with a number behind it too. */
const MAX_NAME = 200;
/** Bytes of the longest ending. */
const MAX_ENDING = 32;
/** Files of the same name that are numbered. */
const MAX_NUMBER = 1_000;

/** Names that stand for devices on Windows, whatever ending they have. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;

/** A file name that a peer chose, as one that is safe here: no folders, no hidden files, no devices, nothing that a terminal acts on. */
export function safeName(name: string): string {
  const plain = basename(name.toWellFormed().replaceAll("\\", "/"))
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029<>:"|?*]/gu, "_")
    .replace(/^[.\s]+/, "")
    .replace(/[.\s]+$/, "");
  if (plain === "") return "attachment";
  const ending = cut(extname(plain), MAX_ENDING);
  const short = Buffer.byteLength(plain) <= MAX_NAME ? plain : cut(plain, MAX_NAME - Buffer.byteLength(ending)) + ending;
  return DEVICE.test(short) ? `_${short}` : short;
}

/** The beginning of a text that fits into so many bytes of UTF-8, in whole characters. */
function cut(text: string, bytes: number): string {
  let length = 0;
  let end = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** Makes a folder, unless it is there. Throws CliError where something else is. */
export async function ensureFolder(folder: string): Promise<void> {
  const notFolder = new CliError(`${folder} is not a folder.`, { advice: "Name a folder, or one that is not there yet." });
  await mkdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "EEXIST" || cause.code === "ENOTDIR" ? notFolder : cause;
  });
  if (!(await stat(folder)).isDirectory()) throw notFolder;
}

/** Saves a file under that name, or the next one with a number that is free, once it is whole; its path. Nothing is ever overwritten. */
export async function saveNumbered(folder: string, name: string, content: AsyncIterable<Uint8Array>): Promise<string> {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  return await withPartial(folder, content, async (partial) => {
    for (let number = 1; number <= MAX_NUMBER; number++) {
      const file = join(folder, number === 1 ? name : `${stem} (${number})${ending}`);
      if (await partial.name(file)) return file;
    }
    throw new CliError(`${folder} holds too many files called ${name}.`);
  });
}

/** Saves a file under that very name once it is whole. False, with nothing written, where something is there already. */
export async function saveNew(folder: string, name: string, content: AsyncIterable<Uint8Array>): Promise<boolean> {
  return await withPartial(folder, content, async (partial) => await partial.name(join(folder, name)));
}

/** A file that has no name of its own yet. */
export interface PartialFile {
  /** Adds bytes at the end. */
  write(bytes: Uint8Array): Promise<void>;
  /** Bytes written so far. */
  length(): number;
  /** Takes everything behind so many bytes away. */
  shorten(length: number): Promise<void>;
  /** Makes it durable and gives it its name. False, with nothing changed, where something bears that name. */
  name(file: string): Promise<boolean>;
  /** Takes away what has no name. To be called at the end in any case. */
  discard(): Promise<void>;
}

/** Begins a file in a folder; whatever ends the program, nothing of it stands under a name that means something. */
export async function openPartial(folder: string): Promise<PartialFile> {
  const partial = join(folder, `.smimp-${toHex(randomBytes(8))}.part`);
  const handle = await open(partial, "wx", 0o600);
  let length = 0;
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  return {
    write: async (bytes) => {
      for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done, bytes.length - done, length + done)).bytesWritten;
      length += bytes.length;
    },
    length: () => length,
    shorten: async (shorter) => {
      await handle.truncate(shorter);
      length = shorter;
    },
    name: async (file) => {
      if (isOpen) await handle.sync();
      await close();
      return await named(partial, file);
    },
    discard: async () => {
      await close();
      await rm(partial, { force: true });
    },
  };
}

async function withPartial<Result>(
  folder: string,
  content: AsyncIterable<Uint8Array>,
  finish: (partial: PartialFile) => Promise<Result>,
): Promise<Result> {
  const partial = await openPartial(folder);
  try {
    for await (const piece of content) await partial.write(piece);
    return await finish(partial);
  } finally {
    await partial.discard();
  }
}

/** Codes with which file systems say that they have no hard links. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Gives a file its name, if nothing bears it: neither a file nor a link, wherever that leads. */
async function named(partial: string, file: string): Promise<boolean> {
  try {
    await link(partial, file);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!NO_LINKS.includes(code)) throw error;
  }
  try {
    await (await open(file, "wx", 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  await rename(partial, file);
  return true;
}
