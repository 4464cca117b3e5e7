import {
  bytesOfLine,
  concat,
  exportLine,
  importHead,
  MAX_REQUEST_VALUES,
  parseJsonBytes,
  parseShape,
  SmimpError,
  type ExportLine,
  type JsonValue,
} from "@smimp/protocol";

const LINE_FEED = 0x0a;

/** The lines of an import as they come: parsed one by one, never more than one in memory (protocol section 8). Everything throws `bad_request`, `too_large`. */
export interface ExportLines {
  /** The first line of all: the code. To be called first, once. */
  head(): Promise<{ readonly code: string | null }>;
  /** The next line. Throws `bad_request` where there is none: the last one is `end`, which the reader doesn't ask beyond. */
  next(): Promise<ExportLine>;
  /** The bytes that the following lines carry: exactly so many. To be read whole before `next`. */
  bytes(size: number): AsyncGenerator<Uint8Array>;
  /** Lines of the export that were read. */
  count(): number;
  /** Throws `bad_request` where anything follows. */
  assertOver(): Promise<void>;
  /** Gives up what was not read; to be called at the end, however it comes. */
  close(): Promise<void>;
}

/** Reads lines of at most so many bytes. */
export function readExportLines(source: AsyncIterable<Uint8Array>, maxLineBytes: number): ExportLines {
  const lines = splitLines(source, maxLineBytes);
  let count = 0;
  const nextValue = async (): Promise<JsonValue> => {
    const line = await lines.next();
    if (line.done === true) throw new SmimpError("bad_request", "the export is not whole");
    return parseJsonBytes(line.value, MAX_REQUEST_VALUES);
  };
  const next = async (): Promise<ExportLine> => {
    const line = parseShape(exportLine, await nextValue());
    count++;
    return line;
  };
  return {
    head: async () => parseShape(importHead, await nextValue()),
    next,
    async *bytes(size) {
      for (let left = size; left > 0;) {
        const line = await next();
        if (line.kind !== "bytes") throw new SmimpError("bad_request", "bytes that were announced are not there");
        const piece = bytesOfLine(line);
        left -= piece.length;
        if (left < 0) throw new SmimpError("bad_request", "there are more bytes than were announced");
        yield piece;
      }
    },
    count: () => count,
    async assertOver() {
      if ((await lines.next()).done !== true) throw new SmimpError("bad_request", "lines follow the end");
    },
    close: async () => void (await lines.return(undefined)),
  };
}

/** Lines without their line feeds; a last one may lack it, empty ones are passed over. */
async function* splitLines(source: AsyncIterable<Uint8Array>, maxLineBytes: number): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array): void => {
    length += part.length;
    if (length > maxLineBytes) throw new SmimpError("too_large", `a line has ${maxLineBytes} bytes at the most`);
    parts.push(part);
  };
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      if (length > 0) yield concat(...parts);
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.subarray(start));
  }
  if (length > 0) yield concat(...parts);
}
