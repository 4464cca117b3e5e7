import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runVector, type Vector } from "./vector-format.ts";
import { OPERATIONS } from "./vector-operations.ts";

const root = join(import.meta.dirname, "../../../vectors");

for (const format of readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  describe(format.name, () => {
    for (const kind of ["valid", "invalid"]) {
      for (const file of filesIn(join(root, format.name, kind))) {
        it(`${kind}: ${file.replace(/\.json$/, "")}`, async () => {
          const vector = JSON.parse(readFileSync(join(root, format.name, kind, file), "utf8")) as Vector;
          expect(vector.valid).toBe(kind === "valid");
          expect(await runVector(vector, OPERATIONS)).toBeNull();
        });
      }
    }
  });
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
