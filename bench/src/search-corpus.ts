import type { SearchDocument } from "@smimp/client";
import type { Hex32, Timestamp } from "@smimp/protocol";

/** Made-up mail that is the same in every run: words of a made-up language, as often as words are, some of them common, most of them rare. */
export interface Corpus {
  readonly documents: readonly SearchDocument[];
  /** Characters in all. */
  readonly characters: number;
  /** The word on a rank; 0 is the most common. */
  word(rank: number): string;
  /** Somebody who wrote. */
  readonly sender: string;
}

const VOCABULARY = 60_000;
const SENDERS = 500;
/** Seconds between two messages: 100,000 of them are five years. */
const INTERVAL = 1_577;
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** Makes so many messages, each of about 120 words. */
export function makeCorpus(count: number): Corpus {
  const next = randomNumbers(1);
  const below = (limit: number): number => Math.floor(next() * limit);
  const words = Array.from({ length: VOCABULARY }, () => Array.from({ length: 3 + below(8) }, () => LETTERS.charAt(below(26))).join(""));
  const shares = shareSums(VOCABULARY);
  const text = (length: number): string => Array.from({ length }, () => words[rankAt(shares, next())] ?? "").join(" ");
  const senderOf = (number: number): string => `${words[number] ?? ""}#alpha.example`;
  let characters = 0;
  const documents = Array.from({ length: count }, (_, number): SearchDocument => {
    const subject = text(5);
    const body = text(40 + below(160));
    characters += subject.length + body.length;
    return {
      messageId: number.toString(16).padStart(64, "0") as Hex32,
      receivedAt: `${new Date((1_600_000_000 + number * INTERVAL) * 1_000).toISOString().slice(0, 19)}Z` as Timestamp,
      sender: senderOf(below(SENDERS)),
      recipients: "me#beta.example",
      subject,
      body,
      files: "",
      attachment: below(10) === 0,
      own: false,
      whole: true,
      unread: below(20) === 0,
      starred: false,
      folder: null,
      labels: [],
    };
  });
  return { documents, characters, word: (rank) => words[rank] ?? "", sender: senderOf(7) };
}

/** Sums of 1 / (rank + 2), of all: where a random number falls tells a word's rank. */
function shareSums(length: number): Float64Array {
  const sums = new Float64Array(length);
  let sum = 0;
  for (let rank = 0; rank < length; rank++) sums[rank] = sum += 1 / (rank + 2);
  return sums.map((each) => each / sum);
}

function rankAt(sums: Float64Array, number: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 1) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Mulberry32: small, and the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
