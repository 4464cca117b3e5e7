import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { archiveKeyIdOf, newArchiveKey, openArchive, openNamed, openSummary, sealArchive, sealNamed, sealSummary } from "./archive.ts";
import { randomBytes, toHex32, utf8 } from "./bytes.ts";
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
});

describe("named boxes", () => {
  it("open for their own kind and object only", () => {
    const sealed = sealNamed(key, "folder", "f1", utf8("Holidays"), randomBytes);
    expect(openNamed(key, "folder", "f1", sealed)).toEqual(utf8("Holidays"));
    expect(codeOf(() => openNamed(key, "note", "f1", sealed))).toBe("decryption_failed");
    expect(codeOf(() => openNamed(key, "folder", "f2", sealed))).toBe("decryption_failed");
    expect(codeOf(() => archiveKeyIdOf(sealed.subarray(0, 16)))).toBe("decryption_failed");
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
