import { isSmimpError, utf8 } from "@smimp/protocol";
import type { Choices } from "../input/choices.ts";
import { mutateBytes, mutateText, mutateTree, type Mutated } from "../input/mutate.ts";
import { encodeTree, placeOf, readTree, treeAt, treeOf, withPiece, type Tree } from "../input/tree.ts";
import { targetOf, type Draft, type Signer, type WireRequest } from "./draft.ts";
import { bodyOf } from "./valid.ts";

type DraftChange = (draft: Draft, choices: Choices) => Mutated<Draft> | null;

/** A body of many lines: one line changed, or where they stand. */
const changeLines = (draft: Draft, bytes: Uint8Array, choices: Choices): Mutated<Draft> => {
  const lines = Buffer.from(bytes).toString("utf8").trimEnd().split("\n");
  const at = choices.below(lines.length);
  const line = lines[at] ?? "";
  const { output, what } = mutateTree(readTree(line) ?? treeOf(line), choices);
  const changed = choices.of<readonly [string, readonly string[]]>([
    [what, lines.with(at, Buffer.from(encodeTree(output)).toString("utf8"))],
    ["left out", lines.toSpliced(at, 1)],
    ["twice", lines.toSpliced(at, 0, line)],
    ["moved to the end", [...lines.toSpliced(at, 1), line]],
    ["an empty line before", lines.toSpliced(at, 0, "")],
    ["200 times", lines.toSpliced(at, 0, ...Array.from({ length: 200 }, () => line))],
    ["the last one", lines.slice(0, at + 1)],
    ["joined with the next", lines.toSpliced(at, 2, line + (lines[at + 1] ?? ""))],
  ]);
  return { output: { ...draft, bytes: utf8(`${changed[1].join("\n")}\n`) }, what: `line ${at}: ${changed[0]}` };
};

const isLines = (bytes: Uint8Array): boolean => /^\{"[\s\S]*\}\n$/.test(Buffer.from(bytes).toString("utf8"));

const changeBody: DraftChange = (draft, choices) => {
  if (draft.bytes !== null && isLines(draft.bytes) && choices.below(3) > 0) return changeLines(draft, draft.bytes, choices);
  if (draft.bytes !== null) {
    const { output, what } = mutateBytes(draft.bytes, choices);
    return { output: { ...draft, bytes: output }, what: `body: ${what}` };
  }
  if (draft.json === null) return null;
  const { output, what } = mutateTree(draft.json, choices);
  return { output: { ...draft, json: output }, what };
};

/** Changes what a statement says and signs it anew: past the signature, the next check is the one that counts. */
const changeSigned: DraftChange = (draft, choices) => {
  if (draft.json === null || draft.signers.length === 0) return null;
  const signer = choices.of(draft.signers);
  const document = signedDocument(draft.json, signer);
  if (document === null) return null;
  const { output, what } = mutateTree(document, choices);
  const json = signedAnew(draft.json, signer, Buffer.from(encodeTree(output)).toString("utf8"));
  return json === null ? null : { output: { ...draft, json }, what: `${signer.path.join(".") || "the statement"}, signed: ${what}` };
};

const changeParams: DraftChange = (draft, choices) => {
  const names = Object.keys(draft.params);
  if (names.length === 0) return null;
  const name = choices.of(names);
  const { output, what } = mutateText(draft.params[name] ?? "", choices);
  return { output: { ...draft, params: { ...draft.params, [name]: output } }, what: `{${name}}: ${what}` };
};

const changeQuery: DraftChange = (draft, choices) => {
  const name = choices.of([
    ...Object.keys(draft.query),
    "since",
    "limit",
    "cursor",
    "version",
    "ticket",
    "keep",
    "__proto__",
    "constructor",
    "since[]",
  ]);
  const { output, what } = mutateText(
    (Object.hasOwn(draft.query, name) ? draft.query[name] : undefined) ??
      choices.of(["0", "-1", "1e9", "999999999999999", "x".repeat(200)]),
    choices,
  );
  return { output: { ...draft, query: { ...draft.query, [name]: output } }, what: `?${name}: ${what}` };
};

const ODD_HEADERS: readonly (readonly [string, string])[] = [
  ["content-type", "application/json\t"],
  ["content-type", "application/json;"],
  ["content-type", ";application/json"],
  ["content-type", "application/json; charset=utf-16"],
  ["content-type", "application/problem+json"],
  ["content-type", "text/plain, application/json"],
  ["content-type", "multipart/form-data; boundary=x"],
  ["content-type", ""],
  ["content-encoding", "gzip"],
  ["content-encoding", "identity, br"],
  ["if-match", '"a", "b"'],
  ["if-match", "*"],
  ["if-match", `"${"a".repeat(2_000)}"`],
  ["if-none-match", "*"],
  ["if-none-match", '"\\"'],
  ["range", "bytes=0-0"],
  ["range", "bytes=-1"],
  ["range", "bytes=5-1"],
  ["range", "bytes=999999999999999-"],
  ["range", "bytes=0-1,2-3"],
  ["expect", "100-continue"],
  ["smimp-authentication", "A".repeat(43)],
  ["smimp-authentication", ""],
  ["smimp-authentication", "Bearer x"],
  ["x-forwarded-for", "127.0.0.1"],
  ["x-http-method-override", "DELETE"],
  ["origin", "null"],
  ["cookie", "session=1"],
  ["accept", "text/html"],
  ["x-long", "a".repeat(12_000)],
];

const changeHeaders: DraftChange = (draft, choices) => {
  const [name, value] = choices.of(ODD_HEADERS);
  const others = draft.headers.filter(([each]) => each !== name);
  const headers = choices.of([
    [...others, [name, value] as const],
    [...draft.headers, [name, value] as const],
    draft.headers.filter((_each, i) => i !== choices.below(draft.headers.length)),
  ]);
  return { output: { ...draft, headers }, what: `header ${name}: ${value.slice(0, 40)}` };
};

const DRAFT_CHANGES: readonly DraftChange[] = [
  changeBody,
  changeBody,
  changeSigned,
  changeSigned,
  changeParams,
  changeQuery,
  changeHeaders,
];

/** Changes one thing of a draft; what doesn't apply to it becomes a change of the query. */
export function mutateDraft(draft: Draft, choices: Choices): Mutated<Draft> {
  const change = choices.of(DRAFT_CHANGES);
  const changed = change(draft, choices) ?? changeQuery(draft, choices);
  if (changed === null) throw new TypeError("every draft has a query that can be changed");
  return changed;
}

/** The document that a signer signed; null where it isn't there any more. */
export function signedDocument(json: Tree, signer: Signer): Tree | null {
  const place = placeOf(json, [...signer.path, "data"]);
  const piece = place === null ? null : treeAt(json, place);
  return piece?.kind === "text" ? readTree(piece.value) : null;
}

/** A body with another text in a statement, signed; null where such a text can't be signed. */
export function signedAnew(json: Tree, signer: Signer, data: string): Tree | null {
  const place = placeOf(json, signer.path);
  if (place === null) return null;
  try {
    return withPiece(json, place, treeOf({ data, ...signer.sign(data) }));
  } catch (error) {
    // A lone surrogate has no bytes that could be signed.
    if (error instanceof TypeError || isSmimpError(error)) return null;
    throw error;
  }
}

type WireChange = (request: WireRequest, choices: Choices) => Mutated<WireRequest>;

const WIRE_CHANGES: readonly WireChange[] = [
  (request) => ({ output: request, what: "as it is" }),
  (request) => ({ output: { ...request, framing: request.framing === "length" ? "chunked" : request.framing }, what: "chunked" }),
  (request, choices) => {
    const method = choices.of(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "get"]);
    return { output: { ...request, method }, what: `method ${method}` };
  },
  (request, choices) => {
    const at = choices.below(request.target.length + 1);
    const piece = choices.of([
      "/",
      "//",
      "%00",
      "%2f",
      "%2e%2e/",
      "%252e",
      "%c0%af",
      "%zz",
      "%",
      "?",
      "#",
      ";",
      "\\",
      "../",
      "%ef%bc%83",
      "\u00e9",
      "a".repeat(2_000),
    ]);
    return {
      output: { ...request, target: request.target.slice(0, at) + piece + request.target.slice(at) },
      what: `path: ${piece.slice(0, 10)} at ${at}`,
    };
  },
  (request, choices) => {
    const { output, what } = mutateBytes(request.body, choices);
    // A body that nothing announces would be the next request: the corpus has those.
    const framing = request.framing === "none" ? "length" : request.framing;
    return { output: { ...request, body: output, framing }, what: `body: ${what}` };
  },
  (request, choices) => {
    const target = choices.of([
      `https://smimp.alpha.example${request.target}`,
      `http://elsewhere.example${request.target}`,
      "*",
      `//elsewhere.example${request.target}`,
      request.target.toUpperCase(),
    ]);
    return { output: { ...request, target }, what: `target ${target.slice(0, 60)}` };
  },
];

/** Changes how a request goes on the wire; half of the time not at all. */
export function mutateWire(request: WireRequest, choices: Choices): Mutated<WireRequest> {
  return choices.of([WIRE_CHANGES[0] ?? same, ...WIRE_CHANGES])(request, choices);
}

const same: WireChange = (request) => ({ output: request, what: "as it is" });

/** How a draft goes on the wire when all is well. */
export function wireOf(draft: Draft, method: string): WireRequest {
  const body = bodyOf(draft);
  return {
    method,
    target: targetOf(draft),
    headers: draft.headers,
    body,
    framing: draft.json === null && draft.bytes === null ? "none" : "length",
  };
}

/** Whether HTTP has such requests at all: a body without framing, or a head with other characters, may be cut off without a word. */
export function isHttp(request: WireRequest): boolean {
  return (
    /^\/[\x21-\x7e]*$/.test(request.target) &&
    !(request.framing === "none" && request.body.length > 0) &&
    request.headers.every(([, value]) => !/[^\t\x20-\x7e]/.test(value)) &&
    utf8(request.method).length > 0
  );
}
