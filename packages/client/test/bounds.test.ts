import { createMemoryStorage, openClient, type Client, type Storage } from "@smimp/client";
import type { Fetch, FetchResponse } from "@smimp/identity";
import { DAY, isSmimpError, randomBytes, SmimpError, toHex32 } from "@smimp/protocol";
import {
  fakeClock,
  newPerson,
  startNetwork,
  tamperingFetch,
  type FakeClock,
  type Network,
  type Person,
  type TamperingFetch,
} from "@smimp/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

// What no server can do to a device, and what one message can't do to the others.

let clock: FakeClock;
let network: Network;
let net: TamperingFetch;
let bob: Person & { readonly storage: Storage };
let alice: Person;
const clients: Client[] = [];
let count = 0;

beforeAll(async () => {
  clock = fakeClock();
  const quotas = { keysPerRequester: 1_000, keysForFirstContacts: 1_000 };
  network = await startNetwork({ domains: ["alpha.example", "beta.example", "gamma.example", "delta.example"], clock, config: { quotas } });
  net = tamperingFetch(network.fetch);
});
beforeEach(async () => {
  count++;
  const storage = createMemoryStorage();
  alice = await newPerson(network, `alice${count}#alpha.example`);
  bob = { ...(await newPerson({ ...network, fetch: net.fetch }, `bob${count}#beta.example`, { storage })), storage };
  clients.push(alice.client, bob.client);
});
afterEach(async () => {
  net.tamper(null);
  await Promise.all(clients.splice(0).map(async (client) => await client.close()));
});
afterAll(async () => await network.close());

const write = async (subject: string): Promise<void> =>
  void (await alice.client.send({ to: [bob.address], subject, body: "", keepCopy: false }));
/** Bob's program anew, on a storage that stands between. */
async function reopen(storage: Storage, fetch: Fetch = net.fetch, jitter = 0): Promise<Client> {
  const client = await openClient({ storage, deps: { fetch, clock, random: randomBytes, jitter } });
  clients.push(client);
  return client;
}
const isUnavailable = (error: unknown): boolean => isSmimpError(error, "temporarily_unavailable");
const forget = async (collection: string): Promise<void> =>
  await bob.storage.transact(async (writer) => {
    for (const { key } of await writer.list(collection)) writer.delete(collection, key);
  });

describe("no server keeps a sync busy without end", () => {
  test("by changes that lead nowhere", async () => {
    for (const lie of [
      { state: "0", created: [], updated: [], destroyed: [], more: true },
      { state: "7", created: [], updated: [], destroyed: [], more: true },
    ]) {
      net.tamper((url, text) => (url.includes("/changes?") ? JSON.stringify(lie) : text));
      await expect(bob.client.sync()).rejects.toSatisfy(isUnavailable);
    }
  });

  test("by pages that follow each other in a circle, or never end", async () => {
    await forget("sync");
    const listing = {
      message_id: "a".repeat(64),
      received_at: clock(),
      position: 1,
      read: false,
      from: bob.address,
      size: 1,
      archive: null,
      summary: null,
    };
    let page = 0;
    net.tamper((url, text) => (url.includes("/folder/") ? JSON.stringify({ messages: [listing], cursor: "again", state: "1" }) : text));
    await expect(bob.client.sync()).rejects.toSatisfy(isUnavailable);
    net.tamper((url, text) => (url.includes("/folder/") ? JSON.stringify({ messages: [], cursor: String(page++), state: "1" }) : text));
    await expect(bob.client.sync()).rejects.toSatisfy(isUnavailable);
    expect(page).toBe(1);
  });

  test("by inventing messages that were deleted", async () => {
    const destroyed = Array.from({ length: 20_000 }, () => toHex32(randomBytes(32)));
    net.tamper((url, text) =>
      url.includes("/changes?") ? JSON.stringify({ state: "9", created: [], updated: [], destroyed, more: false }) : text,
    );
    await bob.client.sync();
    expect((await bob.storage.list("removed")).length).toBeLessThanOrEqual(1_000);
    net.tamper(null);
    clock.advance(100 * DAY);
    await forget("sync");
    await bob.client.sync();
    expect(await bob.storage.list("removed")).toEqual([]);
  });

  test("by naming messages that it never delivers", async () => {
    const created = Array.from({ length: 5_000 }, () => toHex32(randomBytes(32)));
    net.tamper((url, text) => {
      if (url.includes("/changes?")) return JSON.stringify({ state: "9", created, updated: [], destroyed: [], more: false });
      return url.endsWith("/messages") ? "" : text;
    });
    await bob.client.sync();
    expect((await bob.storage.list("to-retry")).length).toBe(2_000);
  });

  test("by never having keys enough", async () => {
    // It takes whatever it is given, and says each time that nothing is left.
    const json = (value: unknown): FetchResponse => ({
      status: 200,
      headers: { get: (name) => (name.toLowerCase() === "content-type" ? "application/json" : null) },
      body: (async function* () {
        yield await Promise.resolve(new TextEncoder().encode(JSON.stringify(value)));
      })(),
    });
    const fetch: Fetch = async (url, init) => {
      if (!url.endsWith("/ephemeral_keys")) return await network.fetch(url, init);
      return json({ count: 0, key_ids: [] });
    };
    const sizes: number[] = [];
    for (let round = 0; round < 24; round++) {
      // Another program each time: none remembers that it looked a moment ago.
      await (await reopen(bob.storage, fetch)).sync();
      sizes.push((await bob.storage.list("message-keys")).length);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_010);
    expect(sizes.at(-1)).toBe(sizes.at(-2));
  });
});

describe("one message that can't be read or stored", () => {
  test("stops none of the others, and comes when it can", async () => {
    for (const subject of ["One", "Two", "Three"]) await write(subject);
    let broken = "";
    const storage: Storage = {
      ...bob.storage,
      transact: async (work) =>
        await bob.storage.transact(
          async (writer) =>
            await work({
              ...writer,
              put: (collection, key, value) => {
                if (collection === "messages" && (broken === "" || broken === key)) {
                  broken = key;
                  throw new RangeError("this can't be written");
                }
                writer.put(collection, key, value);
              },
            }),
        ),
    };
    const client = await reopen(storage);
    await expect(client.sync()).rejects.toThrow(RangeError);
    expect(await client.inbox.list()).toHaveLength(2);
    await write("Four");
    await client.sync().catch((error: unknown) => {
      if (!(error instanceof RangeError)) throw error;
    });
    expect(await client.inbox.list()).toHaveLength(3);
    clock.advance(DAY);
    await bob.client.sync();
    expect((await bob.client.inbox.list()).map(({ subject }) => subject).toSorted()).toEqual(["Four", "One", "Three", "Two"]);
  });

  test("as the server delivers it stops none of the others, and comes when it can", async () => {
    for (const subject of ["One", "Two", "Three"]) await write(subject);
    net.tamper((url, text) => (url.endsWith("/messages") ? text.replace(/^.*\n/, "{]\n") : text));
    expect((await bob.client.sync()).messages).toHaveLength(2);
    net.tamper(null);
    expect((await bob.client.sync()).messages).toHaveLength(1);
    expect(await bob.client.inbox.list()).toHaveLength(3);
  });
});

describe("messages of many strangers", () => {
  test("wait for their histories side by side, few at a time, each asked for once", async () => {
    const strangers = await Promise.all(
      Array.from(
        { length: 12 },
        async (_, index) => await newPerson(network, `stranger${count}x${index}#${["alpha", "gamma", "delta"][index % 3]}.example`),
      ),
    );
    for (const each of strangers) {
      clients.push(each.client);
      for (const subject of ["First", "Second"]) await each.client.send({ to: [bob.address], subject, body: "", keepCopy: false });
    }
    let underWay = 0;
    let most = 0;
    const asked: string[] = [];
    const fetch: Fetch = async (url, init) => {
      if (!url.endsWith("/history")) return await network.fetch(url, init);
      asked.push(url);
      most = Math.max(most, ++underWay);
      try {
        return await network.fetch(url, init);
      } finally {
        underWay--;
      }
    };
    const { messages } = await (await reopen(bob.storage, fetch, 50)).sync();
    expect(messages).toHaveLength(24);
    expect(messages.every(({ state, marks }) => state === "open" && marks.firstContact)).toBe(true);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
    const strangersAsked = asked.filter((url) => decodeURIComponent(url).includes("stranger"));
    expect(new Set(strangersAsked).size).toBe(strangersAsked.length);
  });

  test("hold nobody up while somebody watches, and are asked about in the background", async () => {
    const silent = await newPerson(network, `silent${count}#alpha.example`);
    clients.push(silent.client);
    // Bob knows Alice by now.
    await write("Hello");
    await bob.client.sync();
    await silent.client.send({ to: [bob.address], subject: "Stranger", body: "", keepCopy: false });
    await write("Known");
    const gate = Promise.withResolvers<void>();
    const fetch: Fetch = async (url, init) => {
      if (decodeURIComponent(url).includes(`silent${count}#`) && url.endsWith("/history")) await gate.promise;
      return await network.fetch(url, init);
    };
    const client = await reopen(bob.storage, fetch);
    const ended = new AbortController();
    const seen: string[] = [];
    for await (const event of client.watch({ signal: ended.signal })) {
      if (event.type !== "message") continue;
      seen.push(event.message.subject);
      if (event.message.subject === "Known") gate.resolve();
      if (event.message.subject === "Stranger") ended.abort();
    }
    expect(seen).toEqual(["Known", "Stranger"]);
  });
});

test("a stranger's message whose server doesn't answer is shown as one that waits", async () => {
  const mute = await newPerson(network, `mute${count}#alpha.example`);
  clients.push(mute.client);
  await mute.client.send({ to: [bob.address], subject: "Mute", body: "", keepCopy: false });
  const fetch: Fetch = async (url, init) => {
    if (decodeURIComponent(url).includes(`mute${count}#`) && url.endsWith("/history")) {
      throw new SmimpError("temporarily_unavailable", "silence");
    }
    return await network.fetch(url, init);
  };
  const client = await reopen(bob.storage, fetch);
  const shown: string[] = [];
  const stop = AbortSignal.timeout(60_000);
  for await (const event of client.watch({ signal: stop })) {
    if (event.type !== "changed" || event.message.from !== mute.address) continue;
    shown.push(event.message.state, event.message.subject);
    break;
  }
  expect(shown).toEqual(["unconfirmed", ""]);
});

describe("what is remembered of deleted messages", () => {
  test("goes once nothing is left that could open them", async () => {
    await write("Delete me");
    await bob.client.sync();
    const [line] = await bob.client.inbox.list();
    if (line === undefined) throw new TypeError("nothing arrived");
    await bob.client.inbox.remove(line.messageId);
    clock.advance(100 * DAY);
    await bob.client.sync();
    // The archive key is still there: with it, what a server kept could be shown again.
    expect(await bob.storage.list("removed")).toHaveLength(1);
    expect(await bob.storage.list("refs")).toHaveLength(1);
    await forget("archive-keys");
    clock.advance(2 * DAY);
    await bob.client.sync();
    expect(await bob.storage.list("removed")).toEqual([]);
    expect(await bob.storage.list("refs")).toEqual([]);
  });
});
