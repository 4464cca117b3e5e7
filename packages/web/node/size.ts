// npm run size: what a browser has to fetch, compressed as servers send it, and whether that is within the budget. Ends with
// `size: N checks, N over budget`; over it, with status 1. Build first.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const DIST = join(import.meta.dirname, "../dist");
const KILO = 1_000;

/** A part of the client, and how large it may be, kilobytes compressed. */
interface Part {
  readonly what: string;
  readonly bytes: number;
  readonly budget: number;
}

const assets = readdirSync(join(DIST, "assets")).filter((name) => !/\.(?:br|gz)$/.test(name));
const page = readFileSync(join(DIST, "index.html"), "utf8");
const named = [...page.matchAll(/(?:src|href)="\.\/assets\/([^"]+)"/g)].map(([, name = ""]) => name);
const isCryptography = (name: string): boolean => name.startsWith("cryptography-");

// All that runs until somebody sees their list: the page, the view of the mailbox, the texts of the language that has the longest.
const texts = matching(/^all-.*\.js$/).toSorted((one, other) => sum([other]) - sum([one]));
const seen = closure([...named.filter((name) => name.endsWith(".js")), ...matching(/^shell-.*\.js$/), ...texts.slice(0, 1)]);
const engine = closure(enginesOf(named));

const parts: readonly Part[] = [
  { what: "scripts of the page until the mailbox is seen, texts of one language included", bytes: sum(seen), budget: 200 },
  {
    what: "the engine, which begins beside it, without cryptography",
    bytes: sum(engine.filter((name) => !isCryptography(name))),
    budget: 100,
  },
  { what: "cryptography, fetched once", bytes: sum(matching(/^cryptography-.*\.js$/)), budget: 170 },
  { what: "search: SQLite, fetched when somebody searches", bytes: sum(matching(/^(?:thread-.*\.js|sqlite3-.*\.wasm)$/)), budget: 480 },
  { what: "everything", bytes: sum(matching(/\.(?:js|css|wasm|woff2)$/)), budget: 1_400 },
];
for (const { what, bytes, budget } of parts) {
  const kilobytes = (bytes / KILO).toFixed(1).padStart(7);
  console.log(`${kilobytes} kB of ${String(budget).padStart(5)}  ${bytes > budget * KILO ? "OVER  " : ""}${what}`);
}
const over = parts.filter(({ bytes, budget }) => bytes > budget * KILO).length;
console.log(`size: ${parts.length} checks, ${over} over budget`);
if (over > 0) process.exitCode = 1;

/** Files of the build whose names match. */
function matching(name: RegExp): readonly string[] {
  return assets.filter((each) => name.test(each));
}

/** These scripts, and all that they can't begin without. */
function closure(names: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const text = readFileSync(join(DIST, "assets", name), "utf8");
    for (const [, other = ""] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) waiting.push(other);
  }
  return [...found];
}

/** The engine's own script: the worker that one of the page's scripts names. */
function enginesOf(scripts: readonly string[]): readonly string[] {
  const text = scripts
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(join(DIST, "assets", name), "utf8"))
    .join("\n");
  const found = matching(/^worker-.*\.js$/).filter((name) => text.includes(name));
  if (found.length === 0) throw new Error("the page names no engine: build first");
  return found;
}

/** Bytes as they go over the line: compressed where the build has done so. */
function sum(names: readonly string[]): number {
  return names.reduce((total, name) => {
    const path = join(DIST, "assets", name);
    return total + (statSync(`${path}.br`, { throwIfNoEntry: false }) ?? statSync(path)).size;
  }, 0);
}
