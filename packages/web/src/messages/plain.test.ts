import { expect, test } from "vitest";
import { de } from "./de/all.ts";
import { en } from "./en/all.ts";

/** Where something is wrong, or somebody looks closely at another one: there it has to be said. */
const WHERE_NEEDED = /^(?:notices|trust|mailbox\.marks)\./;

/** All texts by their place; of those that are made of values, what they are made with. */
function textsIn(messages: unknown, place: string): readonly (readonly [string, string])[] {
  if (typeof messages === "string") return [[place, messages]];
  if (typeof messages === "function") {
    const literals = String(messages).matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g);
    return [...literals].map(([literal]) => [place, literal.replaceAll(/\$\{[^}]*\}/g, "")] as const);
  }
  return Object.entries(messages as object).flatMap(([name, each]) => textsIn(each, place === "" ? name : `${place}.${name}`));
}

test.each([
  ["en", en, /\bkeys?\b/i],
  ["de", de, /schlüssel/i],
] as const)("nobody meets the word “key” where all is well: %s", (_language, messages, word) => {
  const texts = textsIn(messages, "");
  expect(texts.length).toBeGreaterThan(500);
  const found = texts.filter(([, text]) => word.test(text)).map(([place]) => place);
  expect(found.filter((place) => !WHERE_NEEDED.test(place))).toEqual([]);
  // It looks for something that there is.
  expect(found.length).toBeGreaterThan(3);
});
