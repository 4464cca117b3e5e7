import { describe, expect, test } from "vitest";
import { glimpse, glimpseOfParts, oneLine, severalLines, shownName } from "./text.ts";

describe("a text of somebody else's", () => {
  test("stays on its line, and in its direction", () => {
    expect(oneLine("a\nb\tc\u2028d")).toBe("a b c d");
    expect(oneLine("invoice\u202Efdp.exe")).toBe("invoice fdp.exe");
    expect(oneLine("\u2066x\u2069\u200f")).toBe("x");
    expect(oneLine("x".repeat(10_000))).toHaveLength(500);
    expect(oneLine(`a${"\u0301".repeat(500)}b`).length).toBeLessThan(10);
  });

  test.each(["\u3164", "\u200b\u200b", "\u2800", "\u115f\u1160", "\u00ad\u2060", "\u0301", "\u{e0061}"])(
    "is nothing where nothing of it is seen: %j",
    (text) => {
      expect(oneLine(text)).toBe("");
      expect(shownName(text)).toBeNull();
    },
  );

  test.each(["alice#a.test", "Alice ＃ a.test", "alice﹟a.test", "alice♯a.test", "alice⌗a.test"])(
    "is no name as an address: %j",
    (name) => {
      expect(shownName(name)).toBeNull();
    },
  );

  test("is a name, without what turns it and what goes on for ever", () => {
    expect(shownName("A\u202Egpj.exe\n\u2066B\u0000")).toBe("A gpj.exe B");
    expect(shownName("👩‍👩‍👧‍👦 Family")).toBe("👩‍👩‍👧‍👦 Family");
    expect(shownName("Zoë नमस्ते")).toBe("Zoë नमस्ते");
    expect(Array.from(shownName("x".repeat(1_000)) ?? "")).toHaveLength(80);
    expect(shownName(null)).toBeNull();
    expect(shownName(undefined)).toBeNull();
  });

  test("keeps its lines where it may have several", () => {
    expect(severalLines("a\n\tb\u202ec\u0000")).toBe("a\n\tbc");
    expect(severalLines("שלום")).toBe("שלום");
  });

  test("shows a glimpse without CommonMark's signs", () => {
    expect(glimpse("# Hello **you**, see [this](https://a.example) and `that`\n> quote")).toBe("Hello you, see this and that quote");
    expect(glimpse("- one\n- two\n\n> three")).toBe("one two three");
    expect(glimpse("> > [x] **bold *and* slanted** ~~gone~~ ## Plan **cut of")).toBe("[x] bold and slanted gone Plan cut of");
    expect(glimpse("one\\\ntwo \\*three\\* C:\\Users")).toBe("one two *three* C:\\Users");
    expect(glimpse("")).toBe("");
    expect(glimpse("Fine. On Monday, 30 November 2026 at 14:11, Dave (dave#beta.example) wrote: > Lunch?")).toBe("Fine.");
    expect(glimpse("Gut. Am Montag, 30. November 2026 um 14:11 schrieb dave#beta.example:")).toBe("Gut.");
    expect(glimpse("On Monday I wrote: it is > 2")).toBe("On Monday I wrote: it is > 2");
  });

  test.each([
    "Wir sehen uns am 3. Oktober um 9.",
    "3. Oktober, wie besprochen",
    "Berlin - Paris",
    "2 + 2 is 4, 2 * 3 is 6 and 2**3 is 8",
    "x > 5, # 7 and snake_case",
    "about ~20 of _them, 5* of 7",
    "It's C:\\ and a `sign",
  ])("leaves what somebody wrote as it is: %j", (text) => {
    expect(glimpse(text)).toBe(text);
    expect(glimpseOfParts([{ text, match: false }])).toEqual([{ text, match: false }]);
    const middle = `… and ${text}`;
    expect(glimpseOfParts([{ text: middle, match: false }])).toEqual([{ text: middle, match: false }]);
  });

  test("shows what was found without CommonMark's signs", () => {
    const found = (text: string): string =>
      glimpseOfParts(text.split(/(\{[^}]*\})/).map((each) => ({ text: each.replaceAll(/[{}]/g, ""), match: each.startsWith("{") })))
        .map((part) => (part.match ? `{${part.text}}` : part.text))
        .join("");
    expect(found("… > > **Look at this** picture of the {mountains}. > > - sun > - snow > > ## A heading > > See…")).toBe(
      "… Look at this picture of the {mountains}. - sun > - snow A heading See…",
    );
    expect(found("a **{lake}** and _the {sea}_ in snake_{case}, 2 * 3")).toBe("a {lake} and the {sea} in snake_{case}, 2 * 3");
    expect(found("see [the {map}](https://a.example/x) and [more](https://b.exam …")).toBe("see the {map} and more …");
    expect(found("[here](https://a.example/{map}) ok")).toBe("here ok");
  });
});
