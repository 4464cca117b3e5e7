import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startNetwork, type Network } from "@smimp/testkit";
import { RELEASE_FILE, releasedFile } from "@smimp/web/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smimp, temporaryFolder, type Ran } from "./smimp.ts";

// What servers give out, held against what this program has: three real servers, of which one gives out the same webmail, one another one
// and one none. Whether the real build compares equal is tried where it is built.

const PAGE = "<!doctype html><title>Mail</title><script type=module src=./assets/page-1.js></script>";
const FILES = { "index.html": PAGE, "assets/page-1.js": "document.title = 'Mail';\n", "assets/old-1.js": "export {};\n" };
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let network: Network;
let own: string;

/** Writes a build with its list of files. */
async function build(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const dir = join(folder.path, name);
  await mkdir(join(dir, "assets"), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(dir, path), text);
  const list = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, releasedFile(Buffer.from(text))]));
  await writeFile(join(dir, RELEASE_FILE), JSON.stringify({ version: "1", files: list }));
  return dir;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  own = await build("own", FILES);
  const other = join(folder.path, "other");
  await cp(own, other, { recursive: true });
  // It still lists what was built, but that isn't what it gives out.
  await writeFile(join(other, "assets/page-1.js"), "document.title = 'Mine';\n");
  await rm(join(other, "assets/old-1.js"));
  const dirs: Readonly<Record<string, string>> = { "alpha.example": own, "beta.example": other };
  network = await startNetwork({
    domains: ["alpha.example", "beta.example", "gamma.example"],
    config: (domain) => (dirs[domain] === undefined ? {} : { webDir: dirs[domain] }),
  });
  await network.writeDevelopmentNetwork(join(folder.path, "network.json"));
});
afterAll(async () => {
  await network.close();
  await folder.remove();
});

const run = async (...args: readonly string[]): Promise<Ran> =>
  await smimp([...args, "--home", folder.path, "--development-network", join(folder.path, "network.json")], {
    env: { SMIMP_WEB_DIR: own },
  });
const differences = [
  { path: "assets/page-1.js", how: "changed" },
  { path: "assets/old-1.js", how: "missing" },
];

describe("smimp doctor", () => {
  it("finds a server that does as it should", async () => {
    const ran = await run("doctor", "alpha.example");
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout.split("\n")).toEqual([
      "✓ alpha.example names its server: https://smimp.alpha.example/",
      "✓ It answers, and speaks this version of SMIMP.",
      "✓ It serves alpha.example.",
      "✓ Its webmail is this program's, all 3 files of it.",
      "✓ Browsers are told to run nothing but the files of the webmail.",
      "",
    ]);
  });

  it("names each file of a webmail that is another one", async () => {
    const ran = await run("doctor", "beta.example", "--json");
    expect(ran.code).toBe(1);
    const found = ran.objects().slice(0, -1);
    expect(found.map(({ check, good }) => [check, good])).toEqual([
      ["discovery", true],
      ["version", true],
      ["domain", true],
      ["webmail", false],
      ["policy", true],
    ]);
    expect(found[3]).toMatchObject({ more: ["changed  assets/page-1.js", "missing  assets/old-1.js"] });
  });

  it("takes a server without a webmail for one", async () => {
    const ran = await run("doctor", "gamma.example");
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining("– It gives out no webmail.")]);
  });

  it("says of a domain without a server that it has none", async () => {
    const ran = await run("doctor", "delta.example");
    expect([ran.code, ran.stdout]).toEqual([1, expect.stringMatching(/^✗ delta\.example names no server that can be reached: .*\n$/)]);
    expect((await run("doctor", "no domain")).code).toBe(2);
  });
});

describe("smimp open --compare", () => {
  it("tells the same webmail from another one", async () => {
    const same = await run("open", "--compare", "https://smimp.alpha.example/", "--json");
    expect([same.code, same.objects()]).toMatchObject([0, [{ event: "compared", same: true, differences: [] }]]);
    const other = await run("open", "--compare", "https://smimp.beta.example/", "--json");
    expect([other.code, other.objects()]).toMatchObject([
      1,
      [{ event: "compared", same: false, differences }, { error: { code: "other_webmail" } }],
    ]);
    const none = await run("open", "--compare", "https://smimp.gamma.example/");
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("gives out no webmail")]);
  });
});
