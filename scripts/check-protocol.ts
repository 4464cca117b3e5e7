// node scripts/check-protocol.ts: docs/protocol.md and the code have the same endpoints, callers, members, codes and statuses.
import { ENDPOINTS, isServerCode, PROBLEM_CODES, statusOf, work, workParameters, type Endpoint, type ProblemCode } from "@smimp/protocol";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { signedDocuments } from "./checks/signed-documents.ts";
import {
  codeDifferences,
  documentDifferences,
  documentedCodes,
  shapeAfter,
  tableDifferences,
  tableRows,
  type CodeEndpoint,
} from "./checks/protocol-table.ts";
import { reportViolations, ROOT } from "./checks/source-files.ts";
import { memberNames } from "./checks/schema-names.ts";

const protocol = readFileSync(join(ROOT, "docs/protocol.md"), "utf8");

// Section 7 defines both: the table only names them.
const elsewhere = new Set<unknown>([work, workParameters]);

const endpoints: readonly CodeEndpoint[] = Object.values<Endpoint>(ENDPOINTS).map(({ method, path, caller, query, body, answer }) => ({
  place: `${method} ${path.replace(/\{[^}]*\}/g, "{}")}`,
  caller,
  streamed: answer === "ndjson" || answer === "events",
  names: new Set([query, body, answer].flatMap((schema) => memberNames(schema, elsewhere))),
}));

const violations = [
  ...tableDifferences(tableRows(protocol), endpoints),
  ...codeDifferences(documentedCodes(protocol), PROBLEM_CODES, (code) =>
    isServerCode(code as ProblemCode) ? statusOf(code as ProblemCode) : null,
  ),
  ...signedDocuments().flatMap(({ type, mark, names }) => documentDifferences(type, shapeAfter(protocol, mark), names)),
];
reportViolations(`protocol: ${endpoints.length} endpoints, ${PROBLEM_CODES.length} codes`, 1, violations);
