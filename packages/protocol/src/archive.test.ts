import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import {
  archiveKeyIdOf,
  newArchiveKey,
  openArchive,
  openNamed,
  openSummary,
  parseArchiveKeyId,
  sealArchive,
  sealNamed,
  sealSummary,
} from "./archive.ts";
import { sealBox } from "./box.ts";
import { concat, fromHex, randomBytes, toHex32, utf8 } from "./bytes.ts";
import { ARCHIVE_BYTES, MAX_SUMMARY_BYTES } from "./limits.ts";

const key = newArchiveKey(randomBytes);
const messageId = toHex32(randomBytes(32));

describe("archive", () => {
  it("opens its own message with its own key", () => {
    const prk = randomBytes(64);
    const archive = sealArchive(key, messageId, prk, randomBytes);
    expect(archive).toHaveLength(ARCHIVE_BYTES);
    expect(archiveKeyIdOf(archive)).toBe(key.id);
    expect(openArchive(key, messageId, archive)).toEqual(prk);
    expect(codeOf(() => openArchive(key, toHex32(randomBytes(32)), archive))).toBe("decryption_failed");
    expect(codeOf(() => openArchive(newArchiveKey(randomBytes), messageId, archive))).toBe("key_unknown");
    expect(codeOf(() => openArchive({ ...key, key: randomBytes(32) }, messageId, archive))).toBe("decryption_failed");
  });

  it("has exactly the bytes of a prk and the box around it", () => {
    const ad = fromHex(messageId, 32);
    const withText = (length: number): Uint8Array => concat(fromHex(key.id), sealBox(key.key, ad, new Uint8Array(length), randomBytes));
    expect(openArchive(key, messageId, withText(64))).toEqual(new Uint8Array(64));
    for (const length of [0, 63, 65]) expect(codeOf(() => openArchive(key, messageId, withText(length)))).toBe("decryption_failed");
    for (const length of [63, 65]) expect(() => sealArchive(key, messageId, new Uint8Array(length), randomBytes)).toThrow(TypeError);
    expect(() => openArchive(key, messageId, "x" as never)).toThrow(TypeError);
  });

  it("names its key by 16 bytes in hex", () => {
    expect(parseArchiveKeyId("0".repeat(32))).toBe("0".repeat(32));
    for (const wrong of ["0".repeat(31), "0".repeat(34), "A".repeat(32), "", null])
      expect(codeOf(() => parseArchiveKeyId(wrong))).toBe("bad_request");
    const shortest = sealNamed(key, "note", "n", new Uint8Array(), randomBytes);
    expect(archiveKeyIdOf(shortest)).toBe(key.id);
    expect(codeOf(() => archiveKeyIdOf(shortest.subarray(0, -1)))).toBe("decryption_failed");
    expect(() => archiveKeyIdOf("x".repeat(100) as never)).toThrow(TypeError);
  });
});

describe("named boxes", () => {
  it("open for their own kind and object only", () => {
    const sealed = sealNamed(key, "folder", "f1", utf8("Holidays"), randomBytes);
    expect(openNamed(key, "folder", "f1", sealed)).toEqual(utf8("Holidays"));
    expect(codeOf(() => openNamed(key, "note", "f1", sealed))).toBe("decryption_failed");
    expect(codeOf(() => openNamed(key, "folder", "f2", sealed))).toBe("decryption_failed");
    expect(codeOf(() => archiveKeyIdOf(sealed.subarray(0, 16)))).toBe("decryption_failed");
    expect(() => openNamed(key, "folder", "f1", "x".repeat(100) as never)).toThrow(TypeError);
  });
});

describe("summary", () => {
  it("keeps what is short as it is", () => {
    const summary = { subject: "Grüße", name: "Alice", text: "Hello Bob 🚲" };
    expect(openSummary(key, messageId, sealSummary(key, messageId, summary, randomBytes))).toEqual(summary);
  });

  it("fits whatever was written, and stays the beginning of it", () => {
    const unit = fc.constantFrom("grapheme" as const, "binary" as const);
    const text = unit.chain((each) => fc.string({ unit: each, maxLength: 3_000, size: "max" }));
    fc.assert(
      fc.property(text, text, text, (subject, name, body) => {
        const sealed = sealSummary(key, messageId, { subject, name, text: body }, randomBytes);
        expect(sealed.length).toBeLessThanOrEqual(MAX_SUMMARY_BYTES);
        const short = openSummary(key, messageId, sealed);
        for (const [shown, whole] of [
          [short.subject, subject],
          [short.name, name],
          [short.text, body],
        ] as const) {
          expect(clean(whole).startsWith(shown)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("carries what the device found out that opened the message, however long it is", () => {
    const long = parseAddress(`${"a".repeat(64)}#${"b.".repeat(126)}c`);
    const found = {
      from: long,
      to: [long, long],
      thread: messageId,
      marks: ["former_key"],
      imported: { from: "\u0001".repeat(80), at: null },
    };
    const text = { subject: "\u0000".repeat(900), name: "Alice", text: "Hello" };
    const sealed = sealSummary(key, messageId, { ...text, ...found }, randomBytes);
    expect(sealed.length).toBeLessThanOrEqual(MAX_SUMMARY_BYTES);
    const { from, thread, marks } = found;
    expect(openSummary(key, messageId, sealed)).toMatchObject({ from, thread, marks });
    const short = { from: parseAddress("a#b.example"), to: [parseAddress("c#d.example")], imported: { from: "old@example.org", at: null } };
    const opened = openSummary(key, messageId, sealSummary(key, messageId, { subject: "S", name: "N", text: "T", ...short }, randomBytes));
    expect(opened).toEqual({ subject: "S", name: "N", text: "T", ...short });
  });

  it("gives subject and text a half of the room each, and the name a quarter, until all fit", () => {
    const shown = (subject: number, name: number, text: number): readonly number[] => {
      const full = { subject: "s".repeat(subject), name: "n".repeat(name), text: "t".repeat(text) };
      const short = openSummary(key, messageId, sealSummary(key, messageId, full, randomBytes));
      return [short.subject.length, short.name.length, short.text.length];
    };
    expect(shown(2_000, 2_000, 2_000)).toEqual([256, 128, 256]);
    expect(shown(513, 0, 0)).toEqual([512, 0, 0]);
    expect(shown(0, 257, 0)).toEqual([0, 256, 0]);
    expect(shown(0, 0, 513)).toEqual([0, 0, 512]);
    // Names and quotation marks are 34 bytes: to the last byte, and one more.
    expect(shown(512, 0, 478)).toEqual([512, 0, 478]);
    expect(shown(512, 0, 479)).toEqual([256, 0, 256]);
  });

  it.each([["Former"], ["a b"], [""], ["a".repeat(33)], ["a\n"], ["1"]])("has no mark %j", (mark) => {
    const text = utf8(JSON.stringify({ subject: "", name: "", text: "", marks: [mark] }));
    expect(codeOf(() => openSummary(key, messageId, sealNamed(key, "summary", messageId, text, randomBytes)))).toBe("bad_request");
  });

  it("takes lone surrogates, noncharacters and control characters", () => {
    const odd = { subject: "a\ud800b", name: "\ufffe\u{1ffff}", text: "\u0000\u0001".repeat(2_000) };
    const summary = openSummary(key, messageId, sealSummary(key, messageId, odd, randomBytes));
    expect(summary.subject).toBe("a\ufffdb");
    expect(summary.name).toBe("\ufffd\ufffd");
    expect(odd.text.startsWith(summary.text)).toBe(true);
  });
});

function clean(text: string): string {
  return text.toWellFormed().replace(/\p{Noncharacter_Code_Point}/gu, "\ufffd");
}
