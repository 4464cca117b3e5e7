import { lineAt, type SourceFile } from "./source-files.ts";

/** The numbers of the sections that the protocol has: its headings `## 4. Message keys`. */
export function sectionsOf(protocol: string): ReadonlySet<number> {
  return new Set([...protocol.matchAll(/^## (\d+)\. /gm)].map((match) => Number(match[1])));
}

// A comment may break its line anywhere, so gaps are white space with or without a comment's mark.
const GAP = String.raw`(?:[ \t]+|[ \t]*\n[ \t]*(?:\*|\/\/)[ \t]*)`;
const LIST = String.raw`\d+(?:(?:,${GAP}|${GAP}(?:and|to|or)${GAP})\d+)+`;
const CITATION = new RegExp(String.raw`(\S+)${GAP}(?:section${GAP}(\d+)|sections${GAP}(${LIST}))`, "gi");

/** Finds citations of sections that do not exist or that leave out which text is meant; one line for each. Also counts them. */
export function checkCitations(
  files: readonly SourceFile[],
  sections: ReadonlySet<number>,
): { readonly citations: number; readonly violations: readonly string[] } {
  let citations = 0;
  const violations = files.flatMap(({ path, text }) =>
    [...text.matchAll(CITATION)].flatMap((match) => {
      const [all, before = "", number, numbers = number ?? ""] = match;
      const where = `${path}:${lineAt(text, match.index)}`;
      // `RFC 7493 section 2` cites another text.
      if (/^\d+,?$/.test(before)) return [];
      if (!/^[^a-z]*protocol$/i.test(before)) return [`${where}: "${all.replace(/\s+/g, " ")}": write "protocol section N"`];
      citations++;
      const missing = (numbers.match(/\d+/g) ?? []).filter((each) => !sections.has(Number(each)));
      return missing.map((each) => `${where}: docs/protocol.md has no section ${each}`);
    }),
  );
  return { citations, violations };
}
