import { describe, expect, it } from "vitest";
import { MAX_EXPORT_PIECE_BYTES } from "./limits.ts";
import { parseShape } from "./schema.ts";
import { bytesLines, bytesOfLine, exportLine } from "./export-line.ts";
import { concat, toB64 } from "./bytes.ts";

const bytes = new Uint8Array(2 * MAX_EXPORT_PIECE_BYTES + 5).map((_, index) => (index * 7_919) % 256);

describe("lines that carry bytes", () => {
  it("come back as they were, in pieces of 256 KiB", () => {
    const lines = [...bytesLines(bytes)];
    expect(lines.map((line) => bytesOfLine(line).length)).toEqual([MAX_EXPORT_PIECE_BYTES, MAX_EXPORT_PIECE_BYTES, 5]);
    expect(concat(...lines.map((line) => bytesOfLine(line)))).toEqual(bytes);
    expect(lines.map((line) => parseShape(exportLine, line))).toEqual(lines);
    expect([...bytesLines(new Uint8Array())]).toEqual([]);
  });

  it("are written as everywhere else", () => {
    for (const length of [1, 2, 3, 4, 255]) {
      const piece = bytes.subarray(0, length);
      expect([...bytesLines(piece)]).toEqual([{ kind: "bytes", bytes: toB64(piece) }]);
    }
  });

  it("are read and written where the platform has no coding of its own", () => {
    const platform = Uint8Array as { fromBase64?: unknown };
    const instances = Uint8Array.prototype as { toBase64?: unknown };
    const { fromBase64 } = platform;
    const { toBase64 } = instances;
    delete platform.fromBase64;
    delete instances.toBase64;
    try {
      const [line] = [...bytesLines(bytes.subarray(0, 70))];
      expect(line).toEqual({ kind: "bytes", bytes: toB64(bytes.subarray(0, 70)) });
      expect(bytesOfLine({ kind: "bytes", bytes: toB64(bytes.subarray(0, 70)) })).toEqual(bytes.subarray(0, 70));
      expect(() => bytesOfLine({ kind: "bytes", bytes: "AB" })).toThrow(expect.objectContaining({ code: "bad_request" }) as Error);
    } finally {
      Object.assign(platform, { fromBase64 });
      Object.assign(instances, { toBase64 });
    }
  });

  it.each(["AA==", "AB", "AAB", "A A", "AA\n", "A+AA", "A/AA", "A", "Ä"])("%j carries none", (text) => {
    expect(() => bytesOfLine({ kind: "bytes", bytes: text })).toThrow(expect.objectContaining({ code: "bad_request" }) as Error);
  });

  it("holds no more than a piece", () => {
    const line = { kind: "bytes", bytes: toB64(new Uint8Array(MAX_EXPORT_PIECE_BYTES + 1)) };
    expect(() => parseShape(exportLine, line)).toThrow(expect.objectContaining({ code: "bad_request" }) as Error);
  });
});
