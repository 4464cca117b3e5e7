/** Scripts written without spaces between words: each letter is indexed as a word, and what is searched for as a phrase of them. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/** What an index takes for parts of words: letters, digits, and what fonts of one's own use. */
const WORD = /[\p{L}\p{N}\p{Co}]/u;

/** A text as it is indexed and searched for: one form for each letter, no control characters, unspaced scripts letter by letter. */
export function searchable(text: string): string {
  return text
    .toWellFormed()
    .normalize("NFKC")
    .replace(/\p{Cc}+/gu, " ")
    .replace(UNSPACED, " $& ");
}

/** Whether there is anything to search for in a text. */
export function hasWords(text: string): boolean {
  return WORD.test(text);
}

/** Lower case without accents: the form in which words are compared outside of an index. */
export function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();
}
