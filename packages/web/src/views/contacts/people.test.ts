import type { Contact } from "@smimp/client";
import { parseAddress } from "@smimp/protocol";
import { expect, test } from "vitest";
import { searched, shownName } from "./people.ts";

const contact = (address: string, name: string | null): Contact => ({ address: parseAddress(address), name }) as Contact;

test("a name can't be somebody's address, nor turn directions", () => {
  expect(shownName(contact("zoe#alpha.example", "bob#beta.example"))).toBeNull();
  expect(shownName(contact("zoe#alpha.example", "A\u202Egpj.exe"))).toBe("A gpj.exe");
  expect(shownName(contact("zoe#alpha.example", null))).toBeNull();
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
