import { base64, concat, utf8 } from "./bytes.ts";

/** Characters of the longest line of a text that stands as it is, and of encoded lines. */
const LINE = 76;
/** Bytes that make one line of base64. */
const LINE_BYTES = 57;

/** A text part: its transfer encoding, and its lines, each ended by CRLF; the last of them belongs to a boundary behind it. */
export interface EncodedText {
  readonly encoding: "7bit" | "quoted-printable" | "base64";
  readonly content: string;
}

/** Encodes a text so that it comes back as it was, but for its line ends; no line of it is longer than allowed or begins with `From `. */
export function encodedText(text: string): EncodedText {
  const canonical = text.replace(/\r\n?|\n/g, "\r\n");
  if (isPlain(canonical)) return { encoding: "7bit", content: canonical };
  const ascii = canonical.replace(/[^\t\r\n\x20-\x7e]/g, "").length;
  if (ascii * 4 >= canonical.length * 3) return { encoding: "quoted-printable", content: quotedPrintable(canonical) };
  return { encoding: "base64", content: base64Lines(utf8(canonical)) };
}

function isPlain(text: string): boolean {
  if (!/^[\t\r\n\x20-\x7e]*$/.test(text) || (text !== "" && !text.endsWith("\r\n"))) return false;
  return text.split("\r\n").every((line) => line.length <= LINE && line.trimEnd() === line && !/^(?:From |\.)/.test(line));
}

// It ends with a line that goes on with nothing: so no reader adds a line end of its own, or takes one away.
function quotedPrintable(text: string): string {
  return `${text.split("\r\n").map(quotedLine).join("\r\n")}=\r\n`;
}

function quotedLine(line: string): string {
  const pieces: string[] = [];
  let piece = "";
  const characters = Array.from(line);
  for (const [index, character] of characters.entries()) {
    const last = index === characters.length - 1;
    const plain =
      /[\t\x20-\x3c\x3e-\x7e]/.test(character) && !(last && /[\t ]/.test(character)) && !(piece === "" && /[F.]/.test(character));
    const encoded = plain ? character : quotedBytes(character);
    if (piece.length + encoded.length > LINE - 1) {
      pieces.push(`${piece}=`);
      piece = "";
    }
    piece += encoded;
  }
  return [...pieces, piece].join("\r\n");
}

function quotedBytes(character: string): string {
  return [...utf8(character)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

/** Bytes as lines of base64, as they come. */
export async function* base64Stream(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let left = new Uint8Array();
  for await (const piece of pieces) {
    const all = concat(left, piece);
    const whole = all.length - (all.length % LINE_BYTES);
    if (whole > 0) yield base64Lines(all.subarray(0, whole));
    left = all.slice(whole);
  }
  if (left.length > 0) yield base64Lines(left);
}

function base64Lines(bytes: Uint8Array): string {
  return base64(bytes).replace(/.{1,76}/g, "$&\r\n");
}
