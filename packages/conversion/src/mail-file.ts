import { latin1 } from "./bytes.ts";

/** Endings of files that are read although nothing in them looks like mail at first sight. */
const MAIL_ENDINGS = [".eml", ".emlx", ".mbox", ".mbx", ".msg", ".txt", ".mail", ""];

/** Headers that a mail has among its first, if it is one. */
const KNOWN_HEADERS =
  /^(?:from|to|date|subject|received|return-path|delivered-to|message-id|mime-version|x-[a-z0-9-]+|dkim-signature|content-type|cc|bcc|reply-to|sender|status|x-smimp-from)[ \t]*:/im;

/** Whether a file can be a mail, by its ending (with its dot) and its first bytes. */
export function looksLikeMail(ending: string, beginning: Uint8Array): boolean {
  if (!MAIL_ENDINGS.includes(ending.toLowerCase())) return false;
  const text = latin1(beginning).replace(/^\d+\s*\n/, "");
  return KNOWN_HEADERS.test(text.split(/\r?\n\r?\n/, 1)[0] ?? "");
}

/** The mail in Apple's form: a line with its length, the mail, and notes of the program's own; null for another form. */
export function ofAppleMail(bytes: Uint8Array): Uint8Array | null {
  const line = /^\s*(\d{1,12})\s*\n/.exec(latin1(bytes.subarray(0, 64)));
  if (line === null) return null;
  return bytes.subarray(line[0].length, line[0].length + Number(line[1]));
}
