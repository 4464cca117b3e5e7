import { describe, expect, test } from "vitest";
import { glimpse, oneLine, partOfGlimpse, severalLines } from "./text.ts";

describe("a text of somebody else's", () => {
  test("stays on its line, and in its direction", () => {
    expect(oneLine("a\nb\tc\u2028d")).toBe("a b c d");
    expect(oneLine("invoice\u202Efdp.exe")).toBe("invoice fdp.exe");
    expect(oneLine("\u2066x\u2069\u200f")).toBe("x");
    expect(oneLine("x".repeat(10_000))).toHaveLength(500);
    expect(oneLine(`a${"\u0301".repeat(500)}b`).length).toBeLessThan(10);
  });

  test("keeps its lines where it may have several", () => {
    expect(severalLines("a\n\tb\u202ec\u0000")).toBe("a\n\tbc");
    expect(severalLines("שלום")).toBe("שלום");
  });

  test("shows a glimpse without CommonMark's signs", () => {
    expect(glimpse("# Hello **you**, see [this](https://a.example) and `that`\n> quote")).toBe("Hello you, see this and that quote");
    expect(glimpse("- one 2. two")).toBe("one two");
    expect(glimpse("")).toBe("");
    expect(partOfGlimpse(" at **one** at 2 * 3 in snake_case:\n- soup\n> the ")).toBe(" at one at 2 3 in snake_case: soup the ");
  });
});
