import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { ROOT } from "../checks/source-files.ts";

/** The packages that others install, each after those that it needs. */
export const PUBLISHED = ["protocol", "identity", "client"] as const;

/** What of a package.json is used here. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Runs a program; what it printed is in the error where it fails. */
export async function run(program: string, args: readonly string[], folder: string): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { cwd: folder })).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${program} ${args.join(" ")}: ${stdout}${stderr}`, { cause: error });
  }
}

/**
 * Makes a folder of what is published of a package: JavaScript and its types in place of the sources, and a package.json whose
 * `exports` name them. The workspace itself runs the sources.
 */
export async function stage(room: (typeof PUBLISHED)[number], folder: string): Promise<void> {
  const source = join(ROOT, "packages", room);
  const output = join(folder, "dist");
  await mkdir(output, { recursive: true });
  // The declarations of the packages that this one needs.
  await run("tsc", ["-b", source], ROOT);
  const options = ["--emitDeclarationOnly", "false", "--outDir", output, "--tsBuildInfoFile", join(folder, "..", `${room}.tsbuildinfo`)];
  await run("tsc", ["-p", source, ...options], ROOT);
  for await (const file of glob("**/*.{js,d.ts}", { cwd: output })) await pointToBuilt(join(output, file));
  const manifest = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as Manifest;
  await writeFile(join(folder, "package.json"), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
  await copyFile(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  await copyFile(join(source, "README.md"), join(folder, "README.md"));
}

/** Makes the tarball of a staged package in `destination`; returns its path. Throws what publint finds wrong with it. */
export async function pack(folder: string, destination: string): Promise<string> {
  const { messages, pkg } = await publint({ pkgDir: folder, level: "warning", strict: true, pack: false });
  if (messages.length > 0) throw new Error(messages.map((message) => formatMessage(message, pkg) ?? message.code).join("\n"));
  await mkdir(destination, { recursive: true });
  const stdout = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", destination], folder);
  const packed = JSON.parse(stdout) as readonly { readonly filename: string }[] | Readonly<Record<string, { readonly filename: string }>>;
  const [first] = Object.values(packed);
  if (first === undefined) throw new Error("npm packed nothing");
  return join(destination, first.filename);
}

/** What TypeScript leaves as it was: the endings of types' imports, and of files that are named by address. */
async function pointToBuilt(file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const built = file.endsWith(".d.ts")
    ? text.replace(/((?:from|import\() ?"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"')
    : text.replace(/(new URL\("\.{1,2}\/[^"]+)\.ts", import\.meta\.url\)/g, '$1.js", import.meta.url)');
  if (built !== text) await writeFile(file, built);
}

function publishedManifest({ name, version, description, license, exports, dependencies }: Manifest): object {
  const entries = Object.entries(exports).map(([face, source]) => {
    const built = source.replace(/^\.\/src\//, "./dist/").replace(/\.ts$/, "");
    return [face, { types: `${built}.d.ts`, default: `${built}.js` }] as const;
  });
  return {
    name,
    version,
    description,
    license,
    type: "module",
    engines: { node: ">=26" },
    exports: Object.fromEntries([...entries, ["./package.json", "./package.json"]]),
    files: ["dist"],
    dependencies,
  };
}

/** Whether everything that a package.json names is there. */
export function namesOnlyWhatIsThere(folder: string, manifest: { readonly exports: Readonly<Record<string, unknown>> }): boolean {
  const named = Object.values(manifest.exports).flatMap((each) => (typeof each === "string" ? [each] : Object.values(each as object)));
  return named.every((file) => existsSync(join(folder, String(file))));
}
