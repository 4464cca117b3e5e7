import { startServer } from "@smimp/server";
import { expect, it } from "vitest";
import { createIdentity, rawJoin, rawSession, startNetwork } from "../src/index.ts";
import { generous } from "./generous.ts";

// A server that is told to stop ends what never ends by itself, and leaves a database that the next start takes up.

it("closing ends event streams in good order, and the next start serves what was stored", async () => {
  const network = await startNetwork({ domains: ["alpha.example"], config: { ...generous, logLevel: "silent" } });
  const { baseUrl, config } = network.server("alpha.example");
  const alice = createIdentity("alice#alpha.example", baseUrl, network.clock());
  try {
    await rawJoin(network, alice, 3);
    const token = await rawSession(network, baseUrl, alice);
    // A second server process on the same data, as a restart would be; it is the one that gets stopped.
    const second = await startServer({ ...config, listen: { host: "127.0.0.1", port: 0 } }, { fetch: network.fetch, clock: network.clock });
    network.addHost(new URL(baseUrl).host, `127.0.0.1:${second.port}`);
    const stream = await network.fetch(`${baseUrl}1.0/events`, { redirect: "manual", headers: { "smimp-authentication": token } });
    expect(stream.status).toBe(200);
    let text = "";
    const read = (async () => {
      for await (const piece of stream.body ?? []) text += Buffer.from(piece).toString("utf8");
    })();
    while (!text.includes("event: state")) await new Promise((resolve) => setTimeout(resolve, 5));
    await second.close();
    // Ended, not broken off.
    await read;
    expect(text).toMatch(/^event: state\ndata: \{"state":"[0-9]+"\}\n\n/);
    const third = await startServer({ ...config, listen: { host: "127.0.0.1", port: 0 } }, { fetch: network.fetch, clock: network.clock });
    network.addHost(new URL(baseUrl).host, `127.0.0.1:${third.port}`);
    const keys = await network.fetch(`${baseUrl}1.0/ephemeral_keys`, { redirect: "manual", headers: { "smimp-authentication": token } });
    expect(keys.status).toBe(200);
    await third.close();
  } finally {
    await network.close();
  }
});
