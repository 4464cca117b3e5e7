import { parseAddress } from "@smimp/protocol";
import { describe, expect, test } from "vitest";
import { lookAlikeOf } from "./look-alike.ts";

const person = (address: string, name: string | null = null) => ({ address: parseAddress(address), name });
const KNOWN = [person("alice#alpha.example", "Alice Liddell"), person("bob#beta.example", "Bob"), person("info#gamma.example")];

describe("addresses that could be taken for those of people who are known", () => {
  test.each([
    ["alice#omega.example", "alice#alpha.example", "address"],
    ["a1ice#alpha.example", "alice#alpha.example", "address"],
    ["alice#a1pha.example", "alice#alpha.example", "address"],
    ["allce#alpha.example", "alice#alpha.example", "address"],
    ["b0b#beta.example", "bob#beta.example", "address"],
    ["info#garnrna.example", "info#gamma.example", "address"],
    ["carol#a1pha.example", "alice#alpha.example", "domain"],
    ["carol#be-ta.example", "bob#beta.example", "domain"],
  ])("%s looks like %s: %s", (address, known, why) => {
    expect(lookAlikeOf(person(address), KNOWN)).toEqual({ address: known, why });
  });

  test("a name that somebody else has", () => {
    expect(lookAlikeOf(person("wonder#land.example", "  ALICE-Liddéll"), KNOWN)).toEqual({ address: "alice#alpha.example", why: "name" });
  });

  test.each(["alice#alpha.example", "carol#alpha.example", "info#delta.example", "rob#beta.example"])(
    "%s looks like nobody else",
    (address) => {
      expect(lookAlikeOf(person(address, "!?"), KNOWN)).toBeNull();
    },
  );
});
