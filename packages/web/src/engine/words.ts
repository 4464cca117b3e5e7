import { PHRASE_WORDS, randomBytes } from "@smimp/protocol";

/** Words of a passphrase that is suggested: 55 bits, each guess at which costs 256 MiB of memory. */
const SUGGESTED = 5;

/** A passphrase that can be remembered, of words drawn by chance. */
export function suggestPassphrase(): string {
  const drawn = new DataView(randomBytes(2 * SUGGESTED).buffer);
  // 2,048 words: 11 bits of 16 are as even as 16.
  return Array.from({ length: SUGGESTED }, (_, index) => PHRASE_WORDS[drawn.getUint16(2 * index) % PHRASE_WORDS.length]).join("-");
}

/** The words that recovery phrases are made of, in their order. */
export function wordList(): readonly string[] {
  return PHRASE_WORDS;
}
