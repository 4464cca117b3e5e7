// node scripts/check-protocol.ts: docs/protocol.md and the code have the same endpoints, callers, members, formats, types, codes and
// statuses; what only one of them has is told.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMPARED, protocolDifferences } from "./checks/protocol.ts";
import { reportViolations, ROOT } from "./checks/source-files.ts";

const protocol = readFileSync(join(ROOT, "docs/protocol.md"), "utf8");
reportViolations(`protocol: ${COMPARED}`, 1, protocolDifferences(protocol));
