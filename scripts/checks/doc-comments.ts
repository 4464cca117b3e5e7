import type { SourceFile } from "./source-files.ts";

const EXPORT = /^export (?:declare )?(?:abstract )?(?:async )?(function\*?|const|let|class|interface|type|enum) ([\w$]+)/;

/** Finds exported declarations without a doc comment; one line for each. A comment also covers the exports on the lines right below. */
export function undocumentedExports({ path, text }: SourceFile): readonly string[] {
  const lines = text.split("\n");
  const documented = new Set<number>();
  const missing: string[] = [];
  lines.forEach((line, index) => {
    const found = EXPORT.exec(line);
    if (found === null) return;
    const before = lines[index - 1]?.trim() ?? "";
    if (isEndOfDoc(lines, index - 1) || (documented.has(index - 1) && EXPORT.test(before))) documented.add(index);
    else missing.push(`${path}:${index + 1}: ${found[1]} ${found[2]} has no doc comment`);
  });
  return missing;
}

function isEndOfDoc(lines: readonly string[], end: number): boolean {
  if (lines[end]?.trimEnd().endsWith("*/") !== true) return false;
  for (let index = end; index >= 0; index--) {
    const line = lines[index]?.trim() ?? "";
    if (line.startsWith("/**")) return true;
    if (!line.startsWith("*")) return false;
  }
  return false;
}
