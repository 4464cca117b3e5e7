import type { Address } from "@smimp/protocol";
import { expect, test } from "vitest";
import { createAdding } from "./adding.ts";
import { lookedFor, withMeant, withOurSign } from "./meant.ts";
import type { Recipient } from "./recipients.tsx";

const DAVE = "dave#beta.example" as Address;

test("an address with an @ is held against one with a #", async () => {
  let row: readonly Recipient[] = [];
  await createAdding()(
    {
      parse: async (texts) => await Promise.resolve(texts.map((text) => (/^\w+#\w+\.\w+$/.test(text) ? (text as Address) : null))),
      row: () => row,
      change: (next) => void (row = next),
    },
    ["dave@beta.example", "no dot@home", "x@y", DAVE],
  );
  expect(row).toEqual([
    { text: "dave@beta.example", address: null, meant: DAVE },
    { text: "no dot@home", address: null },
    { text: "x@y", address: null },
    { text: DAVE, address: DAVE },
  ]);
  expect(lookedFor(row)).toEqual([DAVE, DAVE]);
});

test("only what could be an address is read in another way", () => {
  expect(["dave@beta.example", "dave#beta.example", "a@b@c", "two words@x.example", "dave"].map(withOurSign)).toEqual([
    "dave#beta.example",
    null,
    null,
    null,
    null,
  ]);
});

test("who was meant takes the place of what was typed, and is there once", () => {
  const typed: Recipient = { text: "dave@beta.example", address: null, meant: DAVE };
  const dave: Recipient = { text: DAVE, address: DAVE };
  const other: Recipient = { text: "x", address: null };
  expect(withMeant([typed, other], typed.text, DAVE)).toEqual([dave, other]);
  expect(withMeant([dave, typed, other], typed.text, DAVE)).toEqual([dave, other]);
});
