import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { DraftAttachment } from "@smimp/client";
import { isSmimpError, SmimpError, MAX_ATTACHMENT_NAME_LENGTH, parseAddress, type Address } from "@smimp/protocol";
import { editedText } from "./editor.ts";
import { CliError, EXIT, systemWords } from "./failure.ts";
import { askYes, isInteractive, readStandardInput } from "./terminal.ts";

/** How a message's text is asked for. */
export interface TextOptions {
  /** What stands in the editor to begin with. */
  readonly quoted?: string;
  /** Files that go with it. */
  readonly files?: number;
}

/** Where a message's text comes from. */
export interface TextSource {
  readonly text?: string;
  readonly file?: string;
}

/**
 * The text of a message: `--text`, `--file`, standard input, or an editor where somebody sits at a terminal. One without any is asked
 * about or refused, unless files go with it. Throws CliError.
 */
export async function messageText(source: TextSource, { quoted = "", files = 0 }: TextOptions = {}): Promise<string> {
  const text = await anyText(source, quoted);
  if (text.trim() !== "" || files > 0) return text;
  const sure = isInteractive() && (await askYes("The message has no text. Send it all the same?"));
  if (!sure) throw new CliError("The message is empty: nothing was sent.", { exitCode: EXIT.usage });
  return text;
}

/** The text that `--text` or `--file` gives; empty where neither is there. Throws CliError. */
export async function givenText({ text, file }: TextSource): Promise<string> {
  if (text !== undefined) return text;
  if (file === undefined) return "";
  return await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new CliError(`${file}: can't be read (${systemWords(cause.code)})`);
  });
}

async function anyText(source: TextSource, quoted: string): Promise<string> {
  if (source.text !== undefined || source.file !== undefined) return await givenText(source);
  if (process.stdin.isTTY !== true) return await readStandardInput();
  if (isInteractive()) return await written(quoted);
  throw new CliError("The message has no text.", { advice: "Give it with --text, --file or on standard input." });
}

async function written(quoted: string): Promise<string> {
  const text = await editedText(quoted);
  if (text === quoted) throw new CliError("The message is empty: nothing was sent.");
  return text;
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".csv": "text/csv",
  ".gif": "image/gif",
  ".html": "text/html",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".md": "text/markdown",
  ".mp4": "video/mp4",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".txt": "text/plain",
  ".zip": "application/zip",
};

/** Files as attachments; nothing of them is read yet. */
export async function attachmentsOf(files: readonly string[]): Promise<DraftAttachment[]> {
  return await Promise.all(
    files.map(async (file) => {
      const found = await stat(file).catch(() => undefined);
      if (found?.isFile() !== true) throw new CliError(`${file}: is no file that can be attached`);
      return {
        name: attachmentName(file),
        mediaType: MEDIA_TYPES[extname(file).toLowerCase()] ?? "application/octet-stream",
        size: found.size,
        open: () => createReadStream(file),
      };
    }),
  );
}

// What no name on the way may hold (protocol section 9 takes names, never paths): control and direction characters.
function attachmentName(file: string): string {
  return basename(file)
    .replace(/[\\\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "_")
    .slice(-MAX_ATTACHMENT_NAME_LENGTH);
}

/** Addresses as written on a command line. Throws SmimpError `bad_address` that names the one that is none. */
export function addressesOf(texts: readonly string[]): Address[] {
  return texts.flatMap((text) => text.split(",")).map((text) => addressOf(text.trim()));
}

function addressOf(text: string): Address {
  try {
    return parseAddress(text);
  } catch (error) {
    if (!isSmimpError(error, "bad_address")) throw error;
    const meant = isAddress(text.replace("@", "#")) ? `: did you mean ${text.replace("@", "#")}?` : "";
    throw new SmimpError("bad_address", `${JSON.stringify(text)} is not an address${meant}`);
  }
}

function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}
