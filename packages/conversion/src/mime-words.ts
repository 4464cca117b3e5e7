import { base64, utf8 } from "./bytes.ts";

// Texts in headers of ordinary mail, which hold ASCII alone (RFC 2047, RFC 2231, RFC 5322).

/** Bytes of text in one encoded word: with its frame it has at most 75 characters. */
const WORD_BYTES = 45;
/** Characters that may stand as they are. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Longest text that stands in its line as it is. */
const MAX_PLAIN = 60;

/** A text in a header that holds any: as it is where that is possible, otherwise in encoded words, folded. */
export function headerText(text: string): string {
  if (PLAIN.test(text) && text.length <= MAX_PLAIN && text.trim() === text && !text.includes("=?")) return text;
  return encodedWords(text);
}

/** A person's name before an address: as it is, in quotes, or in encoded words. */
export function headerName(name: string): string {
  if (/^[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*$/.test(name) && name.trim() === name && name.length <= MAX_PLAIN && !name.includes("=?"))
    return name;
  if (PLAIN.test(name) && name.length <= MAX_PLAIN && !name.includes("=?")) return `"${name.replace(/(["\\])/g, "\\$1")}"`;
  return encodedWords(name);
}

/** A parameter behind a header's value, e.g. `; filename="a.txt"`, folded. */
export function headerParameter(name: string, value: string): string {
  if (/^[A-Za-z0-9 ._+-]{1,50}$/.test(value) && value.trim() === value) return `;\r\n ${name}="${value}"`;
  const pieces: string[] = [];
  let piece = "";
  for (const character of value) {
    const encoded = percentEncoded(character);
    if (piece.length + encoded.length > WORD_BYTES) {
      pieces.push(piece);
      piece = "";
    }
    piece += encoded;
  }
  pieces.push(piece);
  return pieces.map((each, index) => `;\r\n ${name}*${index}*=${index === 0 ? "UTF-8''" : ""}${each}`).join("");
}

function encodedWords(text: string): string {
  const words: string[] = [];
  let word: number[] = [];
  for (const character of text.toWellFormed()) {
    const bytes = utf8(character);
    if (word.length + bytes.length > WORD_BYTES) {
      words.push(encodedWord(word));
      word = [];
    }
    word.push(...bytes);
  }
  words.push(encodedWord(word));
  return words.join("\r\n ");
}

function encodedWord(bytes: readonly number[]): string {
  return `=?UTF-8?B?${base64(Uint8Array.from(bytes))}?=`;
}

function percentEncoded(character: string): string {
  if (/^[A-Za-z0-9._+-]$/.test(character)) return character;
  return [...utf8(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}
