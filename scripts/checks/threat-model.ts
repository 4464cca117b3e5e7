import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { ROOT } from "./source-files.ts";

/** One promise of docs/threat-model.md: something that somebody can't do, and what shows it. */
export interface SecurityPromise {
  readonly line: number;
  readonly says: string;
  readonly shownBy: string;
}

// `[name](path) "a title", "another"`: the titles are those of tests in that file.
const PROOF = /\[[^\]]+\]\(([^)]+)\)((?:\s*,?\s*"[^"]+")*)/g;

/** Rows of its tables that say what somebody can't do. */
export function promisesOf(text: string): readonly SecurityPromise[] {
  return text.split("\n").flatMap((row, index) => {
    if (!row.startsWith("|")) return [];
    const cells = row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    const says = cells.find((cell) => /^can't \w/.test(cell));
    return says === undefined ? [] : [{ line: index + 1, says, shownBy: cells.at(-1) ?? "" }];
  });
}

/** What of the promises is shown by nothing, or by a file or a test that isn't there; one line for each. */
export function unshownPromises(path: string, text: string, fileAt: (path: string) => string | null = contentAt): readonly string[] {
  return promisesOf(text).flatMap(({ line, says, shownBy }) => {
    const proofs = [...shownBy.matchAll(PROOF)];
    if (proofs.length === 0) return [`${path}:${line}: nothing shows it: ${says}`];
    return proofs.flatMap(([, target = "", titles = ""]) => {
      const content = fileAt(posix.join(posix.dirname(path), target));
      if (content === null) return [`${path}:${line}: no such file: ${target}`];
      return [...titles.matchAll(/"([^"]+)"/g)].flatMap(([, title = ""]) =>
        content.includes(title) ? [] : [`${path}:${line}: ${target} has no test "${title}"`],
      );
    });
  });
}

/** A file's text, or the names in a folder that isn't empty. */
function contentAt(path: string): string | null {
  const full = join(ROOT, path);
  if (!existsSync(full)) return null;
  if (!statSync(full).isDirectory()) return readFileSync(full, "utf8");
  const names = readdirSync(full);
  return names.length === 0 ? null : names.join("\n");
}
