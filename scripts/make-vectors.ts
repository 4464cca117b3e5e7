// Writes the project's own test vectors: those for the formats of protocol sections 8 and 9. Everything in them comes from
// fixed seeds, so a second run writes the same bytes; `--check` writes nothing and fails where a file differs.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OPERATIONS } from "../packages/protocol/test/vector-operations.ts";
import { runVector, type Vector } from "../packages/protocol/test/vector-format.ts";
import { boxCases } from "./vector-cases/boxes.ts";
import { keystoreCases } from "./vector-cases/keystores.ts";
import { textCases } from "./vector-cases/texts.ts";
import type { Case } from "./vector-cases/case.ts";

const root = join(import.meta.dirname, "../vectors");
const check = process.argv.includes("--check");

let different = 0;
for (const each of [...keystoreCases(), ...boxCases(), ...textCases()]) {
  const path = join(root, each.format, each.refused === undefined ? "valid" : "invalid", `${each.name}.json`);
  const text = `${JSON.stringify(await vectorOf(each), null, 2)}\n`;
  if (check) {
    if (textOf(path) === text) continue;
    different++;
    console.error(`differs: ${path.slice(root.length + 1)}`);
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
if (different > 0) process.exitCode = 1;

async function vectorOf({ format, name, operation, input, shows, refused }: Case): Promise<object> {
  if (refused !== undefined) {
    const vector: Vector = { format, name, valid: false, operation, input, error: refused.error };
    const problem = await runVector(vector, OPERATIONS);
    if (problem !== null) throw new Error(`${format}/${name}: ${problem}`);
    return { ...vector, reason: shows };
  }
  const run = OPERATIONS[operation];
  if (run === undefined) throw new Error(`${format}/${name}: unknown operation ${operation}`);
  return { format, name, shows, valid: true, operation, input, expected: await run(input, {}) };
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
