// npm run vectors -- DIR: runs every test vector below DIR (default: vectors/) and ends with `N passed, N failed`.
import { join } from "node:path";
import { readVector, vectorFiles } from "../packages/protocol/test/vector-files.ts";
import { runVector } from "../packages/protocol/test/vector-format.ts";
import { OPERATIONS } from "../packages/protocol/test/vector-operations.ts";
import { reportVectors } from "./report-vectors.ts";

const root = process.argv[2] ?? join(import.meta.dirname, "../vectors");
reportVectors(await Promise.all(files().map(async (file) => [file, await run(file)] as const)));

async function run(file: string): Promise<string | null> {
  try {
    return await runVector(readVector(root, file), OPERATIONS);
  } catch (error) {
    return String(error);
  }
}

function files(): string[] {
  try {
    return vectorFiles(root);
  } catch (error) {
    console.log(String(error));
    return [];
  }
}
