import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseUrlOf, createAuthority, createIdentity, joinRaw, rawJoin, rawSession, startNetwork, type Network } from "@smimp/testkit";
import { smimp, temporaryFolder, type Ran } from "./smimp.ts";

// The operator's commands, as processes beside the running server.

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let network: Network;
let config: string;
const alice = createIdentity("alice#alpha.example", baseUrlOf("alpha.example"), "2026-11-23T00:00:00Z" as never);

beforeAll(async () => {
  folder = await temporaryFolder();
  const authority = createAuthority();
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], authority });
  const { config: settings } = network.server("alpha.example");
  await writeFile(join(folder.path, "key.pem"), settings.tls.key);
  await writeFile(join(folder.path, "certificate.pem"), settings.tls.certificate);
  config = await folder.write(
    "server.json",
    JSON.stringify({
      baseUrl: settings.baseUrl,
      domains: settings.domains,
      dataDir: settings.dataDir,
      tlsKeyFile: join(folder.path, "key.pem"),
      tlsCertificateFile: join(folder.path, "certificate.pem"),
    }),
  );
  await rawJoin(network, alice);
  const bob = await joinRaw(network, "bob#beta.example");
  await rawSession(network, baseUrlOf("alpha.example"), bob);
});
afterAll(async () => {
  await network.close();
  await folder.remove();
});

const account = async (...args: readonly string[]): Promise<Ran> => await smimp(["account", "--config", config, "--json", ...args]);
const server = async (...args: readonly string[]): Promise<Ran> => await smimp(["server", "--config", config, "--json", ...args]);

describe("the operator's commands", () => {
  it("set and show the quota of one account", async () => {
    expect((await account("quota", alice.address, "1.5GB")).objects()).toEqual([{ address: alice.address, quota_bytes: 1_500_000_000 }]);
    expect((await account("list")).objects()).toMatchObject([{ address: alice.address, allowed_bytes: 1_500_000_000, own_quota: true }]);
    expect((await account("quota", alice.address, "unlimited")).objects()).toMatchObject([{ quota_bytes: -1 }]);
    expect((await account("quota", alice.address, "default")).objects()).toMatchObject([{ quota_bytes: null }]);
    expect((await account("list")).objects()).toMatchObject([{ allowed_bytes: 5 * 1024 ** 3, own_quota: false }]);
    expect((await account("quota", alice.address, "much")).code).toBe(2);
    expect((await account("quota", "nobody#alpha.example", "1GB")).objects()).toMatchObject([{ error: { code: "unknown_user" } }]);
  });

  it("list and forget pins", async () => {
    const pin = { address: "bob#beta.example", base_url: "https://smimp.beta.example/", sequence: 0 };
    expect((await server("pins")).objects()).toMatchObject([pin]);
    expect((await server("pins", "--domain", "beta.example")).objects()).toMatchObject([pin]);
    expect((await server("pins", "--domain", "gamma.example")).objects()).toEqual([]);
    expect((await server("forget-pin", pin.address)).objects()).toEqual([{ address: pin.address, forgotten: true }]);
    expect((await server("forget-pin", pin.address)).code).toBe(1);
    expect((await server("pins")).objects()).toEqual([]);
  });

  it("check the data beside the running server, and void nothing there", async () => {
    expect((await server("check")).objects()).toEqual([{ faults: [] }]);
    const refused = await server("restored");
    expect([refused.code, refused.objects()]).toMatchObject([1, [{ error: { code: "cli" } }]]);
  });
});
