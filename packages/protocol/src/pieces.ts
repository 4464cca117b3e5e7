import { concat } from "./bytes.ts";
import { PADDING_MARKER, paddedLength, shortestContent } from "./padding.ts";
import { SmimpError } from "./problem.ts";

// What a stream of unevenly cut pieces takes; blobs alone use it, so the package does not export it.

/** Bytes of the largest piece in which zeros are given back. */
const PIECE_BYTES = 65_536;

/** Collects pieces to exactly the length asked for, without copying what comes whole. */
export class Collector {
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** Takes from `bytes` what is missing to `wanted` bytes: how many it took, and the whole if it is whole. */
  take(bytes: Uint8Array, wanted: number): { readonly taken: number; readonly whole: Uint8Array | null } {
    const taken = Math.min(bytes.length, wanted - this.#length);
    const part = bytes.subarray(0, taken);
    if (this.#length + taken < wanted) {
      // What is kept beyond this call is copied: the caller may use its buffer again.
      if (taken > 0) this.#pieces.push(part.slice());
      this.#length += taken;
      return { taken, whole: null };
    }
    const whole = this.#length === 0 ? part : concat(...this.#pieces, part);
    this.#pieces = [];
    this.#length = 0;
    return { taken, whole };
  }
}

/**
 * Takes the padding off a stream of `padded` bytes. What may be padding is held back as a number of zeros, never as bytes;
 * since all before `shortestContent` is content, that number stays small beside the whole.
 */
export class Unpadder {
  readonly #padded: number;
  readonly #certain: number;
  #position = 0;
  /** Where the marker stands that may begin the padding; everything behind it was zero so far. */
  #marker: number | null = null;

  constructor(padded: number) {
    this.#padded = padded;
    this.#certain = shortestContent(padded);
  }

  /** Takes the next bytes, gives what is content for certain. Throws `decryption_failed` at the end of a wrong padding. */
  push(bytes: Uint8Array): Uint8Array[] {
    const certain = Math.min(bytes.length, Math.max(0, this.#certain - this.#position));
    const tail = bytes.subarray(certain);
    let last = tail.length - 1;
    while (last >= 0 && tail[last] === 0) last--;
    const content: Uint8Array[] = [];
    if (last < 0) {
      // Only zeros: they belong to whatever came before.
      content.push(this.#marker === null ? bytes : bytes.subarray(0, certain));
    } else {
      content.push(...this.#release());
      const isMarker = tail[last] === PADDING_MARKER;
      content.push(isMarker ? bytes.subarray(0, certain + last) : bytes);
      this.#marker = isMarker ? this.#position + certain + last : null;
    }
    this.#position += bytes.length;
    if (this.#position === this.#padded) this.contentLength();
    return content.filter((piece) => piece.length > 0);
  }

  /** The length of the content, once all was pushed. Throws `decryption_failed` where it is not padded as it must be. */
  contentLength(): number {
    if (this.#marker === null || paddedLength(this.#marker) !== this.#padded)
      throw new SmimpError("decryption_failed", "the padding is not valid");
    return this.#marker;
  }

  /** What was held back and turned out to be content. */
  #release(): Uint8Array[] {
    if (this.#marker === null) return [];
    const content: Uint8Array[] = [];
    for (let left = this.#position - this.#marker; left > 0; left -= PIECE_BYTES) content.push(new Uint8Array(Math.min(left, PIECE_BYTES)));
    if (content[0] !== undefined) content[0][0] = PADDING_MARKER;
    return content;
  }
}
