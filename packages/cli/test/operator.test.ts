import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  baseUrlOf,
  createAuthority,
  createIdentity,
  joinRaw,
  rawJoin,
  rawSession,
  startNetwork,
  type Authority,
  type Network,
} from "@smimp/testkit";
import { smimp, temporaryFolder, type Ran } from "./smimp.ts";

// The operator's commands, as processes beside the running server.

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let network: Network;
let config: string;
let authority: Authority;
const alice = createIdentity("alice#alpha.example", baseUrlOf("alpha.example"), "2026-11-23T00:00:00Z" as never);

beforeAll(async () => {
  folder = await temporaryFolder();
  authority = createAuthority();
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

  it("say how it stands with certificates, and that somebody is needed", async () => {
    const name = "smimp.alpha.example";
    const fine = await server("certificates");
    expect([fine.code, fine.objects()]).toMatchObject([0, [{ certificates: [{ name, failures: 0, error: null, alarming: false }] }]]);
    expect((await smimp(["server", "--config", config, "certificates"])).stdout).toMatch(/NAME +VALID UNTIL[^]*smimp\.alpha\.example +\d/);
    // A day is a thirtieth of what it was issued for.
    const { key, certificate } = authority.issue({
      hosts: [name],
      notBefore: new Date(Date.now() - 29 * 86_400_000),
      notAfter: new Date(Date.now() + 86_400_000),
    });
    const [keyFile, certificateFile] = [join(folder.path, "old-key.pem"), join(folder.path, "old.pem")];
    await writeFile(keyFile, key);
    await writeFile(certificateFile, certificate);
    const env = { SMIMP_TLS_KEY_FILE: keyFile, SMIMP_TLS_CERTIFICATE_FILE: certificateFile };
    const old = await smimp(["server", "--config", config, "--json", "certificates"], { env });
    expect([old.code, old.objects()]).toMatchObject([1, [{ certificates: [{ name, alarming: true }] }, { error: { code: "cli" } }]]);
  });
});
