import type { Contact } from "@smimp/client";
import { parseAddress } from "@smimp/protocol";
import { expect, test } from "vitest";
import { searched, shownName } from "./people.ts";

const contact = (address: string, name: string | null): Contact => ({ address: parseAddress(address), name }) as Contact;

test("a name can't turn directions, break lines or go on for ever", () => {
  expect(shownName({ name: "A\u202Egpj.exe\n\u2066B\u0000" })).toBe("A gpj.exe B");
  expect(shownName({ name: "👩‍👩‍👧‍👦 Family" })).toBe("👩‍👩‍👧‍👦 Family");
  expect(Array.from(shownName({ name: "x".repeat(1_000) }) ?? "")).toHaveLength(80);
  expect(shownName({ name: " \u200F " })).toBeNull();
  expect(shownName({ name: null })).toBeNull();
});

test("people are found by words of their name or address, and stand by name", () => {
  const all = [
    contact("zoe#alpha.example", null),
    contact("bob#beta.example", "Ämilia"),
    contact("carol#alpha.example", "Bernd von Alpha"),
  ];
  expect(searched(all, "", "de").map(({ address }) => address)).toEqual(["bob#beta.example", "carol#alpha.example", "zoe#alpha.example"]);
  expect(searched(all, "amil", "de").map(({ address }) => address)).toEqual(["bob#beta.example"]);
  expect(searched(all, "alpha bernd", "de").map(({ address }) => address)).toEqual(["carol#alpha.example"]);
  expect(searched(all, "nobody", "de")).toEqual([]);
});
