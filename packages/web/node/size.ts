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
const engine = workerOf("assets/index-", "worker-");
// The mailbox's own view comes right after: what somebody waits for who opens it.
const first = ["index.html", ...named.map((name) => `assets/${name}`), ...engine, ...matching(/^shell-/)];

const parts: readonly Part[] = [
  { what: "first load: page, styles, the engine, and the mailbox with its list", bytes: sum(first), budget: 240 },
  { what: "  of it JavaScript", bytes: sum(first.filter((path) => path.endsWith(".js"))), budget: 200 },
  { what: "cryptography, fetched once", bytes: sum(matching(/^cryptography-.*\.js$/)), budget: 170 },
  { what: "search: SQLite, fetched when somebody searches", bytes: sum(matching(/^(?:thread-.*\.js|sqlite3-.*\.wasm)$/)), budget: 480 },
  { what: "everything", bytes: sum(["index.html", "sw.js", ...matching(/\.(?:js|css|wasm|woff2)$/)]), budget: 1_200 },
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
  return assets.filter((each) => name.test(each)).map((each) => `assets/${each}`);
}

/** The engine's own script: the worker that the page's first script names. */
function workerOf(script: string, worker: string): readonly string[] {
  const main = named.find((name) => `assets/${name}`.startsWith(script) && name.endsWith(".js"));
  if (main === undefined) throw new Error("the page names no script: build first");
  const text = readFileSync(join(DIST, "assets", main), "utf8");
  const found = matching(new RegExp(`^${worker}.*\\.js$`)).filter((path) => text.includes(path.slice("assets/".length)));
  if (found.length === 0) throw new Error("the page's script names no engine");
  return found;
}

/** Bytes as they go over the line: compressed where the build has done so. */
function sum(paths: readonly string[]): number {
  return paths.reduce((total, path) => {
    const small = statSync(join(DIST, `${path}.br`), { throwIfNoEntry: false });
    return total + (small ?? statSync(join(DIST, path))).size;
  }, 0);
}
