import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import type { DraftAttachment } from "@smimp/client";
import { isSmimpError, SmimpError, MAX_ATTACHMENT_NAME_LENGTH, parseAddress, type Address } from "@smimp/protocol";
import { CliError, systemWords } from "./failure.ts";
import { isInteractive, readStandardInput } from "./terminal.ts";

/** Where a message's text comes from. */
export interface TextSource {
  readonly text?: string;
  readonly file?: string;
}

/** The text of a message: `--text`, `--file`, standard input, or an editor where somebody sits at a terminal. */
export async function messageText({ text, file }: TextSource, quoted = ""): Promise<string> {
  if (text !== undefined) return text;
  if (file !== undefined) {
    return await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
      throw new CliError(`${file}: can't be read (${systemWords(cause.code)})`);
    });
  }
  if (process.stdin.isTTY !== true) return await readStandardInput();
  if (isInteractive()) return await editedText(quoted);
  throw new CliError("The message has no text.", { advice: "Give it with --text, --file or on standard input." });
}

async function editedText(initial: string): Promise<string> {
  const editor = process.env["VISUAL"] ?? process.env["EDITOR"] ?? "nano";
  // The text lies in a file only while the editor runs, in a folder that nobody else can enter.
  const folder = await mkdtemp(join(tmpdir(), "smimp-"));
  const file = join(folder, "message.md");
  try {
    await writeFile(file, initial, { mode: 0o600 });
    const result = spawnSync(editor, [file], { stdio: "inherit", shell: editor.includes(" ") });
    if (result.error !== undefined || result.status !== 0) {
      throw new CliError(`The editor (${editor}) failed.`, { advice: "Set EDITOR, or give the text with --text or --file." });
    }
    const text = await readFile(file, "utf8");
    if (text.trim() === "" || text === initial) throw new CliError("The message is empty: nothing was sent.");
    return text;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
    throw new SmimpError("bad_address", `${JSON.stringify(text)} is not an address`);
  }
}
