import { concat, fromUtf8, SmimpError } from "@smimp/protocol";

const LINE_FEED = 10;

/** The lines of a stream of UTF-8, without their ends. Throws `too_large` for a line of more than `maxBytes`. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    let rest = piece;
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      yield fromUtf8(concat(...waiting, rest.subarray(0, end))).replace(/\r$/, "");
      [waiting, length] = [[], 0];
      rest = rest.subarray(end + 1);
    }
    length += rest.length;
    if (length > maxBytes) throw new SmimpError("too_large", "the server's answer has a line without end");
    if (rest.length > 0) waiting.push(rest.slice());
  }
  if (length > 0) yield fromUtf8(concat(...waiting));
}
