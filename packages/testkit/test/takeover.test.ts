import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { startServer } from "@smimp/server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fakeClock, joinRaw, rawSession, type Network } from "../src/index.ts";
import { callerOf, deliver, importBody, joinPeople, startTwoHomes } from "./moving-account.ts";
import { beginImport, connectTo } from "./moving-import.ts";

// Two servers on one data folder while one takes over from the other: neither takes away what the other is at.

const clock = fakeClock();
let network: Network;

beforeAll(async () => {
  network = await startTwoHomes(clock);
});
afterAll(async () => await network.close());

/** Begins to bring an account to beta and stops behind its first attachment, which no row holds yet. */
async function arriving(name: string) {
  const [from, to] = [network.server("alpha.example"), network.server("beta.example")];
  const bob = await joinRaw(network, `bob${name}#beta.example`, 3);
  const { identity } = await joinPeople(network, name);
  const { blobs } = await deliver(network, from.baseUrl, bob, identity.address, "text", [60_000]);
  const both = identity.append({ servers: [from.baseUrl, to.baseUrl] });
  await callerOf(network, "alpha.example")("updateProfile", { body: { record: both.chain.head.statement, profile: null } });
  const { bytes } = await callerOf(network, "alpha.example")("exportAccount", { token: await rawSession(network, from.baseUrl, both) });
  const { code } = await network.invite("beta.example", both.address);
  const body = importBody(code, bytes);
  const end = body.lastIndexOf(0x0a, body.length - 2) + 1;
  const session = connectTo(network, "beta.example");
  const importing = beginImport(session, await rawSession(network, to.baseUrl, both));
  await importing.send(body.subarray(0, end));
  const stored = async () => (await blobFiles()).some((file) => file.includes(blobs[0]?.hash ?? "-"));
  await expect.poll(stored).toBe(true);
  const finish = async () => {
    await importing.send(body.subarray(end));
    importing.end();
    const answer = await importing.answer;
    session.destroy();
    return answer;
  };
  return { both, blob: blobs[0], finish };
}

async function blobFiles(): Promise<readonly string[]> {
  return await readdir(join(network.dataDir, "beta.example", "blobs"), { recursive: true });
}

async function expectArrived({ both, blob, finish }: Awaited<ReturnType<typeof arriving>>): Promise<void> {
  expect(await finish()).toEqual({ status: 200, link: both.chain.head.link });
  const token = await rawSession(network, network.server("beta.example").baseUrl, both);
  const { bytes } = await callerOf(network, "beta.example")("getBlob", { token, params: { hash: blob?.hash ?? "" } });
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(
    createHash("sha256")
      .update(blob?.bytes ?? "")
      .digest("hex"),
  );
}

const second = (port: number) => {
  const { config } = network.server("beta.example");
  return startServer(
    { ...config, listen: { host: "127.0.0.1", port } },
    { fetch: network.fetch, clock: network.clock, log: { write: () => undefined } },
  );
};

it("an account that arrives at the one server, and its attachments, are left alone by another that starts", async () => {
  const one = await arriving("alice");
  // It has looked through the folder once it is closed.
  await (await second(0)).close();
  await expectArrived(one);
});

it("a server that can't listen changes nothing", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const one = await arriving("carol");
  await expect(second((taken.address() as { port: number }).port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  await expectArrived(one);
  taken.close();
});
