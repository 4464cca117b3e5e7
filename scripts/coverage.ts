// node scripts/coverage.ts [packages/protocol ...]: runs all tests, or those of the packages named, and prints a table of how much of
// each package's sources they reach. Ends with `coverage: protocol N % of branches`; status 1 where a test fails or that is not above 98.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { ROOT } from "./checks/source-files.ts";

/** Branches of the protocol that tests must reach, percent: more than this. */
const THRESHOLD = 98;
const GUARDED = "protocol";
const KINDS = ["branches", "statements", "functions", "lines"] as const;

interface Counted {
  readonly total: number;
  readonly covered: number;
}
type Summary = Readonly<Record<string, Readonly<Record<(typeof KINDS)[number], Counted>>>>;

// With a slash at its end, because vitest takes a name for a part of a path, and `packages/cli` would be `packages/client` too.
const filters = process.argv.slice(2).map((name) => name.replace(/\/*$/, "/"));
const dir = mkdtempSync(join(tmpdir(), "smimp-coverage-"));
try {
  const { status } = spawnSync("vitest", ["run", ...filters, ...coverageOptions()], { cwd: ROOT, stdio: "inherit" });
  process.exitCode = report(JSON.parse(readFileSync(join(dir, "coverage-summary.json"), "utf8")) as Summary) && status === 0 ? 0 : 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}

function coverageOptions(): readonly string[] {
  const packages = filters.length === 0 ? ["packages/*/"] : filters;
  return [
    "--coverage",
    "--coverage.provider=v8",
    "--coverage.reporter=json-summary",
    `--coverage.reportsDirectory=${dir}`,
    ...packages.map((name) => `--coverage.include=${name}src/**/*.ts`),
    "--coverage.exclude=**/*.test.ts",
    // Also where a test failed: what it reached is of interest.
    "--coverage.reportOnFailure",
  ];
}

/** Tells of each package; whether the protocol is reached as it must be. */
function report(summary: Summary): boolean {
  const packages = new Map<string, Record<(typeof KINDS)[number], { total: number; covered: number }>>();
  for (const [file, counted] of Object.entries(summary)) {
    const [, name] = relative(ROOT, file).split(sep);
    if (file === "total" || name === undefined) continue;
    const sums = packages.get(name) ?? { branches: zero(), statements: zero(), functions: zero(), lines: zero() };
    for (const kind of KINDS) {
      sums[kind].total += counted[kind].total;
      sums[kind].covered += counted[kind].covered;
    }
    packages.set(name, sums);
  }
  // As it may be put into docs/testing.md.
  console.log(`| package | ${KINDS.map((kind) => `${kind} %`).join(" | ")} |\n| --- |${KINDS.map(() => " ---: |").join("")}`);
  for (const [name, sums] of [...packages].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    console.log(`| ${name} | ${KINDS.map((kind) => percent(sums[kind])).join(" | ")} |`);
  }
  const guarded = packages.get(GUARDED)?.branches;
  const named = filters.length === 0 || filters.some((filter) => filter.endsWith(`${GUARDED}/`));
  console.log(`coverage: ${GUARDED} ${guarded === undefined ? "not measured" : `${percent(guarded)} % of branches`}`);
  if (guarded === undefined) return !named;
  return guarded.total > 0 && 100 * guarded.covered > THRESHOLD * guarded.total;
}

function zero(): { total: number; covered: number } {
  return { total: 0, covered: 0 };
}

function percent({ total, covered }: Counted): string {
  return (total === 0 ? 100 : (100 * covered) / total).toFixed(2);
}
