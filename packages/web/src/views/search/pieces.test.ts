import { expect, test } from "vitest";
import { search as de } from "../../messages/de/search.ts";
import { search as en } from "../../messages/en/search.ts";
import { filterIn, forEngine, withFilter, withoutFilter } from "./pieces.ts";

test.each([
  [en, "lunch from:bob", "lunch from:bob"],
  [de, "lunch von:bob -ist:ungelesen", "lunch from:bob -is:unread"],
  [de, "from:bob has:attachment", "from:bob has:attachment"],
  [de, 'in:"Meine Sachen"  x in:Posteingang', 'in:"Meine Sachen"  x in:inbox'],
  [de, "seit:gestern vor:2026-01-31 https://von.example/", "after:yesterday before:2026-01-31 https://von.example/"],
  [en, "ordinary: words: “two words”", "ordinary: words: “two words”"],
])("the engine is asked in English", (texts, typed, asked) => {
  expect(forEngine(typed, texts).query).toBe(asked);
});

test("what was not understood can be told as it was typed", () => {
  expect(forEngine("seit:dienstag mit:Glück", de).typed.get("after:dienstag")).toBe("seit:dienstag");
  expect(forEngine("seit:dienstag mit:Glück", de).typed.get("has:Glück")).toBe("mit:Glück");
});

test("filters are set, changed and taken away in the text that was typed", () => {
  expect(withFilter("lunch", "from", "bob#beta.example", en)).toBe("lunch from:bob#beta.example ");
  expect(withFilter("von:bob lunch", "from", "Carol Danvers", de)).toBe('lunch von:"Carol Danvers" ');
  expect(withFilter("", "has", "attachment", de)).toBe("mit:anhang ");
  expect(filterIn("mit:anhang", "has", de)).toBe("attachment");
  expect(filterIn("-mit:anhang", "has", de)).toBeNull();
  expect(filterIn("is:unread is:starred", "is", en, "unread")).toBe("unread");
  expect(withoutFilter("a is:unread b is:starred", "is", en, "unread")).toBe("a b is:starred");
  expect(withFilter("", "in", '"quoted"', en)).toBe("in:quoted ");
});
