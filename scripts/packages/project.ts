import { execFile } from "node:child_process";
import { copyFile, glob, lstat, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../checks/source-files.ts";
import { run } from "./stage.ts";

/** A folder outside of the workspace, as anybody has one who installs the packages. */
export interface Project {
  readonly folder: string;
  /** Runs a program of the project with Node; throws where it fails. */
  node(file: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<string>;
  /** Checks all TypeScript of the project, the packages' own declarations too. */
  checkTypes(): Promise<void>;
}

/** Longest time that a program may take, milliseconds. */
const TIMEOUT = 240_000;

/** Makes a project of these tarballs and programs. What the packages need comes from the registry's cache, or else from there. */
export async function makeProject(folder: string, tarballs: readonly string[], programs: readonly string[]): Promise<Project> {
  const { devDependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { devDependencies: Record<string, string> };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "elsewhere", private: true, type: "module" }));
  const types = `@types/node@${devDependencies["@types/node"] ?? "*"}`;
  await run("npm", ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", types, ...tarballs], folder);
  for (const file of programs) await copyFile(file, join(folder, basename(file)));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ["*.ts"] }));
  return {
    folder,
    node: async (file, args, environment = {}) => {
      const env = { ...process.env, ...environment };
      return (await promisify(execFile)(process.execPath, [join(folder, file), ...args], { cwd: folder, env, timeout: TIMEOUT })).stdout;
    },
    checkTypes: async () => {
      await run("tsc", ["-p", folder], folder);
    },
  };
}

/** As strict as it gets: nobody who installs the packages shall have to turn anything off. */
const COMPILER_OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
  module: "nodenext",
  target: "esnext",
  lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
  types: ["node"],
  allowImportingTsExtensions: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
};

/** Throws where an installed package is not what was packed: a link into the workspace, or a source or test that slipped in. */
export async function assertInstalled(folder: string, name: string): Promise<void> {
  const installed = join(folder, "node_modules", name);
  if ((await lstat(installed)).isSymbolicLink()) throw new Error(`${name} is a link`);
  for await (const file of glob("**/*", { cwd: installed })) {
    if (/(?<!\.d)\.ts$|\.test\./.test(file)) throw new Error(`${name} holds ${file}`);
    if (!/\.(?:js|d\.ts)$/.test(file)) continue;
    const [wrong] = /["'](?:\.{1,2}\/[^"']*(?<!\.d)\.ts|[^"']*\/src\/[^"']*)["']/.exec(await readFile(join(installed, file), "utf8")) ?? [];
    if (wrong !== undefined) throw new Error(`${name}/${file} names ${wrong}, which is not there`);
  }
}
