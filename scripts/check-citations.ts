// node scripts/check-citations.ts: every `protocol section N` in the sources names a section of docs/protocol.md.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkCitations, sectionsOf } from "./checks/citations.ts";
import { reportViolations, ROOT, sourceFiles } from "./checks/source-files.ts";

const files = sourceFiles("packages/*/src/**/*.ts");
const { citations, violations } = checkCitations(files, sectionsOf(readFileSync(join(ROOT, "docs/protocol.md"), "utf8")));
reportViolations(`citations: ${citations} in all`, files.length, violations);
