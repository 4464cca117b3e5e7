// node scripts/check-imports.ts: imports between rooms run one way and through their faces; ends with `imports: N files, N violations`.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { importViolations, platformViolations } from "./checks/import-rules.ts";
import { reportViolations, ROOT, sourceFiles } from "./checks/source-files.ts";

/** Faces that a browser loads. */
const BROWSER_FACES = [
  ...["protocol", "identity", "client", "conversion"].map((room) => `packages/${room}/src/index.ts`),
  "packages/identity/src/browser-fetch.ts",
  "packages/client/src/browser.ts",
  "packages/client/src/work/worker.ts",
];

const faces = new Map(
  globSync("packages/*/package.json", { cwd: ROOT }).map((file) => {
    const { exports = {} } = JSON.parse(readFileSync(join(ROOT, file), "utf8")) as { exports?: Record<string, unknown> };
    return [file.split(/[/\\]/)[1] ?? "", Object.keys(exports)] as const;
  }),
);
const files = sourceFiles(
  "packages/*/{src,test,examples,node}/**/*.{ts,tsx}",
  "demo/src/**/*.ts",
  "bench/src/**/*.ts",
  "hostile/src/**/*.ts",
  "scripts/**/*.ts",
);
const violations = [...importViolations(files, faces), ...BROWSER_FACES.flatMap((entry) => platformViolations(files, entry))];
reportViolations("imports", files.length, violations);
