import { expect, it } from "vitest";
import { passiveHtml } from "./pasting.ts";

it.each([
  ['<p onclick="x()">a on b = c</p>', '<p data-onclick="x()">a on b = c</p>'],
  ["<img/src='x'onerror=x>", "<img/data-src='x'data-onerror=x>"],
  ['<b style="font-weight:normal" title="a > b">style = none</b>', '<b data-style="font-weight:normal" title="a > b">style = none</b>'],
  ['<a href="https://a.example/?on=1">x</a>', '<a href="https://a.example/?on=1">x</a>'],
])("%j is read as %j", (html, passive) => {
  expect(passiveHtml(html)).toBe(passive);
});
