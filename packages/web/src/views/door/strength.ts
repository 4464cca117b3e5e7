// A hint, no gate: how long a passphrase would hold somebody up who has this device and tries again and again, each time at the cost
// of 256 MiB of memory and about a second.

/** How strong a passphrase seems, from `short`, which is not taken, to `strong`. */
export type Strength = "short" | "weak" | "fair" | "good" | "strong";

/** Characters of the shortest passphrase: it guards this device only. */
export const MIN_PASSPHRASE = 8;

/** Bits from which on it is as good as said. */
const BITS: readonly (readonly [number, Strength])[] = [
  [58, "strong"],
  [48, "good"],
  [34, "fair"],
];

/** What people choose most, in the languages of the interface; each counts as little as a single letter. */
const COMMON =
  /passwor[dt]|passphrase|passwd|qwert[yz]|asdfgh|yxcvb|letmein|welcome|willkommen|iloveyou|ichliebedich|schatz|hallo|hello|geheim|secret|admin|monkey|dragon|master|football|fussball|sommer|summer|winter|smimp/gi;

/** How strong a passphrase seems; what `known` holds (the address, the name) is no secret and counts for nothing. */
export function strengthOf(passphrase: string, known: readonly string[] = []): Strength {
  if (passphrase.length < MIN_PASSPHRASE) return "short";
  const bits = bitsOf(passphrase, known);
  return BITS.find(([least]) => bits >= least)?.[1] ?? "weak";
}

function bitsOf(passphrase: string, known: readonly string[]): number {
  const parts = known.flatMap((each) => each.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((each) => each.length > 2);
  const plain = parts.reduce((text, part) => text.toLowerCase().replaceAll(part, "\u0001"), passphrase.replace(COMMON, "\u0001"));
  const words = passphrase.split(/[\s\-_.,]+/).filter((each) => /^\p{L}{3,}$/u.test(each));
  const letters = Array.from(plain);
  const alphabet = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].reduce(
    (sum, kind, index) => sum + (kind.test(plain) ? ([26, 26, 10, 20][index] ?? 0) : 0),
    0,
  );
  // What repeats or counts on is no news.
  const news = letters.filter((letter, index) => !follows(letters[index - 1], letter)).length;
  const asLetters = Math.min(news, new Set(letters).size * 1.6) * Math.log2(Math.max(alphabet, 2));
  // Words come from a list of some thousands, whatever letters they have.
  return words.length >= 3 ? Math.min(asLetters, new Set(words.map((each) => each.toLowerCase())).size * 12) : asLetters;
}

function follows(before: string | undefined, letter: string): boolean {
  if (before === undefined) return false;
  const step = (letter.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0);
  return step >= -1 && step <= 1;
}
