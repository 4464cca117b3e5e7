import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { randomBytes } from "./bytes.ts";
import { listEntriesOf, listEntryHash, parseListEntry } from "./list-entry.ts";

describe("list entries", () => {
  it("are addresses or domains in normal form", () => {
    expect(parseListEntry("BOB#Beta.Example")).toBe("bob#beta.example");
    expect(parseListEntry("#Beta.Example")).toBe("#beta.example");
    for (const wrong of ["beta.example", "#", "#localhost", "bob##beta.example", 7, null]) {
      expect(codeOf(() => parseListEntry(wrong))).toBe("bad_address");
    }
  });

  it("that decide about an address are the address, then its domain", () => {
    expect(listEntriesOf(parseAddress("bob#beta.example"))).toEqual(["bob#beta.example", "#beta.example"]);
  });

  it("are hashed under the account's own key", () => {
    const entry = parseListEntry("#beta.example");
    const key = randomBytes(32);
    expect(listEntryHash(key, entry)).toBe(listEntryHash(key, entry));
    expect(listEntryHash(key, entry)).not.toBe(listEntryHash(randomBytes(32), entry));
  });
});
