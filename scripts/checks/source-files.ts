import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

/** The folder of the repository. */
export const ROOT = join(import.meta.dirname, "../..");

/** A source file: its path from the root, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The files that the patterns name, in order. */
export function sourceFiles(...patterns: readonly string[]): readonly SourceFile[] {
  return globSync(patterns, { cwd: ROOT, exclude: (name) => name.includes("node_modules") })
    .map((path) => path.split(sep).join("/"))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

/** Whether a file is a test, a test's helper, or an example, which uses its room from outside. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /^packages\/[^/]+\/(?:test|examples)\//.test(path);
}

// Strings are matched first, so that `//` in an address opens no comment.
const STRING_OR_COMMENT = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** The text with comments blanked out, lines kept. */
export function withoutComments(text: string): string {
  return text.replace(STRING_OR_COMMENT, (all: string, string?: string) => string ?? all.replace(/[^\n]/g, " "));
}

/** The number of the line that holds a position. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

/** Prints what was found and `what: N files, N violations`; with any violation the process ends with status 1. */
export function reportViolations(what: string, files: number, violations: readonly string[]): void {
  for (const violation of violations) console.log(violation);
  console.log(`${what}: ${files} files, ${violations.length} violations`);
  if (violations.length > 0) process.exitCode = 1;
}
