import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Vector } from "./vector-format.ts";

/** The vectors in a folder and all below it, as paths within it. Throws where there is no such folder. */
export function vectorFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .sort();
}

/** Reads a vector. Throws where it is no JSON, or says `valid` of itself in a folder `invalid` or the other way round. */
export function readVector(root: string, file: string): Vector {
  const vector = JSON.parse(readFileSync(join(root, file), "utf8")) as Vector;
  const folder = basename(dirname(join(root, file)));
  if ((folder === "valid" && !vector.valid) || (folder === "invalid" && vector.valid)) throw new Error(`is in the wrong folder`);
  return vector;
}
