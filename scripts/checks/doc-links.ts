import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { ROOT, type SourceFile } from "./source-files.ts";

const LINK = /\]\(([^)\s]+)\)/g;

/** Finds links to files that do not exist; one line for each. Links to the web are not followed. */
export function deadLinks({ path, text }: SourceFile): readonly string[] {
  return [...text.matchAll(LINK)].flatMap((match) => {
    const target = (match[1] ?? "").replace(/#.*$/, "");
    if (target === "" || /^[a-z]+:/.test(target)) return [];
    return existsSync(join(ROOT, posix.dirname(path), target)) ? [] : [`${path}: no such file: ${target}`];
  });
}
