import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { compareReleases, parseRelease, RELEASE_FILE, type Release } from "./release.ts";

const ROOT = join(import.meta.dirname, "../../..");
let folders: string[] = [];
afterEach(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
  folders = [];
});

/** Builds a copy of the sources that stands somewhere else. */
async function buildCopy(): Promise<Release> {
  const folder = mkdtempSync(join(tmpdir(), "smimp-build-"));
  folders.push(folder);
  const skip = /(?:^|\/)(?:dist|node_modules|\.tsbuild|demo-data)(?:\/|$)/;
  for (const name of ["packages", "package.json", "tsconfig.base.json"]) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter: (path) => !skip.test(path.slice(ROOT.length)) });
  }
  linkDependencies(folder);
  await promisify(execFile)(process.execPath, [join(folder, "packages/web/node/build.ts")], { cwd: folder });
  return parseRelease(readFileSync(join(folder, "packages/web/dist", RELEASE_FILE), "utf8"));
}

/** What is installed, and this copy's own rooms in place of the first ones. */
function linkDependencies(folder: string): void {
  mkdirSync(join(folder, "node_modules/@smimp"), { recursive: true });
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name !== "@smimp") symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  }
  for (const room of readdirSync(join(folder, "packages"))) {
    symlinkSync(join(folder, "packages", room), join(folder, "node_modules/@smimp", room));
    const nested = join(ROOT, "packages", room, "node_modules");
    if (existsSync(nested)) symlinkSync(nested, join(folder, "packages", room, "node_modules"));
  }
}

test("the same sources give the same files, byte for byte, wherever they are built", async () => {
  const [one, other] = [await buildCopy(), await buildCopy()];
  expect(Object.keys(one.files)).toContain("index.html");
  expect(Object.keys(one.files)).toContain("sw.js");
  expect(compareReleases(one, other)).toEqual([]);
});

test("what is no release is told from one", () => {
  for (const text of ["<!doctype html>", "null", "{}", '{"version":"1","files":null}', '{"version":"1","files":{"a":null}}']) {
    expect(() => parseRelease(text)).toThrow(TypeError);
  }
});

test("what differs between two releases is named", () => {
  const file = { size: 1, sha256: "0".repeat(64) };
  const known: Release = { version: "1", files: { a: file, b: file } };
  const served = parseRelease(JSON.stringify({ version: "1", files: { b: { size: 1, sha256: "1".repeat(64) }, c: file } }));
  expect(compareReleases(known, served)).toEqual([
    { path: "a", how: "missing" },
    { path: "b", how: "changed" },
    { path: "c", how: "unknown" },
  ]);
  for (const text of ["null", "{}", '{"version":"1","files":{"a":{"size":1,"sha256":"x"}}}']) {
    expect(() => parseRelease(text)).toThrow(TypeError);
  }
});
