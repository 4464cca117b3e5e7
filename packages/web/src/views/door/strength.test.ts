import { expect, test } from "vitest";
import { strengthOf } from "./strength.ts";

test.each([
  ["seven77", "short"],
  ["aaaaaaaaaaaa", "weak"],
  ["12345678", "weak"],
  ["abcdefghijkl", "weak"],
  ["password", "weak"],
  ["Passwort123", "weak"],
  ["qwertzuiop", "weak"],
  ["19851224", "weak"],
  ["alice2026", "weak"],
  ["gartenzaun", "fair"],
  ["correct horse battery", "fair"],
  ["correct horse battery staple", "good"],
  ["correct correct correct correct", "weak"],
  ["ski-isolate-organ-trim-develop", "strong"],
  ["Vw7!pq2Zr#9x", "strong"],
] as const)("%s is %s", (passphrase, strength) => {
  expect(strengthOf(passphrase, ["alice#alpha.example"])).toBe(strength);
});
