import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import * as clack from "@clack/prompts";
import { CliError, EXIT } from "./failure.ts";

/** Whether somebody sits at the keyboard and sees the screen. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Prompts go to standard error: standard output is for results. */
const SCREEN = { output: process.stderr } as const;

function answered<Value>(value: Value | symbol): Value {
  if (clack.isCancel(value)) throw new CliError("Cancelled.", { exitCode: EXIT.failed });
  return value as Value;
}

/** Asks for a line of text. */
export async function askText(message: string, check?: (value: string) => string | undefined, initial?: string): Promise<string> {
  const validate = (value: string | undefined): string | undefined => check?.(value ?? "");
  return answered(await clack.text({ message, validate, ...(initial === undefined ? {} : { initialValue: initial }), ...SCREEN }));
}

/** Asks for something that is not shown. */
export async function askSecret(message: string, check?: (value: string) => string | undefined): Promise<string> {
  return answered(await clack.password({ message, validate: (value: string | undefined) => check?.(value ?? ""), ...SCREEN }));
}

/** Asks yes or no; no unless answered. */
export async function askYes(message: string): Promise<boolean> {
  return answered(await clack.confirm({ message, initialValue: false, ...SCREEN }));
}

/** Everything on standard input. */
export async function readStandardInput(): Promise<string> {
  return await readAll(process.stdin);
}

/** A file's first line, as secrets are kept: a line feed at the end doesn't belong to it. */
export async function readSecretFile(file: string): Promise<string> {
  const content = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new CliError(`${file}: can't be read (${cause.code ?? "error"})`);
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
