import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { hash, toHex32, utf8 } from "./bytes.ts";
import { MAX_PROFILE_BYTES } from "./limits.ts";
import { checkProfileText, parseProfile, profileHash } from "./profile.ts";

const profile = {
  name: "Alice",
  website: "https://alpha.example/",
  profiles: ["https://beta.example/@alice"],
  avatar: { hash: toHex32(hash(utf8("avatar"))), media_type: "image/png" },
  additional: { pronouns: ["she"] },
};
const text = JSON.stringify(profile);

describe("checkProfileText", () => {
  it("holds a text against the hash in the chain", () => {
    const check = (given: string | null, of: string | null): unknown =>
      codeOf(() => checkProfileText(given, of === null ? null : profileHash(of)));
    expect(check(text, text)).toBeNull();
    expect(check(`${text} `, text)).toBe("history_invalid");
    expect(check(text, null)).toBe("history_invalid");
    expect(check(null, text)).toBeNull();
    expect(check(null, null)).toBeNull();
  });

  it("bounds it in bytes, and wants text", () => {
    const longest = "\u00e4".repeat(MAX_PROFILE_BYTES / 2);
    expect(codeOf(() => checkProfileText(longest, profileHash(longest)))).toBeNull();
    expect(codeOf(() => checkProfileText(`${longest}a`, profileHash(`${longest}a`)))).toBe("history_invalid");
    expect(codeOf(() => checkProfileText("\ud800", profileHash("")))).toBe("history_invalid");
  });
});

describe("parseProfile", () => {
  it("reads every member, and needs none", () => {
    expect(parseProfile(text)).toEqual(profile);
    expect(parseProfile("{}")).toEqual({});
    expect(parseProfile('{"avatar":null,"more":1}')).toEqual({ avatar: null });
  });

  it.each([
    "",
    "[]",
    '{"name":1}',
    '{"website":"javascript:alert(1)"}',
    '{"profiles":["http://beta.example/"]}',
    '{"avatar":{"hash":"00"}}',
  ])("refuses %j", (given) => {
    expect(codeOf(() => parseProfile(given))).toBe("bad_request");
  });
});
