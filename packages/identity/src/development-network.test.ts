import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loopbackTarget, parseDevelopmentNetwork, readDevelopmentNetwork } from "./development-network.ts";

const ca = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
const network = { ca, hosts: { "smimp.alpha.example": "127.0.0.1:8443", "beta.example": "[::1]:9443" } };

describe("a development network", () => {
  it("names loopback addresses for hosts on port 443, and for nothing else", () => {
    const parsed = parseDevelopmentNetwork(network);
    expect(loopbackTarget(parsed, "smimp.alpha.example", 443)).toEqual({ address: "127.0.0.1", port: 8443 });
    expect(loopbackTarget(parsed, "beta.example", 443)).toEqual({ address: "::1", port: 9443 });
    expect(loopbackTarget(parsed, "smimp.alpha.example", 8443)).toBeNull();
    expect(loopbackTarget(parsed, "alpha.example", 443)).toBeNull();
    expect(loopbackTarget(parsed, "constructor", 443)).toBeNull();
    expect(loopbackTarget(undefined, "beta.example", 443)).toBeNull();
  });

  it.each([
    null,
    "text",
    { hosts: {} },
    { ca: "no certificate", hosts: {} },
    { ca },
    { ca, hosts: { "beta.example": "10.0.0.1:443" } },
    { ca, hosts: { "beta.example": "127.0.0.1" } },
    { ca, hosts: { "beta.example": "127.0.0.1:65536" } },
    { ca, hosts: { "beta.example": "127.0.0.999:1" } },
    { ca, hosts: { "beta.example": "localhost:1" } },
    { ca, hosts: { "beta.example": 8443 } },
    { ca, hosts: { "BETA.example": "127.0.0.1:8443" } },
    { ca, hosts: { "127.0.0.1": "127.0.0.1:8443" } },
  ])("is refused where it is wrong (%#)", (value) => {
    expect(() => parseDevelopmentNetwork(value)).toThrow(TypeError);
  });
});

describe("its file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "smimp-"));
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  it("is JSON", async () => {
    const file = join(folder, "network.json");
    await writeFile(file, JSON.stringify(network));
    expect(await readDevelopmentNetwork(file)).toEqual(network);
    await writeFile(file, "{");
    await expect(readDevelopmentNetwork(file)).rejects.toThrow(TypeError);
    await expect(readDevelopmentNetwork(join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
