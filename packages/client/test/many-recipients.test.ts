import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openClient, type Client, type ClientEvent, type OutboxEntry, type Progress } from "@smimp/client";
import type { Fetch } from "@smimp/identity";
import { parseAddress, randomBytes, SmimpError, type Address } from "@smimp/protocol";
import { countingFetch, createIdentity, newPerson, rawJoin, startNetwork, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { joinRestartable, pieces, type Restartable } from "./people.ts";

// One message to hundreds of people on several servers, some of them out of order, through crashes.

const DOMAINS = ["beta.example", "gamma.example", "delta.example", "epsilon.example"] as const;
const EACH = 60;
/** Nobody answers there; and there, nobody does until everybody else has their message. */
const DEAD = "dead.example";
const SILENT = "silent.example";

let network: Network;
const recipients: Address[] = [];
let alice: Restartable;

beforeAll(async () => {
  const quotas = { keysPerRequester: 1_000, keysForFirstContacts: 1_000, ticketsPerHour: 10_000, challengesPerMinute: 10_000 };
  const workPolicy = {
    count: 1,
    strangerBits: 0,
    establishedBits: 0,
    firstContactsPerSender: 10_000,
    firstContactsPerDomain: 10_000,
    firstContactsPerPrefix: 10_000,
    messagesPerCorrespondent: 10_000,
    strangerInflow: 10_000,
  };
  network = await startNetwork({ domains: ["alpha.example", ...DOMAINS], config: { quotas, workPolicy } });
  network.addHost(DEAD, "127.0.0.1:1");
  for (const domain of DOMAINS) {
    const identities = Array.from({ length: EACH }, (_, index) =>
      createIdentity(`r${index}#${domain}`, network.server(domain).baseUrl, network.clock()),
    );
    await Promise.all(identities.map(async (identity) => await rawJoin(network, identity, 3)));
    recipients.push(...identities.map(({ address }) => address));
  }
  alice = await joinRestartable(network, "alice#alpha.example");
}, 120_000);
afterAll(async () => {
  await alice.client.close();
  await network.close();
});

/** Messages that each recipient's server holds for them. */
function received(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const domain of DOMAINS) {
    const database = new DatabaseSync(join(network.server(domain).config.dataDir, "smimp.sqlite"), { readOnly: true, timeout: 5_000 });
    for (const row of database.prepare("SELECT recipient, count(*) AS messages FROM messages GROUP BY recipient").all()) {
      counts.set(String(row["recipient"]), Number(row["messages"]));
    }
    database.close();
  }
  return counts;
}

let before: ReadonlyMap<string, number>;
beforeEach(() => void (before = received()));

/** Who got how many since the test began, of those that were meant. */
function got(addresses: readonly Address[]): readonly number[] {
  const now = received();
  return addresses.map((address) => (now.get(address) ?? 0) - (before.get(address) ?? 0));
}
const each = (addresses: readonly Address[], messages: number): readonly number[] => addresses.map(() => messages);

const statesOf = ({ copies }: OutboxEntry): Readonly<Record<string, number>> => {
  const states: Record<string, number> = {};
  for (const { state, reason } of copies) states[reason ?? state] = (states[reason ?? state] ?? 0) + 1;
  return states;
};

/** A fetch that knows how many requests are under way, in all and to each host. */
function crowdedFetch(inner: Fetch): { readonly fetch: Fetch; readonly most: () => { readonly all: number; readonly host: number } } {
  const hosts = new Map<string, number>();
  let [all, most, mostHost] = [0, 0, 0];
  const fetch: Fetch = async (url, init) => {
    const { host } = new URL(url);
    const now = (hosts.get(host) ?? 0) + 1;
    hosts.set(host, now);
    [most, mostHost] = [Math.max(most, ++all), Math.max(mostHost, now)];
    try {
      return await inner(url, init);
    } finally {
      all--;
      hosts.set(host, (hosts.get(host) ?? 1) - 1);
    }
  };
  return { fetch, most: () => ({ all: most, host: mostHost }) };
}

/** A fetch that hears nothing of one host until the gate is opened. */
function waitingFetch(inner: Fetch): { readonly fetch: Fetch; readonly open: () => void } {
  const gate = Promise.withResolvers<void>();
  const fetch: Fetch = async (url, init) => {
    if (!url.includes(SILENT)) return await inner(url, init);
    await gate.promise;
    throw new SmimpError("temporarily_unavailable", "there was no answer");
  };
  return { fetch, open: gate.resolve };
}

async function programOf(fetch: Fetch): Promise<Client> {
  return await openClient({ storage: alice.storage, deps: { fetch, clock: network.clock, random: randomBytes } });
}

const SIZE = 90_000;
const attachments = [{ name: "plan.bin", mediaType: "application/octet-stream", size: SIZE, open: () => pieces(SIZE) }];
const draft = { subject: "To all", body: "Hello, everybody.", keepCopy: false };

describe("a message to hundreds of people", () => {
  test("reaches each of them once, few at a time to one server, though others are out of order, and says who didn't get it", async () => {
    const unknown = DOMAINS.map((domain) => parseAddress(`nobody#${domain}`));
    const unreachable = [DEAD, SILENT].flatMap((domain) => Array.from({ length: 10 }, (_, index) => parseAddress(`r${index}#${domain}`)));
    const crowd = crowdedFetch(network.fetch);
    const waiting = waitingFetch(crowd.fetch);
    const client = await programOf(waiting.fetch);
    const seen: Progress[] = [];
    let sent = 0;
    const onProgress = (progress: Progress): void => {
      seen.push(progress);
      if (progress.step === "send" && progress.done === 1 && ++sent === recipients.length) waiting.open();
    };
    // Those that can't be reached come first, and hold nobody.
    const entry = await client.send({ ...draft, to: unreachable, bcc: [...unknown, ...recipients], attachments }, { onProgress });
    expect(statesOf(entry)).toEqual({ sent: recipients.length, unknown_user: unknown.length, temporarily_unavailable: unreachable.length });
    expect(got(recipients)).toEqual(each(recipients, 1));
    expect(crowd.most().host).toBeLessThanOrEqual(4);
    expect(crowd.most().all).toBeLessThanOrEqual(16 + 32);
    expect(crowd.most().all).toBeGreaterThan(8);

    const overall = seen.filter(({ step }) => step === "copies");
    expect(overall.map(({ done }) => done)).toEqual(entry.copies.map((_, index) => index + 1));
    expect(new Set(overall.map(({ total }) => total))).toEqual(new Set([entry.copies.length]));
    // Only what failed is tried again, and only when it is wanted.
    const fetched = countingFetch(network.fetch);
    const again = await programOf(fetched.fetch);
    const [first, ...others] = unknown;
    if (first === undefined) throw new TypeError("there is somebody");
    await again.outbox.retry(entry.id, { to: [first] });
    const late = createIdentity(first, network.server(DOMAINS[0]).baseUrl, network.clock());
    await rawJoin(network, late, 1);
    await again.outbox.flush({ id: entry.id });
    expect(statesOf((await again.outbox.get(entry.id)) ?? entry)).toEqual({
      sent: recipients.length + 1,
      unknown_user: others.length,
      temporarily_unavailable: unreachable.length,
    });
    expect(got([first])).toEqual([1]);
    expect(got(recipients)).toEqual(each(recipients, 1));
    await again.outbox.remove(entry.id);
    expect(await again.outbox.list()).toEqual([]);
    for (const collection of ["outbox-copies", "outbox-content", "outbox-under-way"]) {
      expect(await alice.storage.list(collection)).toEqual([]);
    }
  });

  test("goes on after crashes where it was, and nobody gets it twice", async () => {
    let id: string | undefined;
    for (const [round, requests] of [150, 300, 100].entries()) {
      const crashing = countingFetch(network.fetch);
      let left = requests;
      crashing.decide(() => (--left > 0 ? "pass" : left > -20 ? "drop" : "fail"));
      const client = await programOf(crashing.fetch);
      const entry =
        round === 0 ? await client.outbox.enqueue({ ...draft, to: recipients, attachments }) : await client.outbox.get(id ?? "");
      id = entry?.id;
      await client.outbox.flush({ force: true });
      const now = await client.outbox.get(id ?? "");
      if (now === null) throw new TypeError("the entry is gone");
      expect(Object.keys(statesOf(now)).sort()).toEqual(["sent", "temporarily_unavailable"]);
    }
    const client = await programOf(network.fetch);
    const [entry] = await client.outbox.flush({ force: true });
    expect(entry === undefined ? {} : statesOf(entry)).toEqual({ sent: recipients.length });
    expect(got(recipients)).toEqual(each(recipients, 1));
  });

  test("is sent once by flushes that overlap, shown by events, and doesn't hold what comes after it", async () => {
    const waiting = waitingFetch(network.fetch);
    const client = await programOf(waiting.fetch);
    const to = recipients.slice(0, 40);
    const stop = new AbortController();
    const events: ClientEvent[] = [];
    const watching = (async () => {
      for await (const event of client.watch({ signal: stop.signal })) events.push(event);
    })();
    const sentOf = (id: string): readonly ClientEvent[] => events.filter((event) => event.type === "sent" && event.entry.id === id);
    const big = await client.outbox.enqueue({ ...draft, to: [...to, parseAddress(`r0#${SILENT}`)] });
    const both = Promise.all([client.outbox.flush({ force: true }), client.outbox.flush({ force: true })]);
    const steps: Progress[] = [];
    const small = await client.send(
      { ...draft, subject: "Small", to: recipients.slice(40, 41) },
      { onProgress: (progress) => steps.push(progress) },
    );
    expect(statesOf(small)).toEqual({ sent: 1 });
    expect(steps.map(({ step }) => step)).toContain("send");
    const queued = await client.outbox.enqueue({ ...draft, subject: "Queued", to: recipients.slice(41, 42) });
    while (sentOf(queued.id).length === 0 || sentOf(big.id).length < to.length)
      await new Promise((resolve) => void setTimeout(resolve, 20));
    const held = await client.outbox.get(big.id);
    expect(held?.copies.at(-1)).toMatchObject({ state: "queued", attempts: 0 });
    waiting.open();
    await both;
    stop.abort();
    await watching;
    expect(got(recipients.slice(0, 42))).toEqual(each(recipients.slice(0, 42), 1));
    const last = sentOf(big.id).at(-1);
    expect(sentOf(big.id)).toHaveLength(to.length);
    expect(last?.type === "sent" ? last.entry.copies.filter(({ state }) => state === "sent") : []).toHaveLength(to.length);
    await client.outbox.remove(big.id);
  });

  test("stops when it is told to, and when it is taken out", async () => {
    const to = recipients.slice(0, 30);
    const sendAll = async (
      client: Client,
      stopAt: (sent: number, id: string) => void,
      signal?: AbortSignal,
    ): Promise<OutboxEntry | null> => {
      const { id } = await client.outbox.enqueue({ ...draft, to, attachments });
      let sent = 0;
      const onProgress = ({ step, done }: Progress): void => {
        if (step === "send" && done === 1) stopAt(++sent, id);
      };
      await client.outbox.flush({ id, onProgress, ...(signal === undefined ? {} : { signal }) }).catch((error: unknown) => {
        if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
      });
      return await alice.client.outbox.get(id);
    };
    const stop = new AbortController();
    const stopped = await sendAll(
      await programOf(network.fetch),
      (sent) => {
        if (sent === 10) stop.abort(new RangeError("enough"));
      },
      stop.signal,
    );
    const { sent = 0, queued = 0 } = stopped === null ? {} : statesOf(stopped);
    expect(sent).toBeGreaterThanOrEqual(10);
    expect(sent + queued).toBe(to.length);
    expect(queued).toBeGreaterThan(0);
    expect(stopped?.copies.filter(({ state }) => state === "queued").every(({ attempts }) => attempts === 0)).toBe(true);

    const client = await programOf(network.fetch);
    let removing: Promise<OutboxEntry | null> | undefined;
    const removed = await sendAll(client, (count, id) => {
      if (count === 10) removing = client.outbox.remove(id);
    });
    // Who takes it out is told who has got it by then.
    const last = await removing;
    expect(last === null || last === undefined ? {} : statesOf(last)).toMatchObject({
      sent: expect.toSatisfy((count: number) => count >= 10),
    });
    expect(removed).toBeNull();
    const contents = await alice.storage.list("outbox-content");
    expect(contents.filter(({ key }) => !key.startsWith(stopped?.id ?? "-"))).toEqual([]);
    // What was stopped goes on, once.
    await client.outbox.flush({ force: true });
    const now = got(to);
    expect(now.every((messages) => messages >= 1 && messages <= 2)).toBe(true);
    expect(now.filter((messages) => messages === 2).length).toBeGreaterThanOrEqual(10);
  });

  test("is stopped by closing", async () => {
    const carol = await newPerson(network, "carol#alpha.example");
    let closing: Promise<void> | undefined;
    const onProgress = ({ step, done }: Progress): void => {
      if (step === "send" && done === 1) closing ??= carol.client.close();
    };
    await expect(carol.client.send({ ...draft, to: recipients.slice(0, 30), attachments }, { onProgress })).rejects.toThrow(TypeError);
    await closing;
    await expect(carol.client.outbox.flush()).rejects.toThrow(TypeError);
  });

  test("has a thousand recipients at the most", async () => {
    const to = Array.from({ length: 1_001 }, (_, index) => parseAddress(`r${index}#beta.example`));
    await expect(alice.client.outbox.enqueue({ ...draft, to })).rejects.toThrow(TypeError);
    const { id, copies } = await alice.client.outbox.enqueue({ ...draft, to: to.slice(1) });
    expect(copies).toHaveLength(1_000);
    await alice.client.outbox.remove(id);
    expect((await alice.storage.list("outbox-copies")).filter(({ key }) => key.startsWith(id))).toEqual([]);
  });
});

test("each recipient opens it as any other message", async () => {
  const bob: Person = await newPerson(network, "bob#beta.example");
  const entry = await alice.client.send({ ...draft, to: [...recipients.slice(0, 20), bob.address], attachments });
  expect(statesOf(entry)).toEqual({ sent: 21 });
  const { messages } = await bob.client.sync();
  expect(messages).toMatchObject([{ state: "open", subject: "To all" }]);
  const message = await bob.client.inbox.read(messages[0]?.messageId ?? entry.ref);
  expect(message).toMatchObject({ ref: entry.ref, attachments: [{ size: SIZE }] });
  expect(message.to).toHaveLength(21);
  await bob.client.close();
});
