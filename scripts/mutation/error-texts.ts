// Loaded by Stryker in processes of its own. Details of errors are for people; tests assert codes and never texts (CONTRIBUTING.md), so
// mutants that change nothing but such a text can't be killed and say nothing. Only those are left out: texts that stand directly in
// `new SmimpError(code, HERE)`, `new TypeError(HERE)`, or in a helper that makes such an error of a detail; and the argument's name that
// `assertBytes(value, HERE)` puts into its own.

interface Node {
  readonly type: string;
  readonly name?: string;
  readonly arguments?: readonly Node[];
  readonly callee?: Node;
  readonly expressions?: readonly Node[];
}

interface NodePath {
  readonly node: Node;
  readonly parent?: Node;
  readonly parentPath?: NodePath | null;
}

/** Callees, and which argument of theirs is a detail. */
const DETAILS: Readonly<Record<string, number>> = {
  SmimpError: 1,
  TypeError: 0,
  assertBytes: 1,
  assertSeed: 1,
  failed: 0,
  broken: 0,
  invalid: 0,
  unauthenticated: 0,
};

function isDetail({ node, parent }: NodePath): boolean {
  if (parent?.type !== "NewExpression" && parent?.type !== "CallExpression") return false;
  const at = DETAILS[parent.callee?.name ?? ""];
  return at !== undefined && parent.arguments?.[at] === node;
}

function shouldIgnore(path: NodePath): string | undefined {
  if (path.node.type !== "StringLiteral" && path.node.type !== "TemplateLiteral") return undefined;
  return isDetail(path) ? "a detail for people" : undefined;
}

/** What Stryker looks for in a plugin. */
export const strykerPlugins = [{ kind: "Ignore", name: "error-texts", value: { shouldIgnore } }];
