import { parseTimestamp, type Timestamp } from "@smimp/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseQuery, type ParsedQuery } from "./query.ts";

const NOW = "2026-03-15T12:00:00Z" as Timestamp;
const parse = (text: string): ParsedQuery => parseQuery(text, NOW);
const terms = (text: string): readonly string[] =>
  parse(text).terms.map(({ field, text, prefix, negated }) => `${negated ? "-" : ""}${field}:${text}${prefix ? "*" : ""}`);

/** Midnight where the tests run. */
const day = (year: number, month: number, date: number): string => `${new Date(year, month - 1, date).toISOString().slice(0, 19)}Z`;

describe("a query", () => {
  test.each([
    ["", []],
    ["lunch", ["any:lunch*"]],
    ["lunch ", ["any:lunch"]],
    ["lunch on mon", ["any:lunch", "any:on", "any:mon*"]],
    ['"lunch on monday" tod', ["any:lunch on monday", "any:tod*"]],
    ["„zwei Wörter“ «encore deux»", ["any:zwei Wörter", "any:encore deux"]],
    ['"not closed', ["any:not closed"]],
    ["from:bob", ["from:bob*"]],
    ["FROM:bob#beta.example x", ["from:bob#beta.example*", "any:x*"]],
    ['from:"Bob Smith"', ["from:Bob Smith"]],
    ["to:carol cc:dave subject:minutes", ["to:carol*", "to:dave*", "subject:minutes*"]],
    ["-spam lunch", ["-any:spam", "any:lunch*"]],
    ['-"two words" -from:bob', ["-any:two words", "-from:bob*"]],
    ["https://example.org/x", ["any:https //example.org/x*"]],
    ["nosuch:thing", ["any:nosuch thing*"]],
    ["from:", []],
    ["a from:", ["any:a"]],
    ["!!! ... ()", []],
    ["AND OR NOT NEAR(a b)", ["any:AND", "any:OR", "any:NOT", "any:NEAR(a", "any:b)*"]],
    ["東京タワー", ["any:東  京  タ  ワ ー*"]],
    ["ﬁne", ["any:fine*"]],
  ])("%j", (text, expected) => {
    expect(terms(text)).toEqual(expected);
  });

  test.each([
    ["in:inbox", { folders: ["inbox"] }],
    ['folder:"My Projects"', { folders: ["My Projects"] }],
    ["label:Work label:Home", { labels: ["Work", "Home"] }],
    ["has:attachment", { attachment: true }],
    ["-has:file", { attachment: false }],
    ["is:unread is:starred", { unread: true, starred: true }],
    ["-is:unread", { unread: false }],
    ["is:read", { unread: false }],
    ["after:2026", { after: day(2026, 1, 1) }],
    ["after:2026-02", { after: day(2026, 2, 1) }],
    ["after:2026-2-3 after:2025", { after: day(2026, 2, 3) }],
    ["before:2026/03/01 before:2026-04-01", { before: day(2026, 3, 1) }],
    ["after:7d", { after: "2026-03-08T12:00:00Z" }],
    ["before:2w", { before: "2026-03-01T12:00:00Z" }],
  ])("%s", (text, expected) => {
    expect(parse(text)).toMatchObject({ terms: [], ...expected });
  });

  test("what is no date, place or state is searched for as text", () => {
    expect(terms("before:2026-02-30 after:soon is:tall has:legs after:9999y in:")).toEqual([
      "any:before 2026-02-30",
      "any:after soon",
      "any:is tall",
      "any:has legs",
      "any:after 9999y",
    ]);
    expect(parse("before:2026-02-30")).toMatchObject({ before: null });
  });

  test("what of it looks like an operator and makes no sense is named", () => {
    expect(parse("lunch after:banana -in:Work is:tall from: subject:!!! nosuch:thing https://x.example is:unread").notUnderstood).toEqual([
      { text: "after:banana", taken: "words" },
      { text: "-in:Work", taken: "words" },
      { text: "is:tall", taken: "words" },
      { text: "from:", taken: "nothing" },
      { text: "subject:!!!", taken: "nothing" },
    ]);
  });

  test("today and yesterday begin at midnight", () => {
    expect([parse("after:today").after, parse("before:yesterday").before]).toEqual([day(2026, 3, 15), day(2026, 3, 14)]);
  });

  test("nothing that is typed is an error, and its parts are bounded", () => {
    const typed = fc.oneof(
      fc.string({ unit: "binary", maxLength: 2_000 }),
      fc.string({ unit: fc.constantFrom(...Array.from('ab-:"”( *^\0fromin')), maxLength: 200 }),
    );
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parse(text);
        expect(parsed.terms.length).toBeLessThanOrEqual(32);
        for (const each of parsed.terms) expect(each.text).toMatch(/[\p{L}\p{N}\p{Co}]/u);
        for (const each of [parsed.after, parsed.before]) if (each !== null) parseTimestamp(each);
      }),
    );
  });
});
