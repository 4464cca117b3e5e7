import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ROOT } from "../checks/source-files.ts";
import type { Target } from "./plan.ts";

/** A folder of its own in which sources may be changed: the protocol, its document, the vectors, and the installed packages. */
export interface Room {
  readonly dir: string;
  /** Leaves exactly the tests and vectors of a target to be run. Throws where one of its tests is missing. */
  prepare(target: Target): void;
  /** Changes with the tests and vectors of a target, and with what tests have in common. */
  testsHash(target: Target): string;
  remove(): void;
}

const PROTOCOL = "packages/protocol";

/** Makes a room in the system's folder for temporary files. Nothing that happens in it touches the repository. */
export function makeRoom(): Room {
  const dir = mkdtempSync(join(tmpdir(), "smimp-mutation-"));
  cpSync(join(ROOT, PROTOCOL), join(dir, PROTOCOL), { recursive: true, filter: (path) => !path.endsWith("tsconfig.json") });
  // Which some tests read.
  cpSync(join(ROOT, "docs/protocol.md"), join(dir, "docs/protocol.md"));
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }\n');
  mkdirSync(join(dir, "node_modules/@smimp"), { recursive: true });
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name !== "@smimp") symlinkSync(join(ROOT, "node_modules", name), join(dir, "node_modules", name));
  }
  // The protocol's own name must lead to the copy that is mutated.
  symlinkSync(join(dir, PROTOCOL), join(dir, "node_modules/@smimp/protocol"));
  return {
    dir,
    prepare({ tests, vectors }) {
      const files = [...tests.map((name) => `${PROTOCOL}/src/${name}.test.ts`), `${PROTOCOL}/test/vectors.test.ts`];
      for (const file of files) if (!existsSync(join(dir, file))) throw new Error(`there is no test ${file}`);
      rmSync(join(dir, "vectors"), { recursive: true, force: true });
      mkdirSync(join(dir, "vectors"));
      for (const folder of vectors) cpSync(join(ROOT, "vectors", folder), join(dir, "vectors", folder), { recursive: true });
      writeFileSync(join(dir, "vitest.config.mjs"), `export default ${JSON.stringify({ test: vitestOptions(files) })};\n`);
    },
    testsHash({ tests, vectors }) {
      const files = [
        ...tests.map((name) => join(ROOT, PROTOCOL, `src/${name}.test.ts`)),
        ...[join(ROOT, PROTOCOL, "test"), ...vectors.map((folder) => join(ROOT, "vectors", folder))].flatMap(filesBelow),
      ];
      const sum = createHash("sha256");
      for (const file of files) sum.update(`${relative(ROOT, file)}\n`).update(readFileSync(file));
      return sum.digest("hex").slice(0, 16);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted();
}

function vitestOptions(include: readonly string[]): object {
  // Files share what they load, which is most of the time that a mutant takes.
  return { include, isolate: false, maxWorkers: 1, testTimeout: 60_000 };
}
