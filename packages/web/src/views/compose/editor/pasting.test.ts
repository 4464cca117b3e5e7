import { expect, it } from "vitest";
import { passiveHtml, pastedFiles } from "./pasting.ts";

it.each([
  ['<p onclick="x()">a on b = c</p>', '<p data-onclick="x()">a on b = c</p>'],
  ["<img/src='x'onerror=x>", "<img/data-src='x'data-onerror=x>"],
  ['<b style="font-weight:normal" title="a > b">style = none</b>', '<b data-style="font-weight:normal" title="a > b">style = none</b>'],
  ['<a href="https://a.example/?on=1">x</a>', '<a href="https://a.example/?on=1">x</a>'],
])("%j is read as %j", (html, passive) => {
  expect(passiveHtml(html)).toBe(passive);
});

it.each([
  ["a picture copied from a page", { "text/html": '<img src="https://a.example/x.png">' }, 1],
  ["a picture of the screen", {}, 1],
  ["a file beside its name", { "text/plain": "x.png" }, 1],
  ["a text, with pictures of it along", { "text/plain": "A table", "text/html": "<table></table>" }, 0],
] as const)("%s: %j means so many files: %i", (_what, texts: Readonly<Record<string, string>>, count) => {
  const files = [new File(["x"], "x.png", { type: "image/png" })] as unknown as FileList;
  const types = [...Object.keys(texts), "Files"];
  expect(pastedFiles({ files, types, getData: (type) => texts[type] ?? "" })).toHaveLength(count);
});
