import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findServer } from "@smimp/identity";
import { parseDomain } from "@smimp/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { fakeClock } from "./clock.ts";
import { createIdentity } from "./identity.ts";
import { startNetwork, type Network } from "./network.ts";
import { rawCaller, rawJoin, rawSession } from "./raw-caller.ts";
import { baseUrlOf } from "./server-config.ts";

const ALPHA = "alpha.example";
const BETA = "beta.example";

let network: Network | null = null;
afterEach(async () => {
  await network?.close();
  network = null;
});

describe("startNetwork", () => {
  it("runs servers that find and believe each other", async () => {
    const clock = fakeClock();
    network = await startNetwork({ domains: [ALPHA, BETA], clock });
    const alice = createIdentity(`alice#${ALPHA}`, baseUrlOf(ALPHA), clock());
    await rawJoin(network, alice, 3);
    expect(await findServer(network.fetch, parseDomain(ALPHA))).toBe(baseUrlOf(ALPHA));
    // The other domain's server fetches and checks her history for this.
    const token = await rawSession(network, baseUrlOf(BETA), alice);
    const denied = await rawCaller(network.fetch, baseUrlOf(BETA))("getQuota", { token });
    expect(denied.code).not.toBeNull();
    const own = await rawSession(network, baseUrlOf(ALPHA), alice);
    const keys = await rawCaller(network.fetch, baseUrlOf(ALPHA))("getEphemeralKeys", { token: own });
    expect([keys.status, keys.answer.count]).toEqual([200, 3]);
    expect(network.server(ALPHA).logs()).toContain("listening");
  });

  it("leaves no folder behind, but keeps one that it was given", async () => {
    const temporary = await startNetwork({ domains: [ALPHA] });
    await temporary.close();
    expect(existsSync(temporary.dataDir)).toBe(false);
    const dataDir = await mkdtemp(join(tmpdir(), "smimp-network-test-"));
    try {
      network = await startNetwork({ domains: [ALPHA], dataDir });
      await network.close();
      expect(await readdir(dataDir)).toEqual([ALPHA]);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it("leaves no server running that was starting while it closed", async () => {
    network = await startNetwork({ domains: [] });
    const starting = network.addServer(ALPHA);
    await Promise.all([expect(starting).rejects.toThrow(), network.close()]);
    await expect(network.addServer(BETA)).rejects.toThrow();
    expect(network.servers).toEqual([]);
  });

  it("kills a server and starts it again on the same port and data", async () => {
    network = await startNetwork({ domains: [ALPHA, BETA], processes: true });
    const server = network.server(ALPHA).process;
    const bob = createIdentity(`bob#${ALPHA}`, baseUrlOf(ALPHA), network.clock());
    await rawJoin(network, bob);
    const first = server?.pid();
    await server?.kill();
    const call = rawCaller(network.fetch, baseUrlOf(ALPHA));
    await expect(call("getVersion")).rejects.toThrow();
    await server?.restart();
    expect(server?.pid()).not.toBe(first);
    const head = await call("getPublicKey", { params: { address: bob.address } });
    expect(head.answer.link).toBe(bob.chain.head.link);
    expect((await rawSession(network, baseUrlOf(BETA), bob)).length).toBeGreaterThan(0);
    expect(network.server(ALPHA).logs()).toContain("listening");
  });
});
