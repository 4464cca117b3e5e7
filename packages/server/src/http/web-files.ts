import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, sep } from "node:path";

/** What a browser is told of a file, by its ending; others are not served. */
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

/** Encodings that the build may have made beside a file, the best first. */
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/** A file of the web client, in memory once for all who ask. */
export interface WebFile {
  /** Below the base URL, e.g. `assets/index-1f2e.js`. */
  readonly path: string;
  readonly type: string;
  readonly etag: string;
  /** Its name changes with its content: it may be kept for good. */
  readonly immutable: boolean;
  /** By content encoding; the last is the file as it is. */
  readonly bodies: readonly { readonly encoding: string | null; readonly bytes: Buffer }[];
}

/** The web client as it was built. */
export interface WebFiles {
  readonly files: readonly WebFile[];
  /** Hashes of what stands in the page itself and may run, as in a Content-Security-Policy. */
  readonly inlineHashes: readonly string[];
}

/** Reads a built web client. Throws where there is none at that place. */
export function readWebFiles(dir: string): WebFiles {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
  const there = new Set(names);
  const files = names.flatMap((name): readonly WebFile[] => {
    const type = TYPES[extname(name)];
    if (type === undefined) return [];
    const bytes = readFileSync(join(dir, name));
    const encoded = ENCODINGS.flatMap(([encoding, ending]) =>
      there.has(name + ending) ? [{ encoding, bytes: readFileSync(join(dir, name + ending)) }] : [],
    );
    return [
      {
        path: name.split(sep).join("/"),
        type,
        etag: `"${createHash("sha256").update(bytes).digest("base64url")}"`,
        immutable: name.startsWith(`assets${sep}`),
        bodies: [...encoded, { encoding: null, bytes }],
      },
    ];
  });
  const page = files.find(({ path }) => path === "index.html");
  if (page === undefined) throw new Error(`${dir} holds no built web client`);
  return { files, inlineHashes: inlineHashesOf(page.bodies.at(-1)?.bytes.toString("utf8") ?? "") };
}

/** Scripts without an address of their own, such as the map of modules with their hashes. */
function inlineHashesOf(html: string): readonly string[] {
  return [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );
}
