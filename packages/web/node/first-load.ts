import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The scripts that a browser fetches before somebody sees their list, by what they are. Names of files in `assets`. */
export interface FirstLoad {
  /** Of the page: its own, the view of the mailbox, and the texts of the language that has the longest. */
  readonly page: readonly string[];
  /** Of the page that somebody opens with an invite, until something can be typed. */
  readonly door: readonly string[];
  /** Of the worker that holds the mailbox. */
  readonly engine: readonly string[];
  /** What changes seldom, and is fetched once for many versions. */
  readonly cryptography: readonly string[];
}

/**
 * Follows a build from its page on: what each script can't begin without, and what is fetched for a mailbox that opens by itself. A test
 * in a browser holds it against what is fetched.
 */
export function firstLoad(dist: string, language: "en" | "de" | "longest" = "longest"): FirstLoad {
  const assets = join(dist, "assets");
  const names = readdirSync(assets).filter((name) => name.endsWith(".js"));
  const read = (name: string): string => readFileSync(join(assets, name), "utf8");
  const one = (pattern: RegExp, among: readonly string[] = names): string => {
    const [found, ...others] = among.filter((name) => pattern.test(name));
    if (found === undefined || others.length > 0)
      throw new Error(`the build has ${found === undefined ? "no" : "several"} ${String(pattern)}`);
    return found;
  };
  /** These scripts, and all that they can't begin without. */
  const closure = (begin: readonly string[]): readonly string[] => {
    const found = new Set<string>();
    const waiting = [...begin];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (found.has(name)) continue;
      found.add(name);
      for (const [, other = ""] of read(name).matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) waiting.push(other);
    }
    return [...found];
  };

  const html = readFileSync(join(dist, "index.html"), "utf8");
  const named = [...new Set([...html.matchAll(/\s(?:src|href)="\.\/assets\/([^"]+\.js)"/g)].map(([, name = ""]) => name))];
  const start = one(/^start-/, named);
  const fetched = dynamic(read(start));
  const isTexts = (name: string): boolean => closure([name]).length === 1;
  // In the order of `messages/parts.ts`: English, German.
  const textsOf = (part: string): string => {
    const [english, german] = fetched.filter((name) => name.startsWith(`${part}-`) && isTexts(name));
    if (english === undefined || german === undefined) throw new Error("the build lacks a language");
    const longest = read(german).length > read(english).length ? german : english;
    return { en: english, de: german, longest }[language];
  };
  const view = one(
    /^door-/,
    fetched.filter((name) => !isTexts(name)),
  );
  const door = closure([...named, view, textsOf("door"), textsOf("first")]);
  const page = closure([...named, one(/^shell-/, fetched), textsOf("first")]);
  const worker = one(
    /^start-/,
    names.filter((name) => name !== start && read(start).includes(name)),
  );
  const engine = closure([worker, ...dynamic(read(worker))]);
  const isCryptography = (name: string): boolean => name.startsWith("cryptography-");
  return { page, door, engine: engine.filter((name) => !isCryptography(name)), cryptography: engine.filter(isCryptography) };
}

/** Scripts that a script imports when it runs. */
function dynamic(text: string): readonly string[] {
  return [...text.matchAll(/import\(["'`]\.\/([^"'`]+\.js)["'`]\)/g)].map(([, name = ""]) => name);
}
