import { describe, expect, test } from "vitest";
import { parseMarkdown } from "./markdown.tsx";

function textOf(markdown: string): string {
  const all = (nodes: ReturnType<typeof parseMarkdown>): string =>
    (nodes ?? []).map(({ token, children }) => (token.type === "inline" ? "" : token.content) + all(children)).join("");
  return all(parseMarkdown(markdown));
}

describe("what stands in a text as an entity", () => {
  test.each([
    ["turns no direction", "Open &#x202E;fdp.eciovni&#8238; now", "Open fdp.eciovni now"],
    ["turns none in a link either", "[&#x202E;moc.elpmaxe](https://evil.example/)", "moc.elpmaxe"],
    ["nor in code", "`a\u202Eb`", "ab"],
    ["controls nothing", "a&#x9b;b&#x7f;c", "a\ufffdb\ufffdc"],
    ["is piled no higher than what is typed", `Z${"&#x301;".repeat(500)}algo`, `Z${"\u0301".repeat(4)}algo`],
  ])("%s", (_what, markdown, text) => {
    expect(textOf(markdown)).toBe(text);
  });
});
