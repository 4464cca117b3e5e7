// node scripts/check-threat-model.ts: every "can't" of docs/threat-model.md names a test, and that test is there.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisesOf, unshownPromises } from "./checks/threat-model.ts";
import { reportViolations, ROOT } from "./checks/source-files.ts";

const path = "docs/threat-model.md";
const text = readFileSync(join(ROOT, path), "utf8");
reportViolations(`threat model: ${promisesOf(text).promises.length} promises`, 1, unshownPromises(path, text));
