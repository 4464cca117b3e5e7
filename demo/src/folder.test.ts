import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimFolder } from "./folder.ts";

describe("claimFolder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "smimp-demo-test-"));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  it("makes a fresh start of what an earlier run left", async () => {
    const release = await claimFolder(join(folder, "data"));
    await writeFile(join(folder, "data", "old"), "");
    await release();
    await claimFolder(join(folder, "data"));
    expect(await readdir(join(folder, "data"))).toEqual(["demo.pid"]);
  });

  it("leaves alone what is not the demo's", async () => {
    await writeFile(join(folder, "thesis.txt"), "three years of work");
    await expect(claimFolder(folder)).rejects.toThrow();
    expect(await readdir(folder)).toEqual(["thesis.txt"]);
  });

  it("leaves alone a demo that runs", async () => {
    await writeFile(join(folder, "demo.pid"), `${process.ppid}\n`);
    await writeFile(join(folder, "data"), "");
    await expect(claimFolder(folder)).rejects.toThrow();
    expect(await readdir(folder)).toEqual(["data", "demo.pid"]);
  });
});
