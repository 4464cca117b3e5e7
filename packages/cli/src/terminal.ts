import { openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { ReadStream } from "node:tty";
import * as clack from "@clack/prompts";
import { CliError, EXIT, systemWords } from "./failure.ts";

/** Whether somebody sits at the keyboard and sees the screen, even where standard input is a file or a pipe. */
export function isInteractive(): boolean {
  if (process.stderr.isTTY !== true) return false;
  if (process.stdin.isTTY === true) return true;
  const keyboard = openKeyboard();
  keyboard?.destroy();
  return keyboard !== undefined;
}

// The terminal itself, as ssh and gpg use it, so that `smimp send … < letter.txt` can still ask for the passphrase.
function openKeyboard(): ReadStream | undefined {
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch {
    return undefined;
  }
}

/** Prompts go to standard error: standard output is for results. */
interface Screen {
  readonly input?: ReadStream;
  readonly output: NodeJS.WriteStream;
}

async function asked<Value>(ask: (screen: Screen) => Promise<Value | symbol>): Promise<Value> {
  const keyboard = process.stdin.isTTY === true ? undefined : openKeyboard();
  try {
    const value = await ask({ output: process.stderr, ...(keyboard === undefined ? {} : { input: keyboard }) });
    if (clack.isCancel(value)) throw new CliError("Cancelled.", { exitCode: EXIT.stopped });
    return value as Value;
  } finally {
    keyboard?.destroy();
  }
}

/** Says what is wrong with an answer, or undefined where nothing is. */
export type Check = (value: string) => string | undefined;

/** Asks for a line of text. */
export async function askText(message: string, check?: Check): Promise<string> {
  return await asked<string>(async (screen) => await clack.text({ message, validate: (value) => check?.(value ?? ""), ...screen }));
}

/** Asks for something that is not shown. */
export async function askSecret(message: string, check?: Check): Promise<string> {
  return await asked<string>(async (screen) => await clack.password({ message, validate: (value) => check?.(value ?? ""), ...screen }));
}

/** Asks yes or no; no unless answered. */
export async function askYes(message: string): Promise<boolean> {
  return await asked<boolean>(async (screen) => await clack.confirm({ message, initialValue: false, ...screen }));
}

/** Everything on standard input. */
export async function readStandardInput(): Promise<string> {
  return await readAll(process.stdin);
}

/** A file's first line, as secrets are kept: a line feed at the end doesn't belong to it. */
export async function readSecretFile(file: string): Promise<string> {
  const content = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new CliError(`${file}: can't be read (${systemWords(cause.code)})`);
  });
  const [line = ""] = content.split(/\r?\n/);
  if (line === "") throw new CliError(`${file}: its first line is empty`);
  return line;
}

/** A line that keeps changing while something long goes on; silent where nobody looks. */
export interface ProgressLine {
  update(text: string): void;
  /** Takes the line away. */
  end(): void;
}

/** Makes a progress line on standard error. */
export function progressLine(enabled: boolean): ProgressLine {
  const shows = enabled && process.stderr.isTTY === true;
  let last = 0;
  return {
    update(text) {
      const now = performance.now();
      if (!shows || now - last < 80) return;
      last = now;
      process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    },
    end() {
      if (shows && last > 0) process.stderr.write("\r\u001b[2K");
    },
  };
}
