import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureFolder, safeName, saveNew, saveNumbered } from "./safe-file.ts";

let folder = "";
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "smimp-files-"))));
afterEach(async () => await rm(folder, { recursive: true, force: true }));

async function* bytes(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("beginning");
  throw new RangeError("not whole");
}

describe("a name that a peer chose", () => {
  it.each([
    ["report.pdf", "report.pdf"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Windows\\system.ini", "system.ini"],
    [".bashrc", "bashrc"],
    ["..", "attachment"],
    ["", "attachment"],
    ["a\u0000b\u202ec\n.txt", "a_b_c_.txt"],
    ["   ", "attachment"],
    ["trailing. . ", "trailing"],
    ["con", "_con"],
    ["NUL.txt", "_NUL.txt"],
    ["com1.tar.gz", "_com1.tar.gz"],
    ["console.txt", "console.txt"],
    [`${"x".repeat(300)}.txt`, "x".repeat(196) + ".txt"],
    [`${"漢".repeat(300)}.txt`, "漢".repeat(65) + ".txt"],
  ])("is safe here: %j", (name, safe) => {
    expect(safeName(name)).toBe(safe);
  });

  it("is a name that every file system takes, whatever it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 300 }), async (name) => {
        const safe = safeName(name);
        expect([safe.includes("/"), safe.startsWith("."), Buffer.byteLength(safe) <= 233]).toEqual([false, false, true]);
        await writeFile(join(folder, safe), "");
      }),
      { numRuns: 200 },
    );
  });
});

describe("saving", () => {
  it("takes the next name that is free, over files, folders, and links that lead anywhere", async () => {
    await writeFile(join(folder, "a.txt"), "mine");
    await mkdir(join(folder, "a (2).txt"));
    await symlink(join(folder, "nowhere"), join(folder, "a (3).txt"));
    await symlink("/etc/passwd", join(folder, "a (4).txt"));
    expect(await saveNumbered(folder, "a.txt", bytes("one", "two"))).toBe(join(folder, "a (5).txt"));
    expect(await readFile(join(folder, "a (5).txt"), "utf8")).toBe("onetwo");
    expect(await readFile(join(folder, "a.txt"), "utf8")).toBe("mine");
    expect((await readdir(folder)).toSorted()).toEqual(["a (2).txt", "a (3).txt", "a (4).txt", "a (5).txt", "a.txt"]);
  });

  it("under one name alone leaves what is there", async () => {
    expect(await saveNew(folder, "a", bytes("first"))).toBe(true);
    expect(await saveNew(folder, "a", bytes("second"))).toBe(false);
    expect([await readFile(join(folder, "a"), "utf8"), await readdir(folder)]).toEqual(["first", ["a"]]);
  });

  it("leaves nothing behind of what is not whole", async () => {
    await expect(saveNumbered(folder, "a", failing())).rejects.toBeInstanceOf(RangeError);
    expect(await readdir(folder)).toEqual([]);
  });

  it("makes folders, and says where there can be none", async () => {
    await ensureFolder(join(folder, "new", "er"));
    await ensureFolder(join(folder, "new"));
    await writeFile(join(folder, "file"), "");
    await symlink(join(folder, "nowhere"), join(folder, "dangling"));
    await symlink(join(folder, "new"), join(folder, "link"));
    await ensureFolder(join(folder, "link"));
    for (const place of [join(folder, "file"), join(folder, "file", "in"), join(folder, "dangling"), "/dev/null"]) {
      await expect(ensureFolder(place)).rejects.toBeInstanceOf(Error);
    }
    await chmod(join(folder, "new"), 0o700);
  });
});
