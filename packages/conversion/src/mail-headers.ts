import { decodeWords, type Address, type Email } from "postal-mime";
import { MAX_LEGACY_LENGTH, MAX_RECIPIENTS } from "@smimp/protocol/limits";
import { concat, indexOfText, utf8 } from "./bytes.ts";

/** Characters of all recipients of one kind together: a message has to hold them. */
const MAX_RECIPIENTS_TEXT = 100_000;

/** Stands in exported mail where somebody has a name but no address that a header could hold. */
export const NO_ADDRESS = "nobody@smimp.invalid";

/** The value of a mail's first header of that name, in lower case; null where it has none. */
export function headerOf({ headers }: Pick<Email, "headers">, name: string): string | null {
  return headers.find(({ key }) => key === name)?.value ?? null;
}

/** A text that a message can hold: one line, well-formed, and no longer than allowed. */
export function lineOf(text: string, length: number): string {
  const line = text
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return line.length <= length ? line : line.slice(0, length).toWellFormed();
}

/**
 * People as texts, e.g. `Bob <bob@example.org>`. Where the mail says who they are in SMIMP (it was exported from there), their
 * addresses are those: one for each person, in the same order.
 */
export function peopleOf(people: readonly Address[], smimp: string | null): readonly string[] {
  const mailboxes = people.flatMap((each) => each.group ?? [each]).slice(0, MAX_RECIPIENTS);
  const known = smimp === null ? [] : smimp.split(",").map((address) => address.trim());
  const addressOf = (number: number, address: string): string => (known.length === mailboxes.length ? (known[number] ?? address) : address);
  const texts = mailboxes.map(({ name, address }, number) => personText(name, addressOf(number, address)));
  let room = MAX_RECIPIENTS_TEXT;
  return texts.filter((text) => text !== "" && (room -= text.length) >= 0);
}

function personText(name: string, address: string): string {
  const shown = lineOf(name, MAX_LEGACY_LENGTH / 2);
  if (address === NO_ADDRESS) return shown;
  const text = shown === "" || shown === address ? address : address === "" ? shown : `${shown} <${address}>`;
  return lineOf(text, MAX_LEGACY_LENGTH);
}

/** Seconds since 1970 of a date in a header; null for what is none, or one that no message can hold. */
export function dateOf(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  // Comments such as `(CET)` and what some programs add behind the zone.
  const time = Date.parse(text.replace(/\([^()]{0,100}\)/g, " ").trim());
  if (Number.isNaN(time)) return null;
  const seconds = Math.floor(time / 1000);
  return seconds >= 0 && seconds <= LAST ? seconds : null;
}

/** The end of the year 9999. */
const LAST = 253_402_300_799;

/** Ids between angle brackets, as `References` and `Message-ID` have them. */
export function idsIn(text: string | null | undefined): readonly string[] {
  return (text ?? "").slice(0, 20_000).match(/<[^<>\s]{1,900}>/g) ?? [];
}

/** When the last server on its way had it: the date behind the last semicolon of the first `Received`. */
export function receivedDate(email: Pick<Email, "headers">): number | null {
  return dateOf(headerOf(email, "received")?.split(";").at(-1));
}

/** Whether somebody has read it, as mail programs note it; null where none did. */
export function readState(email: Pick<Email, "headers">): boolean | null {
  const mozilla = headerOf(email, "x-mozilla-status");
  if (mozilla !== null && /^[0-9a-f]{4}$/i.test(mozilla)) return (Number.parseInt(mozilla, 16) & 1) === 1;
  const labels = headerOf(email, "x-gmail-labels");
  if (labels !== null) return !/(?:^|,)"?Unread"?(?:,|$)/i.test(decodeWords(labels));
  const status = headerOf(email, "status");
  return status === null ? null : status.includes("R");
}

/**
 * The bytes of a mail with headers in UTF-8: programs of before wrote their own language's eight-bit letters there. Which one can't be
 * known; the most common by far is taken.
 */
export function withReadableHeaders(bytes: Uint8Array): Uint8Array {
  const end = headerEnd(bytes);
  const head = bytes.subarray(0, end);
  if (isUtf8(head)) return bytes;
  return concat(utf8(new TextDecoder("windows-1252").decode(head)), bytes.subarray(end));
}

/** Where a mail's headers end and its body begins; its length where it has no body. */
export function headerEnd(bytes: Uint8Array): number {
  const [short, long] = [indexOfText(bytes, "\n\n"), indexOfText(bytes, "\n\r\n")];
  if (short < 0 && long < 0) return bytes.length;
  return long < 0 || (short >= 0 && short < long) ? short + 2 : long + 3;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
