// node packages/web/node/build.ts: builds the web client into packages/web/dist. Scripts and styles carry their hashes in the page, a
// service worker knows the hash of every file, and `release.json` lists them all: the same sources give the same bytes everywhere.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";
import { RELEASE_FILE, releasedFile, type Release } from "./release.ts";

const WEB = join(import.meta.dirname, "..");
const DIST = join(WEB, "dist");
/** Browsers that the service worker is written for, as in vite.config.ts. */
const TARGET = ["chrome120", "firefox120", "safari17"];
/**
 * What the bundler hands on because a module names it: a worker's source, beside which the worker itself is built, and what SQLite has
 * for databases on a disk, which the search index never is.
 */
const NEVER_ASKED_FOR = /\.ts$|^assets\/sqlite3-(?:worker1|opfs-async-proxy)-/;
/** Files that shrink. */
const SHRINKS = /\.(?:html|js|css|json|svg|wasm|webmanifest)$/;
/** Smaller ones are sent as they are, bytes. */
const WORTH_IT = 1_024;

console.log("Building the webmail, which takes up to a minute …");
// Whatever it is set to around here: it changes what is built.
process.env["NODE_ENV"] = "production";
await build({ configFile: join(WEB, "vite.config.ts"), root: WEB, logLevel: "warn" });
for (const path of filesIn(DIST)) if (NEVER_ASKED_FOR.test(path)) rmSync(join(DIST, path));
writeFileSync(join(DIST, "index.html"), sealPage(readFileSync(join(DIST, "index.html"), "utf8")));

const { version: packageVersion } = JSON.parse(readFileSync(join(WEB, "package.json"), "utf8")) as { version: string };
const files = filesIn(DIST);
const digest = createHash("sha256")
  .update(files.map((path) => `${path} ${integrityOf(path)}\n`).join(""))
  .digest("hex");
await build({
  configFile: false,
  root: WEB,
  logLevel: "warn",
  publicDir: false,
  define: {
    BUILD: JSON.stringify({
      version: `${packageVersion}-${digest.slice(0, 16)}`,
      files: files.map((path) => ({ path, integrity: integrityOf(path) })),
    }),
  },
  build: {
    outDir: DIST,
    emptyOutDir: false,
    target: TARGET,
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
    lib: { entry: join(WEB, "src/offline/worker.ts"), formats: ["iife"], name: "offline", fileName: () => "sw.js" },
  },
});

const release: Release = {
  version: packageVersion,
  files: Object.fromEntries(filesIn(DIST).map((path) => [path, releasedFile(readFileSync(join(DIST, path)))])),
};
writeFileSync(join(DIST, RELEASE_FILE), `${JSON.stringify(release, null, 2)}\n`);
for (const path of filesIn(DIST)) {
  const bytes = readFileSync(join(DIST, path));
  if (!SHRINKS.test(path) || bytes.length < WORTH_IT) continue;
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(join(DIST, `${path}.br`), brotliCompressSync(bytes, { params }));
  writeFileSync(join(DIST, `${path}.gz`), gzipSync(bytes, { level: 9 }));
}

/** All files below a folder, by path, in an order that is the same everywhere. */
function filesIn(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(dir.length + 1)
        .split(sep)
        .join("/"),
    )
    .toSorted();
}

function integrityOf(path: string): string {
  return `sha256-${createHash("sha256")
    .update(readFileSync(join(DIST, path)))
    .digest("base64")}`;
}

/** The page with the hash of everything that it loads: in its elements, and, for what is loaded later, in an import map (sealed-links.ts). */
function sealPage(html: string): string {
  const sealed = html.replaceAll(
    /<(script|link)\b([^>]*?)\s(src|href)="\.\/(assets\/[^"]+)"([^>]*)>/g,
    (_all, tag, before, attribute, path, after) => {
      const others = `${String(before)}${String(after)}`.replace(/\scrossorigin(?:="[^"]*")?/, "");
      return `<${String(tag)}${others} ${String(attribute)}="./${String(path)}" integrity="${integrityOf(String(path))}" crossorigin="anonymous">`;
    },
  );
  const scripts = scriptsOf(named(sealed).map((path) => path.slice("./assets/".length))).toSorted();
  const styles = readdirSync(join(DIST, "assets")).filter((path) => path.endsWith(".css"));
  const later = [...scripts, ...styles.toSorted().filter((path) => !sealed.includes(`href="./assets/${path}"`))];
  const integrity = Object.fromEntries(later.map((path) => [`./assets/${path}`, integrityOf(`assets/${path}`)]));
  const start = Object.entries(integrity).find(([path]) => named(sealed).includes(path) && path.startsWith("./assets/start-"));
  if (start === undefined) throw new Error("the page has nothing to start with");
  const [first, hash] = start;
  // Before the first module: a map that comes later counts for nothing. What starts the engine runs as soon as it is here, the rest once
  // everything is.
  const head = `<script type="importmap">${JSON.stringify({ integrity })}</script>
    <script type="module" async src="${first}" integrity="${hash}" crossorigin="anonymous"></script>`;
  return sealed.replace("<title>", `${head}\n    <title>`);
}

/** The scripts that a page fetches at once. */
function named(html: string): readonly string[] {
  return [...html.matchAll(/\s(?:src|href)="(\.\/assets\/[^"]+\.js)"/g)].map(([, path = ""]) => path);
}

/** Scripts that a page may ever import, beginning with these. Maps say nothing to workers, whose scripts are not among them. */
function scriptsOf(first: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const waiting = [...first];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const text = readFileSync(join(DIST, "assets", name), "utf8");
    for (const [, other = ""] of text.matchAll(/(?:from|import\(?)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) waiting.push(other);
  }
  return [...found];
}
