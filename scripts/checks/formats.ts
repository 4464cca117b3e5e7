import {
  assertionDocument,
  attachmentDocument,
  autoReplyDocument,
  deletionDocument,
  deviceLinkDocument,
  draftDocument,
  emailDocument,
  envelopeDocument,
  exportLine,
  folderTextDocument,
  importedMailDocument,
  importHead,
  keystoreDevice,
  keystoreDocument,
  keystorePin,
  listNoteDocument,
  messageExtensionsDocument,
  messageKeyDocument,
  parseMessageType,
  profileDocument,
  recordDocument,
  secretKeyDocument,
  sessionDocument,
  sharedSetting,
  shortMessageDocument,
  statement,
  storedMessage,
  summaryDocument,
  work,
  workParameters,
} from "@smimp/protocol";
import { shapeAfter, shapeDifferences, shapeOf, type Shape } from "./shapes.ts";

/** A format: what the code parses it by, and the words of docs/protocol.md behind which its members stand. */
interface Format {
  readonly name: string;
  readonly mark: string;
  readonly schema: unknown;
}

/** Every JSON object that the protocol defines beside the requests and answers of section 12 and the lines of an export. */
export const FORMATS: readonly Format[] = [
  { name: "record", mark: "A record is a statement of type `record` over", schema: recordDocument },
  { name: "message-key", mark: "in a `message-key` statement by the owner's current master key:", schema: messageKeyDocument },
  { name: "session", mark: "with a `session` statement", schema: sessionDocument },
  { name: "envelope", mark: "`envelope` statement by the sender's master key:", schema: envelopeDocument },
  { name: "assertion", mark: "An `assertion` statement by the master key:", schema: assertionDocument },
  { name: "deletion", mark: "needs a `deletion` statement", schema: deletionDocument },
  { name: "statement", mark: "What is signed is text, and is carried as that text:", schema: statement(1) },
  { name: "profile", mark: "The profile `", schema: profileDocument },
  { name: "parameters of work", mark: "Parameters `", schema: workParameters },
  { name: "proof of work", mark: "`pow` = `", schema: work },
  { name: "email", mark: "- `email` `", schema: emailDocument },
  { name: "draft", mark: "- `draft` `", schema: draftDocument },
  { name: "attachment", mark: "`attachments` a list of `", schema: attachmentDocument },
  { name: "imported mail", mark: "with `extensions.imported` `", schema: importedMailDocument },
  { name: "short-message", mark: "- `short-message` `", schema: shortMessageDocument },
  { name: "secret-*", mark: "`secret-symmetric-key` `", schema: secretKeyDocument },
  { name: "keystore", mark: "its text is the JSON", schema: keystoreDocument },
  { name: "pin", mark: "A pin in the keystore is `", schema: keystorePin },
  { name: "device", mark: "A device is `", schema: keystoreDevice },
  { name: "shared setting", mark: "`settings.shared` maps names to `", schema: sharedSetting },
  { name: "auto_reply", mark: "`auto_reply` is null or `", schema: autoReplyDocument },
  { name: "summary", mark: "The text of a `summary` is the JSON `", schema: summaryDocument },
  { name: "folder", mark: "A folder's text is the JSON `", schema: folderTextDocument },
  { name: "extensions", mark: "The text of `extensions` is the JSON `", schema: messageExtensionsDocument },
  { name: "note", mark: "A note's is the JSON `", schema: listNoteDocument },
  { name: "device link", mark: "A device link seals the JSON `", schema: deviceLinkDocument },
  { name: "head of an import", mark: "that the last record names: a line `", schema: importHead },
];

const ELSEWHERE: ReadonlySet<unknown> = new Set(FORMATS.map(({ schema }) => schema));

/** The members of a format as the code parses it; those that a draft shares with every email aside. */
export function shapeInCode({ schema }: Format): Shape {
  const shape = shapeOf(schema, ELSEWHERE);
  if (schema !== draftDocument) return shape;
  const shared = shapeOf(emailDocument, ELSEWHERE);
  return new Map([...shape].filter(([name]) => !shared.has(name)));
}

/** In what the formats of the document and of the code differ; one line each. */
export function formatDifferences(protocol: string): readonly string[] {
  return FORMATS.flatMap((format) => compared(format.name, () => shapeAfter(protocol, format.mark), shapeInCode(format)));
}

/** The members that the code signs in a statement, against what the document says of it; one line each. */
export function signedDifferences(
  protocol: string,
  signed: readonly { readonly type: string; readonly names: readonly string[] }[],
): readonly string[] {
  return signed.flatMap(({ type, names }) => {
    const { mark = "" } = FORMATS.find(({ name }) => name === type) ?? {};
    const inCode = new Map(names.map((name) => [name, { optional: false, inner: new Map(), elsewhere: true }]));
    return compared(
      `signed ${type}`,
      () => new Map([...shapeAfter(protocol, mark)].map(([name]) => [name, { optional: false, inner: null }])),
      inCode,
    );
  });
}

/** In what the types of signed statements differ that the document and the checks know; one line each. */
export function statementTypeDifferences(protocol: string, types: readonly string[]): readonly string[] {
  const [, list = ""] = /^Types: (.*)\. A signature/m.exec(protocol) ?? [];
  return listDifferences("statement type", namesIn(list), types);
}

/** In what the lines of an export differ; one line each. */
export function exportDifferences(protocol: string): readonly string[] {
  const paragraph = protocol.slice(protocol.indexOf("**Export and import.**"), protocol.indexOf("\n\n`POST import_account`"));
  const lines = new Map(exportLine.options.map((schema) => [schema.entries.kind.literal as string, schema]));
  const documented = [...paragraph.matchAll(/`([a-z_]+)` \{/g)].map(([, kind = ""]) => kind);
  const found: string[] = [];
  if (!paragraph.includes(`an object with a \`${exportLine.key}\``))
    found.push(`lines of an export: told apart by "${exportLine.key}" in the code only`);
  // A line of its own name, with what the endpoint `messages` gives.
  if (paragraph.includes("`message`, as `messages` gives it,")) documented.push("message");
  found.push(...listDifferences("line of an export", documented, [...lines.keys()]));
  for (const [kind, schema] of lines) {
    const { kind: _kind, ...entries } = schema.entries;
    const inCode = shapeOf({ entries }, ELSEWHERE);
    if (kind === "message") found.push(...shapeDifferences("line message", shapeOf(storedMessage, ELSEWHERE), inCode));
    else if (documented.includes(kind)) found.push(...compared(`line ${kind}`, () => shapeAfter(paragraph, `\`${kind}\` {`), inCode));
  }
  return found;
}

/** In what the message types differ; one line each. */
export function messageTypeDifferences(protocol: string, types: readonly string[]): readonly string[] {
  const section = protocol.slice(protocol.indexOf("## 9. Message types"), protocol.indexOf("## 10. Errors"));
  const documented = section
    .split("\n")
    .filter((line) => line.startsWith("- `"))
    .flatMap((line) => namesIn(/^- (?:`[^`]+`(?:, )?)+/.exec(line)?.[0] ?? ""));
  const plain = documented.filter((name) => !name.startsWith("x-custom-"));
  const custom = plain.length < documented.length && accepts("x-custom-a") ? [] : ["x-custom-*: stands in one of document and code only"];
  return [...custom, ...listDifferences("message type", plain, types)];
}

function accepts(type: string): boolean {
  return parseMessageType(type) === type;
}

function namesIn(list: string): string[] {
  return [...list.matchAll(/`([^`{]+)`/g)].map(([, name = ""]) => name);
}

function listDifferences(what: string, inText: readonly string[], inCode: readonly string[]): readonly string[] {
  return [
    ...inText.filter((name) => !inCode.includes(name)).map((name) => `${what} ${name}: stands in the document only`),
    ...inCode.filter((name) => !inText.includes(name)).map((name) => `${what} ${name}: stands in the code only`),
  ];
}

/** A shape that can't be read is a difference too. */
function compared(place: string, inText: () => Shape, inCode: Shape): readonly string[] {
  let shape: Shape;
  try {
    shape = inText();
  } catch (error) {
    if (error instanceof TypeError) return [`${place}: ${error.message}`];
    throw error;
  }
  return shapeDifferences(place, shape, inCode);
}
