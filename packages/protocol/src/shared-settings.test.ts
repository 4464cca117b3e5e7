import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { MAX_SIGNATURE_TEXT_LENGTH } from "./message.ts";
import {
  MAX_AUTO_REPLY_LENGTH,
  parseAutoReplySetting,
  parseSignatureSetting,
  readAutoReplySetting,
  readSignatureSetting,
} from "./shared-settings.ts";

const since = "2026-11-23T00:00:00Z";
const setting = { text: "Away.", since, every_days: 7 };

describe("the setting auto_reply", () => {
  it("is read as it was written, unknown members aside", () => {
    expect(readAutoReplySetting({ ...setting, until: since, more: 1 })).toEqual({ ...setting, until: since });
    expect(parseAutoReplySetting(setting)).toEqual(setting);
  });

  it("is none where there is none, or what another client wrote is none", () => {
    for (const value of [undefined, null, "Away.", {}, { ...setting, every_days: 0 }, { ...setting, since: "yesterday" }]) {
      expect(readAutoReplySetting(value)).toBeNull();
    }
  });

  it("is refused where no device would read it", () => {
    expect(codeOf(() => parseAutoReplySetting({ ...setting, text: "x".repeat(MAX_AUTO_REPLY_LENGTH + 1) }))).toBe("bad_request");
    expect(codeOf(() => parseAutoReplySetting({ ...setting, every_days: 1.5 }))).toBe("bad_request");
  });
});

describe("the setting signature", () => {
  it("is a text, or none", () => {
    for (const value of ["Bob", "", null]) {
      expect(readSignatureSetting(value)).toBe(value);
      expect(parseSignatureSetting(value)).toBe(value);
    }
  });

  it("is none where there is none, or what another client wrote is none", () => {
    for (const value of [undefined, 7, {}, "x".repeat(MAX_SIGNATURE_TEXT_LENGTH + 1)]) expect(readSignatureSetting(value)).toBeNull();
  });

  it("is refused where no device would read it", () => {
    expect(codeOf(() => parseSignatureSetting("x".repeat(MAX_SIGNATURE_TEXT_LENGTH + 1)))).toBe("bad_request");
  });
});
