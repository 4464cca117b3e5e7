import { createAccount, createMemoryStorage, type Client, type Draft } from "@smimp/client";
import type { Fetch } from "@smimp/identity";
import { createGuardedFetch } from "@smimp/identity/guarded-fetch";
import { HOUR, isSmimpError, parseAddress, randomBytes, type Address } from "@smimp/protocol";
import { DEFAULT_QUOTAS, DEFAULT_WORK_POLICY } from "@smimp/server";
import { fakeClock, type FakeClock } from "../../clock.ts";
import { startMirror, type Mirror } from "../../hostile/mirror.ts";
import { startNetwork, type Network } from "../../network.ts";
import { newPerson, type Person } from "../../person.ts";

/** A real client whose home server may answer anything, and somebody honest who writes to it. */
export interface ClientWorld {
  readonly network: Network;
  readonly mirror: Mirror;
  readonly clock: FakeClock;
  /** The client under test; its every request goes through the mirror. */
  client(): Client;
  readonly address: Address;
  readonly bob: Person;
  /** Tells the truth again and lets time pass; says what doesn't work any more: a sync, or, `thoroughly`, mail in both directions. */
  heal(thoroughly: boolean): Promise<readonly string[]>;
  /** Opens one more account through the mirror. */
  join(): Promise<Client>;
  close(): Promise<void>;
}

const DOMAIN = "alpha.example";
/** Seconds that pass between two cases: longer than any back-off of a client. */
const BETWEEN = 12 * HOUR;

/** A number that nothing here comes near. */
const PLENTY = 1_000_000_000;

/** Starts a server, the mirror before it, and both clients. */
export async function startClientWorld(): Promise<ClientWorld> {
  const clock = fakeClock();
  const network = await startNetwork({
    domains: [DOMAIN],
    clock,
    config: {
      limits: { idleSeconds: 5 },
      quotas: Object.fromEntries(Object.keys(DEFAULT_QUOTAS).map((name) => [name, PLENTY])),
      workPolicy: {
        ...Object.fromEntries(Object.keys(DEFAULT_WORK_POLICY).map((name) => [name, PLENTY])),
        count: 1,
        strangerBits: 0,
        establishedBits: 0,
        registrationBits: 0,
      },
    },
  });
  const mirror = await startMirror(network.authority, { hosts: [`smimp.${DOMAIN}`, DOMAIN], port: network.server(DOMAIN).port });
  const hosts = { [`smimp.${DOMAIN}`]: mirror.peer.address, [DOMAIN]: mirror.peer.address };
  const fetch = createGuardedFetch({
    developmentNetwork: { ca: network.authority.certificate, hosts },
    connectSeconds: 3,
    headersSeconds: 5,
    idleSeconds: 5,
  });
  const bob = await newPerson(network, `bob#${DOMAIN}`);
  let joined = 0;
  const join = async (): Promise<Client> => (await createClient(network, fetch, `alice${++joined}#${DOMAIN}`)).client;
  let client = await join();
  return {
    network,
    mirror,
    clock,
    client: () => client,
    get address() {
      return client.address;
    },
    bob,
    join,
    heal: async (thoroughly) => {
      mirror.distort(null);
      clock.advance(BETWEEN);
      const faults = await healed(client, bob, thoroughly);
      if (faults.length === 0) return faults;
      // The next case shall not pay for this one.
      await client.close().catch(() => undefined);
      client = await join();
      return faults;
    },
    close: async () => {
      mirror.distort(null);
      await client.close();
      await bob.client.close();
      await fetch.close();
      await mirror.close();
      await network.close();
    },
  };
}

async function createClient(network: Network, fetch: Fetch, address: string): Promise<{ readonly client: Client }> {
  const parsed = parseAddress(address);
  const invite = await network.invite(DOMAIN, parsed);
  return await createAccount({
    storage: createMemoryStorage(),
    invite,
    address: parsed,
    deps: { fetch, clock: network.clock, random: randomBytes },
  });
}

/** A short message with an attachment. */
export function draftTo(to: Address): Draft {
  const content = Buffer.from("attached");
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(content);
  };
  return {
    to: [to],
    subject: "Hello",
    body: "Hello.",
    keepCopy: false,
    attachments: [{ name: "a.txt", mediaType: "text/plain", size: content.length, open }],
  };
}

/** With an honest server again, everything works: what waits goes out, what comes in is read. */
async function healed(client: Client, bob: Person, thoroughly: boolean): Promise<readonly string[]> {
  const faults: string[] = [];
  const step = async (what: string, work: () => Promise<string | null>): Promise<void> => {
    const wrong = await work().catch((error: unknown) => describe(error));
    if (wrong !== null) faults.push(`afterwards, ${what}: ${wrong}`);
  };
  for (const { id } of await client.outbox.list()) {
    // oxlint-disable-next-line no-await-in-loop
    await step("taking back what waits", async () => {
      await client.outbox.remove(id);
      return null;
    });
  }
  await step("a sync", async () => {
    await client.sync();
    return null;
  });
  if (!thoroughly) return faults;
  await step("a sync of bob's, for whom time passed as well", async () => {
    await bob.client.sync();
    return null;
  });
  await step("a message to bob", async () => {
    const { copies } = await client.send(draftTo(bob.address));
    return copies.every(({ state }) => state === "sent")
      ? null
      : copies.map(({ state, reason, detail }) => `${state} ${reason} ${detail}`).join();
  });
  await step("a message from bob", async () => {
    const { ref } = await bob.client.send(draftTo(client.address));
    const { messages } = await client.sync();
    const read = await Promise.all(messages.map(async ({ messageId }) => await client.inbox.read(messageId)));
    return read.some((message) => message.ref === ref && message.state === "open") ? null : "it did not come";
  });
  return faults;
}

/** An error in one line; of one that nobody foresaw, with its stack. */
export function describe(error: unknown): string {
  if (isSmimpError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
