import { indexOfText, latin1, ofLatin1 } from "./bytes.ts";
import { MAX_MAIL_BYTES, type Found } from "./raw-mail.ts";
import { readAhead, type ByteSource, type ReadAhead } from "./read-ahead.ts";

// An mbox file holds one mail behind the other, each begun by a line `From `. Of its four kinds two quote lines of a mail that begin
// like that (mboxo with one `>`, mboxrd any number of them), two say the length instead (mboxcl, mboxcl2). All are read the same way:
// a length counts if another mail or the end of the file stands behind it; otherwise the next line that can begin a mail ends this one.

/** Bytes of the longest header that is looked through for a length. */
const LONGEST_HEADER = 1024 * 1024;
/** Bytes that are looked at together, at first and at most: a file of many small mails is not to be looked at many times. */
const SMALL_WINDOW = 4 * 1024;
const LARGE_WINDOW = 64 * 1024;
/** The line before, and how a line begins that can begin a mail. */
const BEGINNING = "\nFrom ";
/** Bytes of a line that can begin a mail, and of the one behind it. */
const LINE = 1_000;

const CALENDAR = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:\\d{1,2} +)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\\b";
/** As programs write it: `From sender Mon Jan  1 00:00:00 2026`. */
const STRICT = new RegExp(`^From (?:.{0,300} )?${CALENDAR}.{0,60}\\d{1,2}:\\d{2}`);
/** Anything with a time and a year; it begins a mail only behind an empty line. */
const LOOSE = /^From .{0,300}\d{1,2}:\d{2}.{0,60}\b(?:19|20)\d{2}\b|^From .{0,300}\b(?:19|20)\d{2}\b.{0,60}\d{1,2}:\d{2}/;
const HEADER_END = /\r?\n\r?\n/;
/** A mail goes on with a header. */
const HEADER = /^(?:[!-9;-~]+[ \t]*:|>?From )/;

/** Whether a file can be an mbox: whether it begins as one. */
export function beginsLikeMbox(beginning: Uint8Array): boolean {
  return latin1(beginning.subarray(0, 5)) === "From ";
}

/** The mails of an mbox file, in their order. Whatever the file's size, not more than one mail of it is in memory. */
export async function* readMbox(file: ByteSource, name: string): AsyncGenerator<Found> {
  const { size } = file;
  const ahead = readAhead(file);
  for (let start = 0; start < size;) {
    const place = `${name}, byte ${start}`;
    const mail = await boundsOf(ahead, start, size);
    start = mail.next;
    const length = mail.end - mail.begin;
    if (length > MAX_MAIL_BYTES) yield { place, reason: "too_large" };
    else if (length > 0) {
      const bytes = unquoted(await file.read(mail.begin, length), mail.byLength);
      yield { place, bytes, read: null, receivedAt: dateOf(mail.fromLine), folder: [] };
    }
  }
}

interface Bounds {
  readonly fromLine: string;
  readonly begin: number;
  readonly end: number;
  readonly next: number;
  /** The end comes from a length in the header. */
  readonly byLength: boolean;
}

async function boundsOf(file: ReadAhead, start: number, size: number): Promise<Bounds> {
  const text = await beginningOf(file, start, size);
  const fromLine = text.startsWith("From ") ? (/^[^\n]{0,1000}/.exec(text)?.[0] ?? "") : "";
  const begin = start + (fromLine === "" ? 0 : text.indexOf("\n") + 1 || text.length);
  const headerEnd = HEADER_END.exec(text);
  if (headerEnd !== null) {
    const body = start + headerEnd.index + headerEnd[0].length;
    const length = /^content-length:[ \t]*(\d{1,12})[ \t\r]*$/im.exec(text.slice(0, headerEnd.index));
    const next = length === null ? null : await mailBehind(file, body + Number(length[1]), size);
    if (next !== null) return { fromLine, begin, end: body + Number(length?.[1]), next, byLength: true };
  }
  const next = await nextMail(file, begin, size);
  return { fromLine, begin, end: next, next, byLength: false };
}

/** As much as holds the header of a mail, if it is none of the longest. */
async function beginningOf(file: ReadAhead, start: number, size: number): Promise<string> {
  for (let length = SMALL_WINDOW; ; length *= 2) {
    const text = latin1(await file.read(start, length));
    if (HEADER_END.test(text) || length >= LONGEST_HEADER || start + length >= size) return text;
  }
}

/** Where the next mail begins if one stands at `end`, empty lines aside; the size at the end of the file; null if there is neither. */
async function mailBehind(file: ReadAhead, end: number, size: number): Promise<number | null> {
  if (end > size) return null;
  const text = latin1(await file.peek(end, LINE));
  const empty = /^(?:\r?\n){0,3}/.exec(text)?.[0].length ?? 0;
  if (end + empty >= size) return size;
  return text.startsWith("From ", empty) ? end + empty : null;
}

/** Where the next line stands that begins a mail; the size of the file if there is none. */
async function nextMail(file: ReadAhead, from: number, size: number): Promise<number> {
  for (let at = from, window = SMALL_WINDOW; at < size; at += window, window = Math.min(2 * window, LARGE_WINDOW)) {
    // Windows overlap, so that a line and the one behind it are seen together.
    const begin = Math.max(0, at - 4);
    const bytes = await file.read(begin, window + 4 * LINE);
    const end = at - begin + window;
    for (let found = indexOfText(bytes, BEGINNING); found >= 0 && found + 1 < end; found = indexOfText(bytes, BEGINNING, found + 1)) {
      const line = begin + found + 1;
      if (line >= from && beginsMail(bytes, found + 1)) return line;
    }
  }
  return size;
}

function beginsMail(bytes: Uint8Array, at: number): boolean {
  const [line = "", next = ""] = latin1(bytes.subarray(at, at + 2 * LINE)).split(/\r?\n/, 2);
  if (!HEADER.test(next)) return false;
  if (STRICT.test(line)) return true;
  const behindEmptyLine = /(?:^|\n)\r?\n$/.test(latin1(bytes.subarray(Math.max(0, at - 4), at)));
  return behindEmptyLine && LOOSE.test(line);
}

// mboxcl2 quotes nothing: a line `From ` that stands there unquoted shows it.
function unquoted(bytes: Uint8Array, byLength: boolean): Uint8Array {
  const whole = byLength ? bytes : withoutLastEmptyLine(bytes);
  if (indexOfText(whole, "\n>") < 0 || (byLength && indexOfText(whole, "\nFrom ") >= 0)) return whole;
  return ofLatin1(latin1(whole).replace(/^>(>*From )/gm, "$1"));
}

// The empty line before the next mail belongs to neither.
function withoutLastEmptyLine(mail: Uint8Array): Uint8Array {
  const end = latin1(mail.subarray(-4));
  const empty = /\r?\n(\r?\n)$/.exec(end)?.[1]?.length ?? 0;
  return mail.subarray(0, mail.length - empty);
}

/** The time in a line `From `, which is in UTC unless it says otherwise; null where there is none. */
function dateOf(fromLine: string): number | null {
  const match = new RegExp(`${CALENDAR}.*$`).exec(fromLine);
  if (match === null) return null;
  const text = match[0].trim();
  const time = Date.parse(/[+-]\d{4}\b|\b[A-Z]{3,4}\b|GMT/.test(text.slice(8)) ? text : `${text} UTC`);
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}
