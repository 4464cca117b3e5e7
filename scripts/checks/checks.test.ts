import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkCitations, sectionsOf } from "./citations.ts";
import { deadLinks } from "./doc-links.ts";
import { undocumentedExports } from "./doc-comments.ts";
import { FORMATS } from "./formats.ts";
import { protocolDifferences } from "./protocol.ts";
import { codeDifferences, documentedCodes, tableDifferences, tableRows } from "./protocol-table.ts";
import { shapeAfter, shapeDifferences, type Member, type Shape } from "./shapes.ts";
import { ROOT } from "./source-files.ts";
import { importViolations, importsOf, platformViolations } from "./import-rules.ts";

const faces = new Map([
  ["protocol", ["."]],
  ["identity", [".", "./guarded-fetch"]],
  ["client", ["."]],
  ["testkit", ["."]],
]);

/** How many rules one line of code breaks in that file. */
function broken(path: string, text: string): number {
  return importViolations([{ path, text }], faces).length;
}

describe("import rules", () => {
  it("sees every form of import", () => {
    const text = `import {\n  a,\n} from "./a.ts";\nimport "./b.ts";\nexport * from "./c.ts";\nexport type { D } from "./d.ts";\nconst e = await import("./e.ts");\n// import "./f.ts";`;
    expect(importsOf(text).map((each) => each.from)).toEqual(["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts"]);
    expect(importsOf(text)[0]?.line).toBe(3);
  });

  it.each([
    ["packages/server/src/a.ts", `import { x } from "@smimp/client";`],
    ["packages/protocol/src/a.ts", `import type { x } from "@smimp/identity";`],
    ["packages/client/src/a.ts", `import { x } from "@smimp/identity/src/resolver.ts";`],
    ["packages/client/src/a.ts", `import { x } from "@smimp/testkit";`],
    ["packages/client/src/a.ts", `import { x } from "../../identity/src/resolver.ts";`],
    ["packages/client/src/a.ts", `import { x } from "./b.test.ts";`],
    ["packages/client/src/a.ts", `import { x } from "./b";`],
    ["packages/client/src/a.ts", `import { x } from "@smimp/client";`],
    ["packages/protocol/src/a.ts", `import { readFile } from "node:fs";`],
    ["packages/protocol/src/a.ts", `const now = Date.now();`],
    ["packages/protocol/src/a.ts", `const now = new Date();`],
    ["packages/protocol/src/a.ts", `const environment = process.env;`],
    ["packages/protocol/src/a.ts", `const answer = await fetch(url);`],
  ])("refuses in %s: %s", (path, text) => expect(broken(path, text)).toBe(1));

  it.each([
    ["packages/client/src/a.ts", `import { x } from "@smimp/identity/guarded-fetch";`],
    ["packages/client/src/a.test.ts", `import { x } from "@smimp/testkit";`],
    ["packages/protocol/src/a.test.ts", `import { readFile } from "node:fs";`],
    ["packages/protocol/src/a.ts", `// Date.now() is not for here\nconst time = new Date(0); peer.fetch(1);`],
    ["bench/src/a.ts", `import { x } from "@smimp/testkit"; const now = Date.now();`],
  ])("accepts in %s: %s", (path, text) => expect(broken(path, text)).toBe(0));

  it("follows a face to the modules of a platform", () => {
    const files = [
      { path: "packages/client/src/index.ts", text: `export * from "./a.ts";` },
      { path: "packages/client/src/a.ts", text: `import { b } from "node:fs";` },
      { path: "packages/client/src/c.ts", text: `import { d } from "node:fs";` },
    ];
    expect(platformViolations(files, "packages/client/src/index.ts")).toHaveLength(1);
  });
});

describe("citations", () => {
  const sections = sectionsOf("## 1. Conventions\n### Address\n## 2. Finding a server\n");

  it.each([
    ["// protocol section 1", 1, 0],
    ["// (Protocol sections 1 and 2)", 1, 0],
    ["/* as protocol\n * section 2 says */", 1, 0],
    ["// protocol sections 2 to 3", 1, 1],
    ["// RFC 7493 section 9", 0, 0],
    ["// see section 1", 0, 1],
  ])("%j", (text, citations, violations) => {
    const found = checkCitations([{ path: "a.ts", text }], sections);
    expect([found.citations, found.violations.length]).toEqual([citations, violations]);
  });
});

describe("doc comments", () => {
  it.each([
    ["/** Does. */\nexport function a() {}", 0],
    ["/**\n * Does.\n */\nexport async function a() {}", 0],
    ["/** Both. */\nexport const A = 1;\nexport const B = 2;", 0],
    ["export const A = 1;", 1],
    ["/* No doc. */\nexport interface A {}", 1],
    ["/** Of another. */\nconst a = 1;\nexport type B = 1;", 1],
  ])("%j", (text, missing) => expect(undocumentedExports({ path: "a.ts", text })).toHaveLength(missing));
});

describe("links", () => {
  it("finds those that lead nowhere", () => {
    expect(deadLinks({ path: "docs/a.md", text: "[p](protocol.md#a) [w](https://example.com) [no](gone.md)" })).toHaveLength(1);
  });
});

describe("the protocol's table", () => {
  const head = "## 10. Errors\n\n`bad_request`, `gone`. `detail` is for people.\n\n## 11. Next\n\n## 12. Endpoints\n\n";
  const row = '| GET, POST things[/{name}], stuff; DELETE .../{hash} | -, L | `{"a","b"?}`; `?limit=` | `{"c":[{"d"}]}`; "x"/"y" |\n';
  const status = "\nStatus: 400 bad_request; 404 gone, and not_found for everything unknown.";
  const at = (place: string, caller = "anyone", asked: readonly string[] = ["a", "b", "limit"], answered = ["c", "d"]) => ({
    place,
    caller,
    asked: new Set(asked),
    answered: new Set(answered),
  });
  const places = ["GET things", "POST things", "GET things/{}", "POST things/{}", "GET stuff", "POST stuff"];
  const deletions = ["DELETE things/{}", "DELETE things/{}/{}", "DELETE stuff/{}"];
  const all = [...places, ...deletions];

  it("is read with all its short forms", () => {
    const [first] = tableRows(head + row);
    expect(new Set(first?.places)).toEqual(new Set(all));
    expect(first?.who).toEqual(["-", "L"]);
    expect([...(first?.asked ?? [])].sort()).toEqual(["a", "b", "limit"]);
    expect(first?.answered.map((each) => [...each])).toEqual([["c", "d"], []]);
  });

  it("tells what only one side has", () => {
    const rows = tableRows(head + row);
    const endpoints = all.map((place, index) => at(place, index === 0 ? "owner" : "anyone"));
    expect(tableDifferences(rows, endpoints)).toEqual([]);
    // The place is missing, and with it the only one that owners may call.
    expect(tableDifferences(rows, endpoints.slice(1))).toHaveLength(2);
    expect(tableDifferences(rows, [...endpoints, at("GET more")])).toHaveLength(1);
    expect(tableDifferences(rows, [...endpoints.slice(1), at("GET things", "owner", ["a", "z"])])).toHaveLength(1);
    expect(
      tableDifferences(
        rows,
        endpoints.map((each) => ({ ...each, asked: new Set(["a"]), answered: new Set(["a"]) })),
      ),
    ).toHaveLength(5);
    expect(tableDifferences(rows, [...endpoints.slice(1), at("GET things", "session")])).toHaveLength(2);
  });

  it("tells which answer of a row lacks a member that another one has", () => {
    const rows = tableRows(`${head}| GET, POST log/{name} | - | POST: stmt | \`{"token","ends"}\`; \`{"name","ends"}\` |\n${status}`);
    const get = at("GET log/{}", "anyone", [], ["token", "ends"]);
    const post = at("POST log/{}", "anyone", [], ["name", "ends"]);
    expect(tableDifferences(rows, [get, post])).toEqual([]);
    expect(tableDifferences(rows, [{ ...get, answered: new Set(["token"]) }, post])).toHaveLength(1);
    expect(tableDifferences(rows, [get, { ...post, asked: new Set(["name"]) }])).toHaveLength(1);
  });

  it("has the code's codes and statuses", () => {
    const documented = documentedCodes(head + row + status);
    expect(codeDifferences(documented, ["bad_request", "gone"], (code) => (code === "gone" ? 404 : 400))).toEqual([]);
    expect(codeDifferences(documented, ["bad_request"], () => 400)).toHaveLength(1);
    expect(
      codeDifferences(documented, ["bad_request", "gone", "more"], (code) => (code === "gone" ? 404 : code === "more" ? null : 400)),
    ).toHaveLength(1);
    expect(codeDifferences(documented, ["bad_request", "gone"], () => 400)).toHaveLength(1);
  });
});

describe("shapes", () => {
  const [there, optional] = [
    { optional: false, inner: null },
    { optional: true, inner: null },
  ];

  it("are read in every notation of the document", () => {
    const text = 'a `thing` `{"a", "b": {"inner"} or "value, more", "c"?, d? [{e (remark, {x}), f or null}], g: 0..}`';
    const inner: Shape = new Map<string, Member>([["inner", there]]);
    const listed: Shape = new Map<string, Member>([
      ["e", there],
      ["f", there],
    ]);
    expect(shapeAfter(text, "`thing`")).toEqual(
      new Map<string, Member>([
        ["a", there],
        ["b", { optional: false, inner }],
        ["c", optional],
        ["d", { optional: true, inner: listed }],
        ["g", there],
      ]),
    );
  });

  it.each(["", "a mark", "mark {a} mark {a}", "mark {a, a}", "mark {a, 1}", "mark {a", "mark {A}"])("are not read in %j", (text) => {
    expect(() => shapeAfter(text, "mark")).toThrow(TypeError);
  });

  it("tell what only one side has, at any depth", () => {
    const shape = (text: string): Shape => shapeAfter(`mark {${text}}`, "mark");
    const differences = (inText: string, inCode: string): number => shapeDifferences("thing", shape(inText), shape(inCode)).length;
    expect(differences("a, b? {c}", "a, b? {c}")).toBe(0);
    expect(differences("a, b? {c}", "a, b? {d}")).toBe(2);
    expect(differences("a", "a?")).toBe(1);
    expect(differences("a?", "a")).toBe(1);
    expect(differences("a {b}", "a")).toBe(1);
    expect(differences("a", "a {b}")).toBe(1);
    expect(differences("a, b", "a")).toBe(1);
    expect(differences("a", "a, b")).toBe(1);
  });
});

describe("the protocol's text", () => {
  const protocol = readFileSync(join(ROOT, "docs/protocol.md"), "utf8");
  /** Where a text stands behind another. */
  const behind = (mark: string, text: string): string => {
    const at = protocol.indexOf(text, protocol.indexOf(mark));
    return `${protocol.slice(0, at)}re_named${protocol.slice(at + text.length)}`;
  };

  it("says what the code does", () => expect(protocolDifferences(protocol)).toEqual([]));

  it.each([
    ["from_link", "`envelope` statement by the sender's master key:"],
    ["encapsulation", "`envelope` statement by the sender's master key:"],
    ["zero_bits", "## 7. Proof of work"],
    ["values", "`pow` = "],
    ["created_at", "`account` {"],
    ["code", "`hand_over` {"],
    ["known_key", "**Export and import.**"],
    ["kind", "**Export and import.**"],
    ["code", "that the last record names: a line"],
    ["in_reply_to", "- `email`"],
    ["auto_reply", "- `email`"],
    ["media_type", "`attachments` a list of"],
    ["date", "with `extensions.imported`"],
    ["text", "- `short-message`"],
    ["short-message", "## 9. Message types"],
    ["algorithm", "`secret-symmetric-key` `"],
    ["bcc", "- `draft`"],
    ["name", "The profile `"],
    ["media_type", "The profile `"],
    ["subject", "The text of a `summary`"],
    ["role", "A folder's text"],
    ["starred", "The text of `extensions`"],
    ["entry", "A note's is"],
    ["every_days", "`auto_reply` is null or"],
    ["at", "`settings.shared` maps names to"],
    ["tombstones", "its text is the JSON"],
    ["used_by", "its text is the JSON"],
    ["master_seed", "A device link seals the JSON"],
    ["state", "`event: state`, `data: "],
    ["code", "| GET export; POST import_account"],
    ["ids", "| POST messages"],
    ["session", "Types: "],
    ["smtp_bridge", "received_via"],
    ["image/png", "`POST user_avatar` stores"],
    // Mentioned in running text alone.
    ["message_id", "`message_id = hex(digest)`"],
    ["draft_base", "`extensions.draft_base` is"],
  ])("is noticed to rename %s behind %s", (name, mark) => {
    const changed = behind(mark, name);
    expect(changed).not.toBe(protocol);
    expect(protocolDifferences(changed)).not.toEqual([]);
  });

  it.each(["from_link", "encapsulation", "zero_bits", "in_reply_to", "master_seed", "starred", "list_key", "date_sent"])(
    "is noticed to rename %s everywhere",
    (name) => expect(protocolDifferences(protocol.replaceAll(name, "renamed"))).not.toEqual([]),
  );

  it("is noticed to gain or lose any member of any format", () => {
    const missed = FORMATS.flatMap(({ name, mark }) => {
      const open = protocol.indexOf("{", protocol.indexOf(mark));
      const gained = `${protocol.slice(0, open)}{more, ${protocol.slice(open + 1)}`;
      const lost = [...shapeAfter(protocol, mark).keys()].map((member) => {
        const at = protocol.slice(open).search(new RegExp(`(?<=[{,]\\s*"?)${member}(?![a-z_])`)) + open;
        return `${protocol.slice(0, at)}x${protocol.slice(at)}`;
      });
      return [gained, ...lost].filter((text) => protocolDifferences(text).length === 0).map(() => name);
    });
    expect(missed).toEqual([]);
  });

  it("is noticed to gain or lose any name in the table of endpoints", () => {
    const rows = protocol
      .slice(protocol.indexOf("## 12. Endpoints"))
      .split("\n")
      .filter((line) => /^\| (?:GET|POST|PUT|DELETE)\b/.test(line));
    const missed = rows.flatMap((row) =>
      [...new Set([...row.matchAll(/(?<=")[a-z_]+(?="[?:,}\]])/g)].map(([name]) => name))]
        .filter((name) => protocolDifferences(protocol.replace(row, row.replaceAll(`"${name}"`, `"${name}x"`))).length === 0)
        .map((name) => `${name} in ${row}`),
    );
    expect(rows.length).toBeGreaterThan(30);
    expect(missed).toEqual([]);
  });
});
