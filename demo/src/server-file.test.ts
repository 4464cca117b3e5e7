import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startNetwork, type Network } from "@smimp/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeCanary } from "./canary.ts";
import { searchApart } from "./search-apart.ts";
import { writeServerFile } from "./server-file.ts";

const SMIMP = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
let folder: string;
let network: Network;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "smimp-demo-server-"));
  network = await startNetwork({ domains: ["alpha.example"], dataDir: join(folder, "servers") });
});
afterAll(async () => {
  await network?.close();
  await rm(folder, { recursive: true, force: true });
});

it("lets whoever runs the demo invite others, beside the running server, after its folder was looked through", async () => {
  const config = await writeServerFile(network.server("alpha.example"), folder);
  const networkFile = join(folder, "network.json");
  await network.writeDevelopmentNetwork(networkFile);
  const passphrase = join(folder, "passphrase.txt");
  await writeFile(passphrase, "correct horse battery\n");
  for (const name of ["carol", "dave"]) {
    const address = `${name}#alpha.example`;
    expect((await searchApart(folder, [makeCanary("nowhere", "Nobody wrote this")])).sightings).toEqual([]);
    const { link } = await smimp(["account", "--config", config, "invite", address]);
    const home = ["--home", join(folder, name), "--passphrase-file", passphrase];
    const joined = await smimp([...home, "join", "--name", name, "--development-network", networkFile], `${String(link)}\n`);
    expect(joined).toMatchObject({ address });
  }
  expect(await smimp(["server", "--config", config, "check"])).toMatchObject({ faults: [] });
});

/** Runs the command line to its end; the last thing that it said for programs. */
async function smimp(args: readonly string[], input = ""): Promise<Readonly<Record<string, unknown>>> {
  const stdout = await new Promise<string>((resolve, reject) => {
    const child = execFile(process.execPath, [SMIMP, ...args, "--json"], (error, text, said) =>
      error === null ? resolve(text) : reject(new Error(`${text}${said}`)),
    );
    child.stdin?.end(input);
  });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "null") as Readonly<Record<string, unknown>>;
}
