import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../checks/source-files.ts";
import { TARGETS } from "./plan.ts";

/** Types alone, what another package gives, and tables that are put together of others. */
const WITHOUT_CODE = ["brand", "index", "sodium", "wire"];

it("tries every source file of the protocol that has code", () => {
  const names = readdirSync(join(ROOT, "packages/protocol/src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/\.(?:test|d)\.ts$/.test(file))
    .map((file) => file.slice(0, -".ts".length));
  expect([...Object.keys(TARGETS), ...WITHOUT_CODE].sort()).toEqual(names.sort());
});

it("names tests and vectors that are there", () => {
  const missing = Object.values(TARGETS).flatMap(({ tests, vectors }) =>
    [...tests.map((name) => `packages/protocol/src/${name}.test.ts`), ...vectors.map((name) => `vectors/${name}`)].filter(
      (path) => !existsSync(join(ROOT, path)),
    ),
  );
  expect(missing).toEqual([]);
});
