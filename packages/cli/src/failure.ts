import { isSmimpError, type ProblemCode } from "@smimp/protocol";

/**
 * Exit codes: done; refused or failed; the command line is wrong; nothing could be reached, try again later; stopped with
 * ctrl-C, as shells count it.
 */
export const EXIT = { done: 0, failed: 1, usage: 2, later: 3, stopped: 130 } as const;

/** Something that the person can mend; the message says how. */
export class CliError extends Error {
  override readonly name = "CliError";
  /** What programs know it by. */
  readonly code: string;
  readonly exitCode: number;
  readonly advice: string | undefined;

  constructor(message: string, options: { readonly code?: string; readonly exitCode?: number; readonly advice?: string } = {}) {
    super(message);
    this.code = options.code ?? "cli";
    this.exitCode = options.exitCode ?? EXIT.failed;
    this.advice = options.advice;
  }
}

// What a person can do about each code; codes that speak for themselves have no advice.
const ADVICE: Readonly<Partial<Record<ProblemCode, string>>> = {
  bad_address: "An address looks like alice#example.com: letters and digits, a #, and a domain. Put it in quotes.",
  unknown_user: "Check the spelling. If it is right, this person has no SMIMP account (any more).",
  not_accepted: "The recipient does not take messages from you. There is nothing to do from here.",
  unauthenticated: "Check that this computer's clock is right. If you were invited, ask for a new invite: it may be used or expired.",
  session_expired: "Run the command again.",
  server_mismatch: "The server that answers is not the one this person's history names. Do not send; ask them by another way.",
  history_invalid: "The history of this address does not check out. Nothing was sent. Ask the person by another way, such as by phone.",
  history_rewritten:
    "The history of this address is not the one you saw before: its server may be lying. Nothing was sent. Compare safety numbers with the person by another way before you trust it again.",
  key_reused: "This address uses somebody else's key. Nothing was sent. Ask the person by another way.",
  own_history_mismatch:
    "Your server showed the sender another history of you than your own. The message is not shown. Change your server if it happens again.",
  key_used_twice: "A single-use key was given out twice: your server or a backup of it made a mistake. The message is not shown.",
  insecure_transport:
    "The server's certificate is wrong or the connection is not encrypted. Nothing was sent. If it is your own server, renew its certificate.",
  temporarily_unavailable: "Check the spelling of the domain and your own connection, or try again later.",
  wrong_server: "Use the server that this address belongs to.",
  rate_limited: "Too much in too short a time. Wait a while and try again.",
  quota_exceeded: "The recipient's mailbox is full. Tell them by another way, or try again later.",
  pow_required: "The recipient's server asks for a lot of work. Run `smimp send` on a terminal, where you can agree to it.",
  too_large: "The server does not take anything that large.",
  already_initialized: "This address is taken. Choose another name.",
  unsupported_version: "This program is too old or too new for the server. Update the older of the two.",
  key_unknown: "It was sealed to a key that this account doesn't have. Ask the sender to send it again.",
  blob_missing: "An attachment got lost on the way. Send the message again.",
  not_found: "It may have been deleted on another device.",
  key_expired: "Run the command again: a new key is fetched.",
  conflict: "Something changed at the same moment. Run the command again.",
};

/** What to do about a problem, in one or two sentences; undefined where there is nothing to add. */
export function adviceFor(code: ProblemCode): string | undefined {
  return ADVICE[code];
}

const EXIT_OF: Readonly<Partial<Record<ProblemCode, number>>> = {
  bad_address: EXIT.usage,
  temporarily_unavailable: EXIT.later,
  rate_limited: EXIT.later,
};

/** How an error is told: what happened, what to do, and the exit code. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly advice: string | undefined;
  readonly exitCode: number;
}

// What the operating system refuses, by its own codes.
const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "this port is in use by another program",
  EADDRNOTAVAIL: "this machine doesn't have this address",
  EISDIR: "is a folder",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "is not a folder",
  EPERM: "not permitted",
  EROFS: "can't be written to",
};
const SYSTEM_ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: "Stop the other program, or set another port.",
  EACCES: "Run this as a user who may, or choose another place. Ports below 1024 need a permission of their own.",
};

/** What the operating system said, in words. */
export function systemWords(code: string | undefined): string {
  return SYSTEM_WORDS[code ?? ""] ?? code ?? "unknown error";
}

function systemMessage({ code = "", path, message, ...more }: NodeJS.ErrnoException): string {
  const { address, port } = more as { address?: string; port?: number };
  const where = path ?? (address === undefined ? undefined : `${address} port ${port}`);
  return sentence(where === undefined ? message : `${where}: ${systemWords(code)}`);
}

/** Puts any error into words. Errors that nobody foresaw show their message, never a stack with paths. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) {
    const { code, message, advice, exitCode } = error;
    return { code, message, advice, exitCode };
  }
  if (isSmimpError(error)) {
    const exitCode = EXIT_OF[error.code] ?? EXIT.failed;
    return { code: error.code, message: sentence(error.message), advice: adviceFor(error.code), exitCode };
  }
  const code = error instanceof Error && "syscall" in error ? String((error as NodeJS.ErrnoException).code) : undefined;
  if (code !== undefined)
    return { code: "system", message: systemMessage(error as NodeJS.ErrnoException), advice: SYSTEM_ADVICE[code], exitCode: EXIT.failed };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === "StorageFailedError") {
    const advice = "Nothing is lost. Make room on the disk or see why it fails, and run the command again.";
    return { code: "system", message: sentence(message), advice, exitCode: EXIT.failed };
  }
  return {
    code: "internal",
    message,
    advice: "This should not happen. Set SMIMP_DEBUG=1 to see where it comes from.",
    exitCode: EXIT.failed,
  };
}

// What servers and libraries say starts small and ends bare.
function sentence(text: string): string {
  const start = /^[a-z]+(?![\w#.])/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
