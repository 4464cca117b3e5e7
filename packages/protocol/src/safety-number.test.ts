import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "./address.ts";
import { toHex32 } from "./bytes.ts";
import { safetyNumber } from "./safety-number.ts";

const link = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex32);
const [alice, bob] = [parseAddress("alice#alpha.example"), parseAddress("bob#beta.example")];

describe("safetyNumber", () => {
  it("is the same for both, 60 digits, and another for another key", () => {
    fc.assert(
      fc.property(link, link, link, (a, b, c) => {
        const number = safetyNumber({ address: alice, keyLink: a }, { address: bob, keyLink: b });
        expect(number).toMatch(/^[0-9]{60}$/);
        expect(safetyNumber({ address: bob, keyLink: b }, { address: alice, keyLink: a })).toBe(number);
        expect(safetyNumber({ address: alice, keyLink: a }, { address: bob, keyLink: c }) === number).toBe(b === c);
      }),
    );
  });
});
