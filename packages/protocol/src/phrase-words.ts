import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { assertBytes } from "./bytes.ts";
import { PHRASE_SECRET_BYTES } from "./phrase.ts";
import { SmimpError } from "./problem.ts";

/** The words that phrases are made of, in the order of BIP-39; the first four letters tell each from all others. */
export const PHRASE_WORDS: readonly string[] = wordlist;

const FORM = /^[a-z]+(?: [a-z]+){23}$/;
const LONGEST_PHRASE = 24 * 9;

/** The 24 words that spell 32 random bytes P: lower case, one space apart (protocol section 8). */
export function newPhrase(secret: Uint8Array): string {
  assertBytes(secret, "secret", PHRASE_SECRET_BYTES);
  return entropyToMnemonic(secret, wordlist);
}

/** The 32 bytes P of a phrase; its checksum is verified. Throws `bad_request`. */
export function parsePhrase(phrase: string): Uint8Array {
  if (typeof phrase !== "string" || phrase.length > LONGEST_PHRASE || !FORM.test(phrase)) throw notAPhrase();
  let secret: Uint8Array;
  try {
    secret = mnemonicToEntropy(phrase, wordlist);
  } catch {
    // The library's reason names the word that is wrong: a secret that goes into no error.
    throw notAPhrase();
  }
  assertBytes(secret, "secret", PHRASE_SECRET_BYTES);
  return secret;
}

function notAPhrase(): SmimpError {
  return new SmimpError("bad_request", "not a recovery phrase of 24 words");
}
