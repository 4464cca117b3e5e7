import { parseAst } from "rolldown/parseAst";

/** What is read of a syntax tree. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const TESTS: readonly string[] = ["it", "test"];
const GROUPS: readonly string[] = ["describe", "suite"];
/** Words behind `it` or in its options with which a test isn't run, or counts when it fails. */
const NOT_RUN: readonly string[] = ["skip", "todo", "fails", "skipIf", "runIf"];

/**
 * The titles of the tests that a file runs, and of the groups that hold one. Comments and texts elsewhere are none; nor is what is
 * skipped, or expected to fail. Of tests that are made for each of a list that stands in the file, every title; what can't be known
 * without running it is `…`.
 */
export function testTitles(text: string): readonly string[] {
  const program = parseAst(text, { lang: "ts" }) as unknown as Node;
  const constants = constantsOf(program);
  const titlesIn = (node: Node): { readonly titles: readonly string[]; readonly tests: number } => {
    const call = node.type === "CallExpression" ? testCallOf(node) : null;
    if (call === null) return joined(childrenOf(node).map(titlesIn));
    if (call.notRun) return { titles: [], tests: 0 };
    const titles = filled(call, constants);
    if (call.test) return { titles, tests: 1 };
    const inside = joined(call.rest.map(titlesIn));
    return inside.tests === 0 ? inside : { titles: [...titles, ...inside.titles], tests: inside.tests };
  };
  return titlesIn(program).titles;
}

function joined(all: readonly { readonly titles: readonly string[]; readonly tests: number }[]) {
  return { titles: all.flatMap(({ titles }) => titles), tests: all.reduce((sum, { tests }) => sum + tests, 0) };
}

interface TestCall {
  readonly test: boolean;
  readonly notRun: boolean;
  readonly title: Node | undefined;
  /** The list behind `each`, where there is one. */
  readonly each: Node | null;
  readonly rest: readonly Node[];
}

/** A call such as `it("title", …)`, `it.each(list)("title", …)` or `describe.concurrent("title", …)`; null for any other. */
function testCallOf(node: Node): TestCall | null {
  const [title, ...rest] = node["arguments"] as readonly Node[];
  let callee = node["callee"] as Node;
  let each: Node | null = null;
  let conditional = false;
  if (callee.type === "CallExpression") {
    const word = nameOf((callee["callee"] as Node)["property"]);
    conditional = word === "skipIf" || word === "runIf";
    if (word !== "each" && word !== "for" && !conditional) return null;
    each = (callee["arguments"] as readonly Node[])[0] ?? null;
    callee = callee["callee"] as Node;
  }
  const words: string[] = [];
  for (; callee.type === "MemberExpression"; callee = callee["object"] as Node) words.push(nameOf(callee["property"]));
  const name = nameOf(callee);
  if (!TESTS.includes(name) && !GROUPS.includes(name)) return null;
  // What `it.each(list)` itself is, before it is called with a title.
  if (each === null && (words[0] === "each" || words[0] === "for" || words[0] === "skipIf" || words[0] === "runIf")) return null;
  return {
    test: TESTS.includes(name),
    notRun: conditional || [...words, ...optionsIn(rest)].some((word) => NOT_RUN.includes(word)),
    title,
    each,
    rest,
  };
}

/** The names of options, and `skip` for a body that ends its own test that way. */
function optionsIn(args: readonly Node[]): readonly string[] {
  const options = args
    .filter(({ type }) => type === "ObjectExpression")
    .flatMap((each) => (each["properties"] as readonly Node[]).map(({ key }) => nameOf(key)));
  return args.some(skipsItself) ? [...options, "skip"] : options;
}

function skipsItself(node: Node): boolean {
  if (node.type === "CallExpression") {
    if (testCallOf(node) !== null) return false;
    const callee = node["callee"] as Node;
    if (callee.type === "MemberExpression" && nameOf(callee["property"]) === "skip") return true;
  }
  return childrenOf(node).some(skipsItself);
}

/** A test's title, or one for each of the list behind `each`, placeholders replaced where the list's texts are known. */
function filled({ title, each }: TestCall, constants: readonly Node[]): readonly string[] {
  const template = textOf(title) ?? "…";
  if (each === null) return [template];
  const list = listOf(each, constants);
  if (list === null) return [template.replace(/%[a-z]|\$[\w.]+/g, "…")];
  return list.map((row) => {
    const values = row.type === "ArrayExpression" ? (row["elements"] as readonly Node[]) : [row];
    let next = 0;
    return template
      .replace(/%[sjdifoOpc]/g, () => textOf(values[next++]) ?? "…")
      .replace(/\$([\w]+)/g, (_, name: string) => textOf(memberOf(row, name)) ?? "…");
  });
}

function listOf(node: Node, constants: readonly Node[]): readonly Node[] | null {
  const plain = unwrapped(node);
  if (plain.type === "Identifier") {
    const value = valueOf(plain, constants);
    return value === undefined ? null : listOf(value, []);
  }
  if (plain.type !== "ArrayExpression") return null;
  const elements = plain["elements"] as readonly Node[];
  return elements.some(({ type }) => type === "SpreadElement") ? null : elements.map(unwrapped);
}

function memberOf(node: Node, name: string): Node | undefined {
  if (node.type !== "ObjectExpression") return undefined;
  const found = (node["properties"] as readonly Node[]).find(({ key }) => nameOf(key) === name);
  return found?.["value"] as Node | undefined;
}

/** The file's constants, whatever block they stand in, in the order of the text. */
function constantsOf(node: Node): readonly Node[] {
  const inside = childrenOf(node).flatMap(constantsOf);
  return node.type === "VariableDeclarator" && node["init"] !== null ? [node, ...inside] : inside;
}

/** The value of the constant of a name that was declared last before its use. */
function valueOf(use: Node, constants: readonly Node[]): Node | undefined {
  return constants.findLast(({ id, start }) => start < use.start && nameOf(id) === nameOf(use))?.["init"] as Node | undefined;
}

/** What `x as const` and the like are about. */
function unwrapped(node: Node): Node {
  const inner = /^(?:TSAs|TSSatisfies|TSNonNull|Parenthesized)/.test(node.type) ? (node["expression"] as Node) : undefined;
  return inner === undefined ? node : unwrapped(inner);
}

/** The text of a literal; of a template the parts that are known. */
function textOf(node: Node | undefined): string | null {
  if (node === undefined) return null;
  const plain = unwrapped(node);
  const value = plain.type === "Literal" ? plain["value"] : undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (plain.type !== "TemplateLiteral") return null;
  return (plain["quasis"] as readonly Node[]).map(({ value }) => (value as { readonly cooked: string }).cooked).join("…");
}

function nameOf(node: unknown): string {
  const { name, value } = (node ?? {}) as { readonly name?: unknown; readonly value?: unknown };
  return typeof name === "string" ? name : typeof value === "string" ? value : "";
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node)
    .flat()
    .filter(
      (each): each is Node => typeof each === "object" && each !== null && typeof (each as { readonly type?: unknown }).type === "string",
    );
}
