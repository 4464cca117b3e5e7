import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const README = join(ROOT, "README.md");
const QUOTE = /<!-- (examples\/[a-z-]+\.ts) -->\n```ts\n([^]*?)```/g;

/** The README with each quoted example as the file has it now. */
function current(readme: string): string {
  return readme.replaceAll(QUOTE, (_, file: string) => `<!-- ${file} -->\n\`\`\`ts\n${readFileSync(join(ROOT, file), "utf8")}\`\`\``);
}

test("the README quotes every example as it is", () => {
  const readme = readFileSync(README, "utf8");
  // `SMIMP_QUOTE=1 vitest run packages/client/test/readme.test.ts` brings it up to date.
  if (process.env["SMIMP_QUOTE"] === "1") writeFileSync(README, current(readme));
  expect(readFileSync(README, "utf8")).toBe(current(readme));
  const quoted = [...readme.matchAll(QUOTE)].map(([, file]) => file);
  expect(quoted.toSorted()).toEqual(globSync("examples/*.ts", { cwd: ROOT }).toSorted());
});

/** The names that a declaration gives, found in its text. */
function namesOf(file: string, declaration: RegExp, name: RegExp): readonly string[] {
  const [, body = ""] = declaration.exec(readFileSync(join(ROOT, file), "utf8")) ?? [];
  return [...body.matchAll(name)].map(([, each = ""]) => each);
}

test("the README names every event and every member of a client", () => {
  const readme = readFileSync(README, "utf8");
  const events = namesOf("src/model.ts", /export type ClientEvent =([^]*?);\n\n/, /type: "([a-z-]+)"/g);
  const members = namesOf("src/client.ts", /export interface Client [^{]*\{\n([^]*?)\n\}/, /^ {2}(?:readonly )?([a-zA-Z]+)[:(]/gm);
  expect(events).toContain("message");
  expect(members).toEqual(expect.arrayContaining(["send", "outbox", "close"]));
  for (const name of [...events, ...members]) expect(readme).toContain(`\`${name}\``);
});
