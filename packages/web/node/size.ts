// npm run size: what a browser has to fetch, compressed as servers send it, and whether that is within the budget. Ends with
// `size: N checks, N over budget`; over it, with status 1. Build first.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { firstLoad } from "./first-load.ts";

const DIST = join(import.meta.dirname, "../dist");
const KILO = 1_000;

/** A part of the client, and how large it may be, kilobytes compressed. */
interface Part {
  readonly what: string;
  readonly bytes: number;
  readonly budget: number;
}

const assets = readdirSync(join(DIST, "assets")).filter((name) => !/\.(?:br|gz)$/.test(name));
const { page, door, engine, cryptography } = firstLoad(DIST);
const styles = [...readFileSync(join(DIST, "index.html"), "utf8").matchAll(/href="\.\/assets\/([^"]+\.css)"/g)].map(
  ([, name = ""]) => name,
);

const parts: readonly Part[] = [
  {
    what: "initial JavaScript: page and engine until the list is seen, without cryptography",
    bytes: sum([...page, ...engine]),
    budget: 200,
  },
  { what: "  of it the page, with the texts of one language", bytes: sum(page), budget: 120 },
  { what: "  of it the engine", bytes: sum(engine), budget: 90 },
  { what: "the page until the name of a new mailbox can be typed; the engine follows", bytes: sum(door), budget: 120 },
  { what: "cryptography, fetched once", bytes: sum(cryptography), budget: 170 },
  { what: "the page itself, and its styles", bytes: sum(["../index.html", ...styles, ...matching(/^shell-.*\.css$/)]), budget: 20 },
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

/** Bytes as they go over the line: compressed where the build has done so. */
function sum(names: readonly string[]): number {
  return names.reduce((total, name) => {
    const path = join(DIST, "assets", name);
    return total + (statSync(`${path}.br`, { throwIfNoEntry: false }) ?? statSync(path)).size;
  }, 0);
}
