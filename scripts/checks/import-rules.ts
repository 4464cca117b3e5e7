import { posix } from "node:path";
import { isTest, lineAt, withoutComments, type SourceFile } from "./source-files.ts";

/** What each room may import of the others; nothing runs the other way. */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  identity: ["protocol"],
  client: ["protocol", "identity"],
  server: ["protocol", "identity"],
  conversion: ["protocol", "client"],
  web: ["protocol", "identity", "client", "conversion"],
  cli: ["protocol", "identity", "client", "server", "conversion", "web"],
  testkit: ["protocol", "identity", "client", "server"],
  demo: ["protocol", "identity", "client", "server", "testkit", "web"],
  bench: ["protocol", "identity", "client", "server", "testkit"],
  hostile: ["protocol", "identity", "client", "server", "testkit"],
  scripts: ["protocol", "identity", "client", "server", "testkit", "web"],
};

/** The subpaths that each room exports, as in its package.json: `.`, `./guarded-fetch`. */
export type Faces = ReadonlyMap<string, readonly string[]>;

interface Import {
  readonly from: string;
  readonly line: number;
}

const IMPORT = /\b(?:import|export)\b[^;"'=(]*?\bfrom\s*"([^"]+)"|\bimport\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/g;

/** Every module that a text names. */
export function importsOf(text: string): readonly Import[] {
  // What stands between backticks is text, or a sample in a test.
  const code = withoutComments(text).replace(/`(?:\\.|[^`\\])*`/g, (all) => all.replace(/[^\n]/g, " "));
  return [...code.matchAll(IMPORT)].map((match) => ({
    from: match[1] ?? match[2] ?? match[3] ?? "",
    line: lineAt(code, match.index + match[0].length),
  }));
}

/** Finds imports that break the rules, and platform globals in `protocol`; one line for each. */
export function importViolations(files: readonly SourceFile[], faces: Faces): readonly string[] {
  return files.flatMap((file) => {
    const wrong = importsOf(file.text).flatMap(({ from, line }) => {
      const why = faultOf(file.path, from, faces);
      return why === null ? [] : [`${file.path}:${line}: "${from}": ${why}`];
    });
    return [...wrong, ...globalsIn(file)];
  });
}

function faultOf(path: string, named: string, faces: Faces): string | null {
  const { room, folder } = placeOf(path);
  // What a bundler is told of a module stands behind a question mark.
  const [from = ""] = named.split("?", 1);
  if (from.startsWith(".")) return relativeFault(path, folder, room, posix.join(posix.dirname(path), from));
  if (from.startsWith("node:")) return room === "protocol" && !isTest(path) ? "protocol imports nothing of a platform" : null;
  if (!from.startsWith("@smimp/")) return null;
  const [, other = "", ...rest] = from.split("/");
  const face = rest.length === 0 ? "." : `./${rest.join("/")}`;
  if (other === room && !isTest(path)) return "a room imports itself by relative paths";
  const allowed = ROOMS[room] ?? [];
  if (!allowed.includes(other) && !(isTest(path) && (other === "testkit" || other === room))) return `${room} does not import ${other}`;
  return faces.get(other)?.includes(face) === true ? null : `${other} does not export ${face}`;
}

function relativeFault(path: string, folder: string, room: string, target: string): string | null {
  if (!/\.(?:tsx?|json|css)$/.test(target)) return "relative imports name the file with its ending";
  if (room === "scripts") return /^packages\/[^/]+\/src\//.test(target) ? "scripts import what a room exports" : null;
  if (!target.startsWith(`${folder}/`)) return "a relative import stays in its room";
  return isTest(target) && !isTest(path) ? "sources import no tests" : null;
}

function placeOf(path: string): { readonly room: string; readonly folder: string } {
  const [first = "", second = ""] = path.split("/");
  return first === "packages" ? { room: second, folder: `packages/${second}` } : { room: first, folder: first };
}

// A name after a dot is somebody's member, and a name before a colon is one's own.
const IMPURE =
  /(?<![.\w$])(?:Date\.now\b|new Date\(\s*\)|Math\.random\b|(?:process|globalThis|performance|crypto)\s*\.|(?:fetch|setTimeout|setInterval|queueMicrotask)\s*\()/g;

function globalsIn({ path, text }: SourceFile): readonly string[] {
  if (placeOf(path).room !== "protocol" || isTest(path)) return [];
  const code = withoutComments(text);
  return [...code.matchAll(IMPURE)].map(
    (match) => `${path}:${lineAt(code, match.index)}: ${match[0].trim()}: protocol has no clock, randomness or environment of its own`,
  );
}

/**
 * Finds `node:` modules that a browser would load with a room's main face: everything that `entry` reaches by relative
 * imports, type-only ones included.
 */
export function platformViolations(files: readonly SourceFile[], entry: string): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const waiting = [entry];
  const found: string[] = [];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = byPath.get(path);
    if (file === undefined || seen.has(path)) continue;
    seen.add(path);
    for (const { from, line } of importsOf(file.text)) {
      if (from.startsWith(".")) waiting.push(posix.join(posix.dirname(path), from));
      else if (from.startsWith("node:")) found.push(`${path}:${line}: "${from}": ${entry} also runs in a browser`);
    }
  }
  return found;
}
