import type { Endpoint } from "@smimp/protocol";

/** What is read of a valibot schema. */
interface Node {
  readonly type?: string;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly item?: unknown;
  readonly wrapped?: unknown;
  readonly pipe?: readonly unknown[];
  readonly options?: readonly unknown[];
}

/**
 * Every member name in a schema, at any depth. Signed statements are one thing (`stmt` in the table of protocol section 12) and give
 * none; neither do the schemas in `elsewhere`.
 */
export function memberNames(
  schema: Endpoint["query"] | Endpoint["body"] | Endpoint["answer"],
  elsewhere: ReadonlySet<unknown>,
): readonly string[] {
  if (schema === undefined || typeof schema === "string") return [];
  return namesIn(schema, elsewhere);
}

function namesIn(schema: unknown, elsewhere: ReadonlySet<unknown>): readonly string[] {
  if (typeof schema !== "object" || schema === null || elsewhere.has(schema)) return [];
  const { entries, item, wrapped, pipe, options } = schema as Node;
  if (entries !== undefined) {
    if ("data" in entries && "signature" in entries) return [];
    return Object.entries(entries).flatMap(([name, each]) => [name, ...namesIn(each, elsewhere)]);
  }
  return [item, wrapped, pipe?.[0], ...(options ?? [])].filter((each) => each !== schema).flatMap((each) => namesIn(each, elsewhere));
}
