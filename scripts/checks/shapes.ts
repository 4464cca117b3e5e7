/** What a member of a JSON object is: whether it may be missing, and the members in it, or in each that it lists, if it has any. */
export interface Member {
  readonly optional: boolean;
  readonly inner: Shape | null;
  /** What is in it has a format of its own: the place that names it need not say more. */
  readonly elsewhere?: boolean;
}

/** The members of a JSON object, by name. */
export type Shape = ReadonlyMap<string, Member>;

/** What is read of a valibot schema. */
interface Node {
  readonly type?: string;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly item?: unknown;
  readonly wrapped?: unknown;
  readonly pipe?: readonly unknown[];
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
}

/**
 * The members that a schema demands or knows. A signed statement (`stmt` in the protocol's text) is one thing; so is what stands in
 * `elsewhere`, wherever it stands but at the top.
 */
export function shapeOf(schema: unknown, elsewhere: ReadonlySet<unknown>): Shape {
  const entries = objectIn(schema)?.entries ?? {};
  return new Map<string, Member>(
    Object.entries(entries).map(([name, each]): [string, Member] => {
      const optional = (each as Node).type === "optional";
      const inner = objectIn(each);
      if (inner === null || isStatement(inner)) return [name, { optional, inner: null }];
      return [name, { optional, inner: shapeOf(inner, elsewhere), elsewhere: isElsewhere(each, elsewhere) }];
    }),
  );
}

/** The object that a schema is, wraps or lists. */
function objectIn(schema: unknown): Node | null {
  if (typeof schema !== "object" || schema === null) return null;
  const { entries, item, wrapped, pipe } = schema as Node;
  if (entries !== undefined) return schema;
  for (const each of [item, wrapped, pipe?.[0]]) {
    const found = each === schema ? null : objectIn(each);
    if (found !== null) return found;
  }
  return null;
}

function isElsewhere(schema: unknown, elsewhere: ReadonlySet<unknown>): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  const { item, wrapped, pipe } = schema as Node;
  return elsewhere.has(schema) || [item, wrapped, pipe?.[0]].some((each) => each !== schema && isElsewhere(each, elsewhere));
}

function isStatement({ entries = {} }: Node): boolean {
  return "data" in entries && "signature" in entries;
}

/** Every member name in a schema at any depth, and every text that must stand in a place as it is. */
export function wordsOf(schema: unknown): { readonly names: readonly string[]; readonly values: readonly string[] } {
  if (typeof schema !== "object" || schema === null) return { names: [], values: [] };
  const { entries = {}, item, wrapped, pipe, options = [], literal } = schema as Node;
  const inner = [...Object.values(entries), item, wrapped, pipe?.[0], ...options].filter((each) => each !== schema).map(wordsOf);
  return {
    names: [...Object.keys(entries), ...inner.flatMap(({ names }) => names)],
    values: [...[literal, ...options].filter((each) => typeof each === "string"), ...inner.flatMap(({ values }) => values)],
  };
}

/** The shape that follows a mark in the text, which must hold it once. Throws TypeError where it can't be read. */
export function shapeAfter(text: string, mark: string): Shape {
  const at = text.indexOf(mark);
  if (at < 0) throw new TypeError(`docs/protocol.md does not hold: ${mark}`);
  if (text.includes(mark, at + 1)) throw new TypeError(`docs/protocol.md holds more than once: ${mark}`);
  const open = text.indexOf("{", at);
  if (open < 0) throw new TypeError(`docs/protocol.md has no {members} after: ${mark}`);
  return parseShapeText(inBraces(text.slice(open)));
}

/** What stands between the brace that a text starts with and the one that closes it. */
function inBraces(text: string): string {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "{") depth++;
    if (text[index] === "}" && --depth === 0) return text.slice(1, index);
  }
  throw new TypeError(`no brace closes: ${text.slice(0, 60)}`);
}

function parseShapeText(text: string): Shape {
  const shape = new Map<string, Member>();
  for (const part of partsOf(withoutRemarks(text))) {
    // What another format has too; who asks compares the rest.
    if (/^and all of an? /.test(part)) continue;
    const [, quoted, plain, mark, rest = ""] = /^(?:"([a-z_]+)"|([a-z_]+))(\?)?(?![\w"])(.*)$/s.exec(part) ?? [];
    const name = quoted ?? plain;
    if (name === undefined) throw new TypeError(`not a member: ${part}`);
    if (shape.has(name)) throw new TypeError(`a member stands twice: ${name}`);
    const open = rest.indexOf("{");
    shape.set(name, { optional: mark === "?", inner: open < 0 ? null : parseShapeText(inBraces(rest.slice(open))) });
  }
  return shape;
}

/** Remarks in parentheses say what a value is. */
function withoutRemarks(text: string): string {
  const less = text.replace(/\([^()]*\)/g, "");
  return less === text ? text : withoutRemarks(less);
}

/** The parts between the commas that stand in no bracket and no text. */
function partsOf(text: string): readonly string[] {
  const parts = [""];
  let depth = 0;
  for (const [piece] of text.matchAll(/"[^"]*"|[^"]/g)) {
    if (piece === "{" || piece === "[") depth++;
    if (piece === "}" || piece === "]") depth--;
    if (piece === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** Members that only the document or only the code has, or that may be missing in one alone; one line each. */
export function shapeDifferences(place: string, inText: Shape, inCode: Shape): readonly string[] {
  const found: string[] = [];
  for (const [name, { optional, inner }] of inText) {
    const there = inCode.get(name);
    if (there === undefined) {
      found.push(`${place}: "${name}" stands in the document only`);
      continue;
    }
    if (optional !== there.optional) {
      found.push(`${place}: "${name}" may be missing in the ${optional ? "document" : "code"} only`);
    }
    if (inner === null && there.elsewhere === true) continue;
    found.push(...shapeDifferences(`${place}.${name}`, inner ?? new Map(), there.inner ?? new Map()));
  }
  for (const name of inCode.keys()) if (!inText.has(name)) found.push(`${place}: "${name}" stands in the code only`);
  return found;
}
