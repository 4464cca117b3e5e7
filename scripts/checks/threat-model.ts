import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { ROOT } from "./source-files.ts";
import { testTitles } from "./test-titles.ts";

/** One promise of docs/threat-model.md: something that somebody can't do, and what shows it. */
export interface SecurityPromise {
  readonly line: number;
  readonly says: string;
  readonly shownBy: string;
}

/** What lies at a path: a file's text, or how many files there are in a folder, at any depth. */
export type Found = { readonly text: string } | { readonly files: number } | null;

// `[name](path) "a title", "another"`: the titles are those of tests in that file.
const PROOF = /\[[^\]]+\]\(([^)]+)\)((?:\s*,?\s*"[^"]+")*)/g;

interface Row {
  readonly line: number;
  /** The cells below the header's names. */
  readonly cells: ReadonlyMap<string, string>;
}

/**
 * The promises of its tables, and rows that are none although they have to be: a table has a column `can't` (or is a list of what
 * somebody can do and can't) and, last, one `shown by`.
 */
export function promisesOf(text: string): { readonly promises: readonly SecurityPromise[]; readonly faults: readonly string[] } {
  const promises: SecurityPromise[] = [];
  const faults: string[] = [];
  for (const { line, cells } of rowsOf(text)) {
    const inColumn = cells.get("can't");
    const says = inColumn ?? cells.get("") ?? "";
    const shownBy = cells.get("shown by");
    if (shownBy === undefined) faults.push(`${line}: a table without a column "shown by"`);
    else if (/^can't[ ,]/.test(says)) promises.push({ line, says, shownBy });
    else if (inColumn === undefined ? !/^(?:can|sees)[ ,]/.test(says) || says.includes("can't") : says !== "") {
      faults.push(`${line}: neither begins with "can" nor with "can't", or says both: ${says}`);
    }
  }
  return { promises, faults };
}

function rowsOf(text: string): readonly Row[] {
  const rows: Row[] = [];
  let header: readonly string[] | null = null;
  text.split("\n").forEach((row, index) => {
    if (!row.startsWith("|")) {
      header = null;
      return;
    }
    const cells = row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (header === null) header = cells;
    else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
      rows.push({ line: index + 1, cells: new Map(header.map((name, at) => [name, cells[at] ?? ""])) });
    }
  });
  return rows;
}

/** What of the promises is shown by nothing, or by a file or a test that isn't there or isn't run; one line for each. */
export function unshownPromises(path: string, text: string, foundAt: (path: string) => Found = found): readonly string[] {
  const { promises, faults } = promisesOf(text);
  return [
    ...faults.map((fault) => `${path}:${fault}`),
    ...promises.flatMap(({ line, says, shownBy }) => {
      const proofs = [...shownBy.matchAll(PROOF)];
      const problems = proofs.flatMap(([, target = "", titles = ""]) =>
        faultsOf(
          target,
          [...titles.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => title),
          foundAt(posix.join(posix.dirname(path), target)),
        ),
      );
      if (!shownBy.includes('"')) problems.push(`no test shows it: ${says}`);
      return problems.map((problem) => `${path}:${line}: ${problem}`);
    }),
  ];
}

function faultsOf(target: string, titles: readonly string[], at: Found): string[] {
  if (at === null) return [`no such file: ${target}`];
  if ("files" in at)
    return at.files === 0 ? [`an empty folder: ${target}`] : titles.map((title) => `a folder has no test "${title}": ${target}`);
  if (!target.endsWith(".test.ts")) return [`no test: ${target}`];
  if (titles.length === 0) return [`which test of ${target}?`];
  const there = testTitles(at.text);
  return titles.filter((title) => !there.some((each) => each.includes(title))).map((title) => `${target} runs no test "${title}"`);
}

function found(path: string): Found {
  const full = join(ROOT, path);
  if (!existsSync(full)) return null;
  if (!statSync(full).isDirectory()) return { text: readFileSync(full, "utf8") };
  return { files: readdirSync(full, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).length };
}
