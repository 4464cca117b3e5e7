import { expect, test } from "vitest";
import { webAddress } from "./web-address.ts";

test.each([
  ["https://alice.example", "https://alice.example/"],
  [" alice.example/me ", "https://alice.example/me"],
  ["http://alice.example", undefined],
  ["javascript:alert(1)", undefined],
  ["alice", undefined],
  ["https://", undefined],
  ["two words.example", undefined],
])("%j is %j", (typed, expected) => {
  expect(webAddress(typed)).toBe(expected);
});
