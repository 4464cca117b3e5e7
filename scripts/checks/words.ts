/** Words of the document that look like names but are none of the wire's. */
const OTHER_WORDS: readonly string[] = [
  "snake_case",
  // Of the formula of section 7.
  "value_i",
  "work_i",
  // Of OpenID Connect.
  "redirect_uri",
  // Marks of a summary, which is open to more.
  "first_contact",
  "revoked_key",
  "former_key",
  "not_authenticated",
];

/**
 * Names anywhere in the document that the code doesn't know (only those with `_` can be told from words of the language), and names and
 * values of the code that stand nowhere in it; one line each.
 */
export function wordDifferences(protocol: string, known: ReadonlySet<string>): readonly string[] {
  const lines = protocol.split("\n");
  const words = new Set(lines.flatMap((line) => line.match(/[A-Za-z0-9_/-]+/g) ?? []).flatMap((word) => [word, ...word.split("/")]));
  const names = new Set(protocol.match(/(?<![A-Za-z0-9_])[a-z0-9]+(?:_[a-z0-9]+)+(?![A-Za-z0-9_])/g));
  // Of several, of which one stands there: `"a"|"b"` or `"a"/"b"`.
  const choices = new Set([...protocol.matchAll(/(?<=[/|])"([a-z_]+)"|"([a-z_]+)"(?=[/|])/g)].map(([, a, b]) => a ?? b ?? ""));
  for (const choice of choices) names.add(choice);
  return [
    ...[...names]
      .filter((name) => !known.has(name) && !OTHER_WORDS.includes(name))
      .map((name) => {
        const line = lines.findIndex((each) => new RegExp(`(?<![A-Za-z0-9_])${name}(?![A-Za-z0-9_])`).test(each)) + 1;
        return `docs/protocol.md:${line}: the code knows no ${name}`;
      }),
    ...[...known].filter((name) => !words.has(name)).map((name) => `${name}: stands nowhere in docs/protocol.md`),
  ];
}
