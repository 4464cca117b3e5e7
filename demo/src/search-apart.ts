import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Canary, FolderSearch } from "./canary.ts";

const ENTRY = fileURLToPath(new URL("search-entry.ts", import.meta.url));

/**
 * Looks through a folder as `searchFolder` does, in a process of its own: one that opens and closes the file of a database loses the locks
 * that it holds on it, and the demo's servers run in this one. Throws what that process said where it failed.
 */
export async function searchApart(folder: string, canaries: readonly Canary[]): Promise<FolderSearch> {
  const child = spawn(process.execPath, [ENTRY, folder], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  child.stdin.end(JSON.stringify(canaries));
  const [code, found, said] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`the search through ${folder} failed: ${said}`);
  return JSON.parse(found) as FolderSearch;
}
