import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { newArchiveKey } from "./archive.ts";
import { randomBytes } from "./bytes.ts";
import { MAX_EXTENSIONS_BYTES, MAX_NOTE_BYTES } from "./limits.ts";
import { sealedExtensions, sealedFolderText, sealedListNote } from "./sealed-texts.ts";

const key = newArchiveKey(randomBytes);

describe("sealed texts", () => {
  it("open where they were written, with what other clients added", () => {
    const folder = { name: "Réunions", role: "archive" as const, color: "green" };
    expect(sealedFolderText.open(key, "f1", sealedFolderText.seal(key, "f1", folder, randomBytes))).toEqual(folder);
    const extensions = { labels: ["work", "später"], starred: true, snoozed: [1] };
    expect(sealedExtensions.open(key, "m1", sealedExtensions.seal(key, "m1", extensions, randomBytes))).toEqual(extensions);
    const note = { entry: "#example.org", text: "spam" };
    expect(sealedListNote.open(key, "h1", sealedListNote.seal(key, "h1", note, randomBytes))).toEqual(note);
  });

  it("open nowhere else", () => {
    const sealed = sealedFolderText.seal(key, "f1", { name: "Work" }, randomBytes);
    expect(codeOf(() => sealedFolderText.open(key, "f2", sealed))).toBe("decryption_failed");
    expect(codeOf(() => sealedListNote.open(key, "f1", sealed))).toBe("decryption_failed");
    expect(codeOf(() => sealedFolderText.open(newArchiveKey(randomBytes), "f1", sealed))).toBe("key_unknown");
  });

  it("are never made so that no client could read them", () => {
    expect(codeOf(() => sealedFolderText.seal(key, "f", { name: "" }, randomBytes))).toBe("bad_request");
    expect(codeOf(() => sealedFolderText.seal(key, "f", { name: "x".repeat(101) }, randomBytes))).toBe("bad_request");
    expect(codeOf(() => sealedExtensions.seal(key, "m", { labels: [""] }, randomBytes))).toBe("bad_request");
    expect(codeOf(() => sealedExtensions.seal(key, "m", { more: "x".repeat(MAX_EXTENSIONS_BYTES) }, randomBytes))).toBe("too_large");
    expect(codeOf(() => sealedListNote.seal(key, "h", { entry: "#a.example", more: "x".repeat(MAX_NOTE_BYTES) }, randomBytes))).toBe(
      "too_large",
    );
  });

  it("fit their places on the server to the byte", () => {
    const longest = MAX_NOTE_BYTES - 16 - 24 - 16 - JSON.stringify({ entry: "", more: "" }).length;
    const sealed = sealedListNote.seal(key, "h", { entry: "", more: "x".repeat(longest) }, randomBytes);
    expect(sealed.length).toBe(MAX_NOTE_BYTES);
    expect(codeOf(() => sealedListNote.seal(key, "h", { entry: "", more: "x".repeat(longest + 1) }, randomBytes))).toBe("too_large");
  });
});
