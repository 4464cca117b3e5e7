import type { Timestamp } from "@smimp/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseQuery } from "./query.ts";
import { snippetOf } from "./snippet.ts";

const NOW = "2026-03-15T12:00:00Z" as Timestamp;
const marked = (text: string, query: string): string =>
  snippetOf(text, parseQuery(query, NOW).terms)
    .map((part) => (part.match ? `[${part.text}]` : part.text))
    .join("");

const LONG = Array.from({ length: 100 }, (_, index) => `word${index}`).join(" ");

test.each([
  ["Lunch at one?\n\nToday.", "tod", "Lunch at one? [Today]."],
  ["Lunch at one? One!", "one ", "Lunch at [one]? [One]!"],
  ["Zoë’s café", "cafe zoe", "[Zoë]’s [café]"],
  ["a b c a c", '"a b"', "[a b] c a c"],
  ["one onemore", "-one onemore", "one [onemore]"],
  ["about bob", "from:bob", "about bob"],
  ["我在東京工作", "東京", "我在[東京]工作"],
  ["plain", "", "plain"],
  ["", "x", ""],
])("%j marks what %j found", (text, query, expected) => {
  expect(marked(text, query)).toBe(expected);
});

test("a long text is cut around the first match, at spaces", () => {
  const snippet = marked(LONG, "word50 ");
  expect(snippet).toMatch(/^… word\d+ .*\[word50\] .* …$/);
  expect(snippet.length).toBeLessThan(200);
  expect(marked(LONG, "nowhere")).toMatch(/^word0 .* …$/);
});

test("its parts give back the text, whatever it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 120 }), fc.string({ unit: "binary", maxLength: 5 }), (text, query) => {
      const line = text.toWellFormed().replace(/\s+/g, " ").trim();
      const parts = snippetOf(text, parseQuery(query, NOW).terms);
      expect(parts.map((part) => part.text).join("")).toBe(line);
    }),
  );
});
