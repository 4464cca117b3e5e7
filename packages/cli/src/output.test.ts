import { describe, expect, it } from "vitest";
import { printable, sizeText, table } from "./output.ts";

describe("what a peer wrote", () => {
  it.each([
    ["plain, ünïcödé, 漢字, 👩‍🔬", "plain, ünïcödé, 漢字, 👩‍🔬"],
    ["\u001b[2Jgone", "\ufffd[2Jgone"],
    ["\u009b31mred", "\ufffd31mred"],
    ["two\nlines\tand", "two lines and"],
    ["evil\u202egnp.exe", "evil\ufffdgnp.exe"],
    ["bell\u0007\u0000", "bell\ufffd\ufffd"],
    ["over\rwritten", "over\ufffdwritten"],
  ])("is safe on a line: %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("keeps its lines in a message", () => {
    expect(printable("a\r\nb\rc\td\u001b]8;;x\u0007", "many lines")).toBe("a\nb\nc\td\ufffd]8;;x\ufffd");
  });
});

it("columns are aligned, wide characters and colours included", () => {
  expect(
    table([
      ["a", "b"],
      ["漢字", "c"],
      ["\u001b[31mred\u001b[39m", "d"],
    ]),
  ).toBe("a     b\n漢字  c\n\u001b[31mred\u001b[39m   d");
});

it.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_500, "1.5 kB"],
  [10_000_000, "10.0 MB"],
  [250_000_000, "250 MB"],
])("sizes: %i", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
