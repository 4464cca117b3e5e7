import {
  DRAFT,
  EMAIL,
  ENDPOINTS,
  exportLine,
  importHead,
  isServerCode,
  keystoreVersions,
  powRequired,
  PROBLEM_CODES,
  problemDocument,
  recordStatement,
  SECRET_TYPES,
  SHORT_MESSAGE,
  statusOf,
  work,
  workParameters,
  type Endpoint,
  type ProblemCode,
  type StatementType,
} from "@smimp/protocol";
import {
  exportDifferences,
  formatDifferences,
  FORMATS,
  messageTypeDifferences,
  signedDifferences,
  statementTypeDifferences,
} from "./formats.ts";
import { codeDifferences, documentedCodes, tableDifferences, tableRows, type CodeEndpoint } from "./protocol-table.ts";
import { memberNames } from "./schema-names.ts";
import { wordsOf } from "./shapes.ts";
import { signedDocuments } from "./signed-documents.ts";
import { wordDifferences } from "./words.ts";

// Section 7 defines both: the table only names them.
const elsewhere = new Set<unknown>([work, workParameters]);

/** Members of what is streamed, beyond what stands in the tables of endpoints: the lines of an export have formats of their own. */
const TAKEN = new Map<Endpoint, readonly string[]>([[ENDPOINTS.importAccount, memberNames(importHead, new Set())]]);
const GIVEN = new Map<Endpoint, readonly string[]>([[ENDPOINTS.getEvents, ["state"]]]);

const ALL: readonly Endpoint[] = Object.values<Endpoint>(ENDPOINTS);

const TYPES: Readonly<Record<StatementType, true>> = {
  record: true,
  "message-key": true,
  session: true,
  envelope: true,
  assertion: true,
  deletion: true,
};

/** What was compared. */
export const COMPARED = `${ALL.length} endpoints, ${PROBLEM_CODES.length} codes, ${FORMATS.length + exportLine.options.length} formats`;

/** In what the protocol's text and the code differ; one line each. */
export function protocolDifferences(protocol: string): readonly string[] {
  return [
    ...tableDifferences(tableRows(protocol), ALL.map(described)),
    ...codeDifferences(documentedCodes(protocol), PROBLEM_CODES, (code) =>
      isServerCode(code as ProblemCode) ? statusOf(code as ProblemCode) : null,
    ),
    ...statementTypeDifferences(protocol, Object.keys(TYPES)),
    ...formatDifferences(protocol),
    ...signedDifferences(protocol, signedDocuments()),
    ...exportDifferences(protocol),
    ...messageTypeDifferences(protocol, [EMAIL, DRAFT, SHORT_MESSAGE, ...Object.values(SECRET_TYPES)]),
    ...wordDifferences(protocol, knownWords()),
  ];
}

function described(endpoint: Endpoint): CodeEndpoint {
  const { method, path, caller, query, body, answer } = endpoint;
  return {
    place: `${method} ${path.replace(/\{[^}]*\}/g, "{}")}`,
    caller,
    asked: new Set([...[query, body].flatMap((schema) => memberNames(schema, elsewhere)), ...(TAKEN.get(endpoint) ?? [])]),
    answered: new Set([...memberNames(answer, elsewhere), ...(GIVEN.get(endpoint) ?? [])]),
  };
}

/** Every name and fixed text that stands on the wire or in what clients share. */
function knownWords(): ReadonlySet<string> {
  const schemas = [
    ...ALL.flatMap(({ params, query, body, answer }) => [params, query, body, answer]),
    ...FORMATS.map(({ schema }) => schema),
    exportLine,
    keystoreVersions,
    powRequired,
    problemDocument,
    recordStatement,
  ];
  const words = schemas.map(wordsOf);
  return new Set([
    ...words.flatMap(({ names, values }) => [...names, ...values]),
    ...PROBLEM_CODES,
    ...ALL.flatMap(({ path }) => path.split("/").filter((part) => !part.startsWith("{"))),
  ]);
}
