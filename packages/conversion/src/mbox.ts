import { indexOfText, latin1, ofLatin1 } from "./bytes.ts";
import { MAX_MAIL_BYTES, type Found } from "./raw-mail.ts";

// An mbox file holds one mail behind the other, each begun by a line `From `. Of its four kinds two quote lines of a mail that begin
// like that (mboxo with one `>`, mboxrd any number of them), two say the length instead (mboxcl, mboxcl2). All are read the same way:
// a length counts if another mail or the end of the file stands behind it; otherwise the next line that can begin a mail ends this one.

/** Bytes that are looked at together, and of the longest header that is looked through for a length. */
const WINDOW = 1024 * 1024;
/** Bytes of a line that can begin a mail, and of the one behind it. */
const LINE = 1_000;

const CALENDAR = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:\\d{1,2} +)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\\b";
/** As programs write it: `From sender Mon Jan  1 00:00:00 2026`. */
const STRICT = new RegExp(`^From (?:.{0,300} )?${CALENDAR}.{0,60}\\d{1,2}:\\d{2}`);
/** Anything with a time and a year; it begins a mail only behind an empty line. */
const LOOSE = /^From .{0,300}\d{1,2}:\d{2}.{0,60}\b(?:19|20)\d{2}\b|^From .{0,300}\b(?:19|20)\d{2}\b.{0,60}\d{1,2}:\d{2}/;
/** A mail goes on with a header. */
const HEADER = /^(?:[!-9;-~]+[ \t]*:|>?From )/;

/** Whether a file can be an mbox: whether it begins as one. */
export function beginsLikeMbox(beginning: Uint8Array): boolean {
  return latin1(beginning.subarray(0, 5)) === "From ";
}

/** Bytes that lie somewhere and are read in part. */
export interface ByteSource {
  readonly size: number;
  /** So many bytes from there on, or as many as there are. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** The mails of an mbox file, in their order. Whatever the file's size, not more than one mail of it is in memory. */
export async function* readMbox(file: ByteSource, name: string): AsyncGenerator<Found> {
  const { size } = file;
  for (let start = 0; start < size;) {
    const place = `${name}, byte ${start}`;
    const mail = await boundsOf(file, start, size);
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

async function boundsOf(file: ByteSource, start: number, size: number): Promise<Bounds> {
  const head = await file.read(start, WINDOW);
  const text = latin1(head);
  const fromLine = text.startsWith("From ") ? (/^[^\n]{0,1000}/.exec(text)?.[0] ?? "") : "";
  const begin = start + (fromLine === "" ? 0 : Math.min(head.length, text.indexOf("\n") + 1 || head.length));
  const headerEnd = /\r?\n\r?\n/.exec(text);
  if (headerEnd !== null) {
    const body = start + headerEnd.index + headerEnd[0].length;
    const length = /^content-length:[ \t]*(\d{1,12})[ \t\r]*$/im.exec(text.slice(0, headerEnd.index));
    const next = length === null ? null : await mailBehind(file, body + Number(length[1]), size);
    if (next !== null) return { fromLine, begin, end: body + Number(length?.[1]), next, byLength: true };
  }
  const next = await nextMail(file, begin, size);
  return { fromLine, begin, end: next, next, byLength: false };
}

/** Where the next mail begins if one stands at `end`, empty lines aside; the size at the end of the file; null if there is neither. */
async function mailBehind(file: ByteSource, end: number, size: number): Promise<number | null> {
  if (end > size) return null;
  const text = latin1(await file.read(end, LINE));
  const empty = /^(?:\r?\n){0,3}/.exec(text)?.[0].length ?? 0;
  if (end + empty >= size) return size;
  return text.startsWith("From ", empty) ? end + empty : null;
}

/** Where the next line stands that begins a mail; the size of the file if there is none. */
async function nextMail(file: ByteSource, from: number, size: number): Promise<number> {
  // Windows overlap, so that a line and the one behind it are seen together.
  for (let at = from; at < size; at += WINDOW) {
    const text = latin1(await file.read(Math.max(0, at - 4), WINDOW + 4 * LINE));
    const before = at - Math.max(0, at - 4);
    for (let found = text.indexOf("\nFrom "); found >= 0 && found + 1 < before + WINDOW; found = text.indexOf("\nFrom ", found + 1)) {
      const line = at - before + found + 1;
      if (line >= from && beginsMail(text, found + 1)) return line;
    }
  }
  return size;
}

function beginsMail(text: string, at: number): boolean {
  const [line = "", next = ""] = text.slice(at, at + 2 * LINE).split(/\r?\n/, 2);
  if (!HEADER.test(next)) return false;
  if (STRICT.test(line)) return true;
  const behindEmptyLine = /(?:^|\n)\r?\n$/.test(text.slice(Math.max(0, at - 4), at));
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
