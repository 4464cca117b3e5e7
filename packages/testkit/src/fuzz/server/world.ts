import type { TestServerConfig } from "../../server-config.ts";
import { concat, randomBytes, toB64, uint64be, utf8 } from "@smimp/protocol";
import { rm } from "node:fs/promises";
import { createAuthority } from "../../authority.ts";
import { realClock } from "../../clock.ts";
import { startHistoryPeer, type HistoryPeer } from "../../hostile/history.ts";
import { createIdentity, type TestIdentity } from "../../identity.ts";
import { startNetwork, type Network, type NetworkServer } from "../../network.ts";
import { rawCaller, rawJoin, rawSession, type RawCaller } from "../../raw-caller.ts";
import { askKey, sealRaw } from "../../raw-message.ts";
import type { ServerProcess } from "../../server-process.ts";
import { NO_QUOTAS } from "../plenty.ts";
import { openHttp2Line, type Http2Line } from "../wire/http2.ts";
import { openLine, type RawLine, type Target } from "../wire/http1.ts";
import { watchState, type StateWatch } from "./state.ts";

/** Bytes of the largest message and blob that the server of a world takes. */
export const WORLD_MESSAGE_BYTES = 100_000;
export const WORLD_BLOB_BYTES = 1024 * 1024;
/** Seconds that the server of a world waits for a header, and for a body's next bytes. */
export const WORLD_IDLE_SECONDS = 2;

/** A real server in a process of its own, people with accounts, and somebody who has secrets. */
export interface World {
  readonly network: Network;
  readonly server: NetworkServer;
  readonly process: ServerProcess;
  readonly target: Target;
  readonly call: RawCaller;
  /** Has an account here, and some mail; is the one whose requests are tried. */
  readonly alice: TestIdentity;
  /** Lives at another domain, whose server this process plays. */
  readonly bob: TestIdentity;
  readonly beta: HistoryPeer;
  /** The server that people move here from; the server under test holds their domain too. */
  readonly people: HistoryPeer;
  readonly tokens: { readonly alice: string; readonly bob: string; readonly recovery: string };
  /** Texts that no answer and no log may ever hold: what carol has, keys, places on this machine. */
  readonly secrets: readonly string[];
  readonly state: StateWatch;
  /** A connection of each kind, kept as long as the server keeps it. */
  http1(): Promise<RawLine>;
  http2(): Http2Line;
  close(): Promise<void>;
}

/** Starts a world. */
export async function startWorld(): Promise<World> {
  const authority = createAuthority();
  const beta = await startHistoryPeer(authority, "beta.example");
  const people = await startHistoryPeer(authority, "people.example");
  const network = await startNetwork({
    domains: ["alpha.example"],
    authority,
    processes: true,
    hosts: { ...beta.hosts, ...people.hosts },
    config: WORLD_CONFIG,
  });
  const server = network.server("alpha.example");
  if (server.process === null) throw new TypeError("the server must have a process of its own");
  const now = realClock();
  const bob = createIdentity("bob#beta.example", beta.baseUrl, now);
  beta.show(bob.address, bob);
  const alice = createIdentity("alice#alpha.example", server.baseUrl, now);
  const carol = createIdentity("carol#alpha.example", server.baseUrl, now);
  await rawJoin(network, alice, 20);
  await rawJoin(network, carol, 5);
  const call = rawCaller(network.fetch, server.baseUrl);
  const tokens = {
    alice: await rawSession(network, server.baseUrl, alice),
    bob: await rawSession(network, server.baseUrl, bob),
    recovery: await rawSession(network, server.baseUrl, alice, { role: "recovery" }),
  };
  await call("putKeystore", {
    token: tokens.alice,
    body: concat(uint64be(1), randomBytes(100)).slice(),
    headers: { "if-none-match": "*" },
  });
  const secrets = await plantSecrets(network, call, carol, { bob, token: tokens.bob });
  const target = { port: server.port, host: `smimp.${server.domain}`, ca: authority.certificate };
  const state = watchState(server.config.dataDir);
  const lines = connections(target);
  return {
    network,
    server,
    process: server.process,
    target,
    call,
    alice,
    bob,
    beta,
    people,
    tokens,
    secrets: [...secrets, server.config.dataDir, ...keyLines(server.config.tls.key)],
    state,
    ...lines,
    close: async () => {
      state.close();
      lines.end();
      await network.close();
      await beta.close();
      await people.close();
      await rm(server.config.dataDir, { recursive: true, force: true });
    },
  };
}

const WORLD_CONFIG: Partial<TestServerConfig> = {
  domains: ["alpha.example", "people.example"],
  limits: {
    messageBytes: WORLD_MESSAGE_BYTES,
    blobBytes: WORLD_BLOB_BYTES,
    headerSeconds: WORLD_IDLE_SECONDS,
    idleSeconds: WORLD_IDLE_SECONDS,
  },
  ...NO_QUOTAS,
};

/** Gives carol a session, a keystore and a message; returns what nobody else may ever see. */
async function plantSecrets(
  network: Network,
  call: RawCaller,
  carol: TestIdentity,
  sender: { readonly bob: TestIdentity; readonly token: string },
): Promise<readonly string[]> {
  const marker = `planted-${toB64(randomBytes(12))}`;
  const token = await rawSession(network, network.server("alpha.example").baseUrl, carol);
  const keystore = concat(uint64be(1), utf8(marker), randomBytes(100));
  await call("putKeystore", { token, body: keystore.slice(), headers: { "if-none-match": "*" } });
  const key = await askKey(call, sender.token, carol.address);
  const { statement, messageId } = sealRaw(sender.bob, carol.address, key, network.clock());
  await call("sendMessage", { token: sender.token, params: { address: carol.address }, body: statement });
  return [marker, toB64(utf8(marker)), token, messageId, key.ticket];
}

function keyLines(pem: string): readonly string[] {
  return pem.split("\n").filter((line) => line.length > 40 && !line.startsWith("-"));
}

function connections(target: Target): Pick<World, "http1" | "http2"> & { end(): void } {
  let first: RawLine | null = null;
  let second: Http2Line | null = null;
  return {
    http1: async () => (first?.isOpen === true ? first : (first = await openLine(target))),
    http2: () => (second?.isOpen === true ? second : (second = openHttp2Line(target))),
    end: () => {
      first?.close();
      second?.close();
    },
  };
}
