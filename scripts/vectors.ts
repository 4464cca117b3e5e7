// npm run vectors -- DIR: runs every test vector below DIR (default: vectors/) and ends with `N passed, N failed`.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { runVector, type Vector } from "../packages/protocol/test/vector-format.ts";
import { OPERATIONS } from "../packages/protocol/test/vector-operations.ts";

const root = process.argv[2] ?? join(import.meta.dirname, "../vectors");

let passed = 0;
let failed = 0;
for (const file of vectorFiles(root)) {
  const problem = await run(file);
  if (problem === null) passed++;
  else {
    failed++;
    console.log(`${relative(root, file)}: ${problem}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
// Nothing that ran is no success.
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function run(file: string): Promise<string | null> {
  try {
    const vector = JSON.parse(readFileSync(file, "utf8")) as Vector;
    return await runVector(vector, OPERATIONS);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function vectorFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(directory, name))
      .sort();
  } catch {
    console.log(`${directory}: there is no such folder`);
    return [];
  }
}
