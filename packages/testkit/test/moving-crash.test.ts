import { expect, it } from "vitest";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createAuthority, joinRaw, rawSession, startNetwork } from "../src/index.ts";
import { generous } from "./generous.ts";
import { callerOf, deliver, homeAt, importBody, joinPeople } from "./moving-account.ts";

// Protocol section 8: of an import that a power cut ends nothing stays, and of a deletion nothing that was to go.

it("a server killed while it imports knows nothing of it afterwards, and the same code opens the account", async () => {
  const authority = createAuthority();
  const network = await startNetwork({
    domains: ["alpha.example", "beta.example"],
    processes: true,
    authority,
    config: (domain) => ({
      ...generous,
      logLevel: "silent",
      domains: [domain, "people.example"],
      tls: authority.issue({ hosts: [`smimp.${domain}`, domain, "people.example"] }),
    }),
  });
  try {
    homeAt(network, "alpha.example");
    const [from, to] = [network.server("alpha.example"), network.server("beta.example")];
    const bob = await joinRaw(network, "bob#beta.example", 5);
    const { identity } = await joinPeople(network, "alice");
    for (const sizes of [[200_000], [], [300_000, 10]]) await deliver(network, from.baseUrl, bob, identity.address, "text", sizes);
    const both = identity.append({ servers: [from.baseUrl, to.baseUrl] });
    const [alpha, beta] = [callerOf(network, "alpha.example"), callerOf(network, "beta.example")];
    await alpha("updateProfile", { body: { record: both.chain.head.statement, profile: null } });
    const { bytes } = await alpha("exportAccount", { token: await rawSession(network, from.baseUrl, both) });
    const { code } = await network.invite("beta.example", both.address);
    const body = importBody(code, bytes);

    for (const part of [0.3, 0.8]) {
      const token = await rawSession(network, to.baseUrl, both);
      const half = body.subarray(0, Math.floor(body.length * part));
      const killed = Promise.withResolvers<void>();
      async function* stalling() {
        yield half;
        await killed.promise;
      }
      const headers = { "smimp-authentication": token };
      const init = { method: "POST", redirect: "manual", duplex: "half", headers, body: stalling() } as const;
      const importing = network.fetch(`${to.baseUrl}1.0/import_account`, init).then(
        () => "answered",
        () => "broken off",
      );
      // As soon as something of it is on the disk.
      await expect.poll(async () => (await blobFiles(network.dataDir)).length, { timeout: 15_000 }).toBeGreaterThan(0);
      await to.process?.kill();
      killed.resolve();
      expect(await importing).toBe("broken off");
      await to.process?.restart();
      expect((await beta("getHistory", { params: { address: both.address } })).code).toBe("unknown_user");
      await expect.poll(async () => await blobFiles(network.dataDir), { timeout: 15_000 }).toEqual([]);
    }
    const token = await rawSession(network, to.baseUrl, both);
    expect((await beta("importAccount", { token, body })).answer).toEqual({ link: both.chain.head.link });
    const home = await rawSession(network, to.baseUrl, both);
    expect((await beta("getChanges", { token: home, query: { since: "0" } })).answer.created).toHaveLength(3);
  } finally {
    await network.close();
  }
});

async function blobFiles(dataDir: string): Promise<readonly string[]> {
  const names = await readdir(join(dataDir, "beta.example", "blobs"), { recursive: true });
  return names.filter((name) => /[0-9a-f]{64}/.test(name));
}
