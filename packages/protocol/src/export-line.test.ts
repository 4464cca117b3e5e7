import { describe, expect, it } from "vitest";
import {
  ADDRESS,
  checkShape,
  HEX,
  moreThan,
  NO_COUNT,
  NO_HEX,
  NO_TIME,
  noBytes,
  noStatement,
  statementOf,
  TIME,
  zeros,
} from "../test/shape-checks.ts";
import { MAX_EXPORT_PIECE_BYTES } from "./limits.ts";
import { parseShape } from "./schema.ts";
import { bytesLines, bytesOfLine, exportLine, importHead } from "./export-line.ts";
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

describe("the lines of an export", () => {
  const KIND = { refuses: ["", "other", null] };
  const AT = { refuses: NO_TIME };
  const HASH = { refuses: NO_HEX };
  const ADDRESSED = { refuses: ["alice", "Alice#example.com", 1] };
  const NAME = { takes: ["a", "A-z_09"], refuses: [1, "", "f".repeat(65), "a b", " a", "a ", "ä"] };
  const NOTE = { takes: [null, ""], refuses: moreThan(1_024) };
  const sizeUpTo = (bytes: number) => ({ takes: [0, bytes], refuses: [...NO_COUNT, bytes + 1] });

  it("begin an import with a code, or none", () => {
    checkShape(importHead, { code: "c".repeat(64) }, { code: { takes: [null, ""], refuses: [1, "c".repeat(65)] } });
  });

  it("say what an account is", () => {
    checkShape(
      exportLine,
      { kind: "account", address: ADDRESS, state: "0", created_at: TIME, list_key: zeros(32), profile: "p".repeat(16_384) },
      {
        kind: KIND,
        address: ADDRESSED,
        state: { takes: ["9".repeat(64)], refuses: [1, "", "x"] },
        created_at: AT,
        list_key: { refuses: noBytes(32) },
        profile: { takes: [null, ""], refuses: [1, "p".repeat(16_385)] },
      },
    );
    checkShape(
      exportLine,
      { kind: "record", record: statementOf(4_096), accepted_at: TIME },
      {
        kind: KIND,
        record: { refuses: noStatement(4_096) },
        accepted_at: AT,
      },
    );
    checkShape(
      exportLine,
      { kind: "avatar", hash: HEX, size: 0, media_type: "image/png" },
      {
        kind: KIND,
        hash: HASH,
        size: sizeUpTo(1_048_576),
        media_type: { takes: ["image/jpeg"], refuses: ["", "image/gif", null] },
      },
    );
  });

  it("say which keys and keystores there are", () => {
    checkShape(exportLine, { kind: "nonephemeral_key", key: statementOf(4_096) }, { kind: KIND, key: { refuses: noStatement(4_096) } });
    checkShape(exportLine, { kind: "known_key", key_id: HEX, expires_at: TIME }, { kind: KIND, key_id: HASH, expires_at: AT });
    checkShape(
      exportLine,
      { kind: "keystore", version: 0, stored_at: TIME, size: 0 },
      {
        kind: KIND,
        version: { refuses: NO_COUNT },
        stored_at: AT,
        size: sizeUpTo(8_388_608),
      },
    );
    checkShape(
      exportLine,
      { kind: "hand_over", code: "A2".repeat(8), public_key: zeros(1_216), sealed: zeros(2_048), expires_at: TIME },
      {
        kind: KIND,
        code: { refuses: ["", "a2".repeat(8), 1] },
        public_key: { refuses: noBytes(1_216) },
        sealed: { takes: [""], refuses: [null, ...moreThan(2_048)] },
        expires_at: AT,
      },
    );
  });

  it("say how things are filed, and who is who", () => {
    const name = "f".repeat(64);
    checkShape(
      exportLine,
      { kind: "folder", name, message_type: "email", parent: name, display_name: zeros(1_024) },
      {
        kind: KIND,
        name: NAME,
        message_type: { refuses: ["mail", 1] },
        parent: { takes: [null, ...NAME.takes], refuses: NAME.refuses },
        display_name: NOTE,
      },
    );
    checkShape(
      exportLine,
      { kind: "list_entry", list: "allowlist", hash: HEX, note: zeros(1_024), created_at: TIME },
      {
        kind: KIND,
        list: { takes: ["blocklist"], refuses: ["", "list", null] },
        hash: HASH,
        note: NOTE,
        created_at: AT,
      },
    );
    checkShape(
      exportLine,
      { kind: "correspondent", address: ADDRESS, first_accepted_at: TIME },
      {
        kind: KIND,
        address: ADDRESSED,
        first_accepted_at: AT,
      },
    );
  });

  it("carry messages and what is in them", () => {
    const message = {
      kind: "message",
      message_id: HEX,
      envelope: statementOf(1),
      received_at: TIME,
      position: 1,
      received_via: "smimp_client",
      read: true,
      folder: null,
      pow: null,
      archive: null,
      summary: null,
      extensions: zeros(16_384),
      protocol_version: "1.0",
    };
    checkShape(exportLine, message, {
      ...Object.fromEntries(Object.keys(message).map((name) => [name, { refuses: [1] }])),
      position: { refuses: NO_COUNT },
      extensions: { takes: [null, ""], refuses: moreThan(16_384) },
    });
    checkShape(exportLine, { kind: "remembered", message_id: HEX, destroyed_at: TIME }, { kind: KIND, message_id: HASH, destroyed_at: AT });
    checkShape(
      exportLine,
      { kind: "blob", hash: HEX, size: 0, missing: true },
      {
        kind: KIND,
        hash: HASH,
        size: { takes: [2 ** 53 - 1], refuses: NO_COUNT },
        missing: { optional: true, takes: [false], refuses: [null, "true"] },
      },
    );
    checkShape(
      exportLine,
      { kind: "bytes", bytes: "AA" },
      {
        kind: KIND,
        bytes: { takes: [zeros(262_144)], refuses: [1, "", "A", `${zeros(262_144)}A`] },
      },
    );
    checkShape(exportLine, { kind: "end", lines: 0 }, { kind: KIND, lines: { refuses: NO_COUNT } });
  });
});
