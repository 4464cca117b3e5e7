import { createMemoryStorage, openClient, type Client, type Draft, type Storage } from "@smimp/client";
import { addSeconds, DAY, HOUR, isSmimpError, MINUTE, randomBytes, type Address, type Clock } from "@smimp/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fakeClock, newPerson, startNetwork, type FakeClock, type Network } from "../src/index.ts";
import { generous } from "./generous.ts";

// Clocks that are a day off either way, that jump and jump back, of clients and of servers. Nothing is lost, nothing is locked for
// ever, and what can't be done while they are wrong says so.

/** What the world's clocks show; each server and everybody else have clocks of their own. */
let world: FakeClock;
/** How far the servers are ahead of it, seconds. */
let alphaAhead: number;
let betaAhead: number;
let network: Network;
let alice: Someone;
let bob: Someone;

/** Somebody with a clock of their own. */
interface Someone {
  readonly address: Address;
  readonly client: Client;
  readonly storage: Storage;
  /** How far it is ahead, seconds. */
  ahead: number;
}

beforeEach(async () => {
  world = fakeClock();
  [alphaAhead, betaAhead] = [0, 0];
  const clockOf =
    (domain: string): Clock =>
    () =>
      addSeconds(world(), domain === "alpha.example" ? alphaAhead : betaAhead);
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], config: generous, clock: world, clockOf });
  alice = await someone("alice#alpha.example");
  bob = await someone("bob#beta.example");
  // They know each other.
  await alice.client.send(draft(bob, "hello"));
  await bob.client.sync();
  await bob.client.send(draft(alice, "hello yourself"));
  await alice.client.sync();
});
afterEach(async () => {
  await alice.client.close();
  await bob.client.close();
  await network.close();
});

async function someone(address: string): Promise<Someone> {
  const storage = createMemoryStorage();
  const joined = await newPerson(network, address, { storage });
  return await started({ address: joined.address, client: joined.client, storage, ahead: 0 });
}

const draft = (to: Someone, subject: string): Draft => ({ to: [to.address], subject, body: subject, keepCopy: false });
const subjects = async ({ client }: Someone): Promise<readonly string[]> =>
  (await client.inbox.list()).map(({ subject }) => subject).sort();
const statesOf = async ({ client }: Someone): Promise<readonly string[]> =>
  (await client.outbox.list()).flatMap(({ copies }) => copies.map(({ state }) => state));
const refusalOf = async (work: Promise<unknown>): Promise<string | null> => {
  try {
    await work;
    return null;
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return error.code;
  }
};

/** The first wait of whatever was put off. */
const passes = (): void => world.advance(MINUTE);

describe.each([
  ["a day ahead", DAY],
  ["a day behind", -DAY],
  ["years ahead", 3_650 * DAY],
  ["years behind", -3_650 * DAY],
])("a client that is %s", (_how, ahead) => {
  test("is told that its clock is wrong, loses nothing, and goes on when it is right", async () => {
    await bob.client.send(draft(alice, "for her"));
    alice = await started({ ...alice, ahead });
    expect(await refusalOf(alice.client.sync())).toBe("unauthenticated");
    const { copies } = await alice.client.send(draft(bob, "from her"));
    expect(copies).toMatchObject([{ state: "queued", reason: "unauthenticated" }]);
    alice.ahead = 0;
    // Not forced: what was put off by the wrong clock is due by the right one within a day, however wrong it was.
    world.advance(DAY + MINUTE);
    await alice.client.outbox.flush();
    expect(await statesOf(alice)).not.toContain("queued");
    await alice.client.sync();
    await bob.client.sync();
    expect(await subjects(alice)).toEqual(["for her", "hello yourself"]);
    expect(await subjects(bob)).toEqual(["from her", "hello"]);
    expect([await alice.client.notices.list(), await bob.client.notices.list()]).toEqual([[], []]);
  });

  test("keeps its secrets: what was sealed to them before can be opened after", async () => {
    for (let count = 0; count < 3; count++) await bob.client.send(draft(alice, `waiting ${count}`));
    alice = await started({ ...alice, ahead });
    for (let count = 0; count < 3; count++) await refusalOf(alice.client.sync());
    alice.ahead = 0;
    passes();
    await alice.client.sync();
    expect((await alice.client.inbox.list()).map(({ state }) => state)).toEqual(["open", "open", "open", "open"]);
  });
});

describe.each([
  ["a day ahead", DAY],
  ["a day behind", -DAY],
])("servers that are %s", (_how, ahead) => {
  test("let nobody log in until they are right again; then all is as before", async () => {
    await bob.client.send(draft(alice, "before"));
    [alphaAhead, betaAhead] = [ahead, ahead];
    alice = await started(alice);
    expect(await refusalOf(alice.client.sync())).toBe("unauthenticated");
    await alice.client.outbox.enqueue(draft(bob, "meanwhile"));
    await alice.client.outbox.flush();
    expect(await statesOf(alice)).toContain("queued");
    [alphaAhead, betaAhead] = [0, 0];
    passes();
    await alice.client.outbox.flush();
    await alice.client.sync();
    await bob.client.sync();
    expect(await subjects(alice)).toEqual(["before", "hello yourself"]);
    expect(await subjects(bob)).toEqual(["hello", "meanwhile"]);
  });
});

describe.each([
  ["a day ahead of", DAY],
  ["a day behind", -DAY],
])("a server that is %s the other", (_how, ahead) => {
  test("serves nobody until it is right; the other serves its own people, and takes mail from the wrong one's", async () => {
    const anna = await someone("anna#alpha.example");
    await alice.client.send(draft(anna, "hello neighbour"));
    await anna.client.sync();
    await alice.client.send(draft(bob, "before"));
    betaAhead = ahead;
    [alice, bob] = [await started(alice), await started(bob)];
    // Its own people can't log in, and neither can who writes to them.
    expect(await refusalOf(bob.client.sync())).toBe("unauthenticated");
    const { copies } = await alice.client.send(draft(bob, "to the wrong one"));
    expect(copies).toMatchObject([{ state: "queued", reason: "unauthenticated" }]);
    // Who is at the other server notices nothing of it.
    await alice.client.sync();
    expect((await alice.client.send(draft(anna, "between neighbours"))).copies).toMatchObject([{ state: "sent" }]);
    await anna.client.sync();
    expect(await subjects(anna)).toEqual(["between neighbours", "hello neighbour"]);
    expect((await bob.client.send(draft(alice, "from the wrong one"))).copies).toMatchObject([{ state: "sent" }]);
    await alice.client.sync();
    expect(await subjects(alice)).toEqual(["from the wrong one", "hello yourself"]);

    betaAhead = 0;
    passes();
    await alice.client.outbox.flush();
    for (const { client } of [alice, bob]) await client.sync();
    expect(await subjects(alice)).toEqual(["from the wrong one", "hello yourself"]);
    expect(await subjects(bob)).toEqual(["before", "hello", "to the wrong one"]);
    expect([await statesOf(alice), await statesOf(bob)].flat()).not.toContain("queued");
    expect([await alice.client.notices.list(), await bob.client.notices.list()]).toEqual([[], []]);
    await anna.client.close();
  });
});

describe("a server whose clock jumps back while it runs", () => {
  test.each([
    ["an hour", HOUR],
    ["a day", DAY],
  ])("by %s: who is logged in goes on, who comes anew waits until it is right; each message arrives once", async (_how, by) => {
    await bob.client.send(draft(alice, "before the jump"));
    await alice.client.sync();
    alphaAhead = -by;
    // Sessions that were there stay good: hers at her own server, and his as somebody who writes there.
    expect((await bob.client.send(draft(alice, "into the past"))).copies).toMatchObject([{ state: "sent" }]);
    expect((await alice.client.send(draft(bob, "out of the past"))).copies).toMatchObject([{ state: "sent" }]);
    await alice.client.sync();
    await bob.client.sync();
    expect(await subjects(alice)).toEqual(["before the jump", "hello yourself", "into the past"]);
    alice = await started(alice);
    expect(await refusalOf(alice.client.sync())).toBe("unauthenticated");
    bob = await started(bob);
    const { copies } = await bob.client.send(draft(alice, "too late for now"));
    expect(copies).toMatchObject([{ state: "queued", reason: "unauthenticated" }]);

    alphaAhead = 0;
    passes();
    await bob.client.outbox.flush();
    for (const { client } of [alice, bob, alice]) await client.sync();
    expect(await subjects(alice)).toEqual(["before the jump", "hello yourself", "into the past", "too late for now"]);
    expect(await subjects(bob)).toEqual(["hello", "out of the past"]);
    expect((await alice.client.inbox.list()).every(({ state }) => state === "open")).toBe(true);
    expect([await alice.client.notices.list(), await bob.client.notices.list()]).toEqual([[], []]);
  });
});

/** The same person with a program that has just started: it has no sessions. */
async function started({ address, storage, ahead }: Someone): Promise<Someone> {
  const own = { address, storage, ahead };
  const clock: Clock = () => addSeconds(world(), own.ahead);
  const client = await openClient({ storage, deps: { fetch: network.fetch, clock, random: randomBytes, jitter: 0 } });
  return Object.assign(own, { client });
}

describe("clocks of servers and clients that jump together, as on one machine", () => {
  const jump = (seconds: number): void => world.advance(seconds);

  test("back by a day: sessions, tickets, changes and records go on", async () => {
    jump(-DAY);
    // Keys that were made by the clock before are dated ahead now, and no sender takes them: their owners replace them.
    await alice.client.send(draft(bob, "yesterday"));
    await bob.client.sync();
    passes();
    await alice.client.outbox.flush();
    await bob.client.sync();
    await alice.client.profile.set({ name: "Alice" });
    await alice.client.keys.rotate();
    await bob.client.send(draft(alice, "to her new key"));
    await alice.client.sync();
    jump(DAY);
    await alice.client.sync();
    expect(await subjects(bob)).toEqual(["hello", "yesterday"]);
    expect(await subjects(alice)).toEqual(["hello yourself", "to her new key"]);
    expect(await bob.client.notices.list()).toEqual([]);
  });

  test("ahead by 100 days and back: messages, keys and pins are there, and no key comes twice", async () => {
    await bob.client.send(draft(alice, "before the jump"));
    jump(100 * DAY);
    await alice.client.sync();
    await bob.client.sync();
    await bob.client.send(draft(alice, "in the future"));
    await alice.client.sync();
    jump(-100 * DAY);
    // The keys that were made in the future are of no use yet: their owners see that, and replace them.
    for (let round = 0; round < 3; round++) {
      passes();
      await alice.client.sync();
      await bob.client.sync();
      await bob.client.outbox.flush();
      await alice.client.outbox.flush();
    }
    await bob.client.send(draft(alice, "back again"));
    await alice.client.send(draft(bob, "back again too"));
    await alice.client.sync();
    await bob.client.sync();
    expect(await subjects(alice)).toEqual(["back again", "before the jump", "hello yourself", "in the future"]);
    expect(await subjects(bob)).toEqual(["back again too", "hello"]);
    expect((await alice.client.inbox.list()).every(({ state }) => state === "open")).toBe(true);
    expect([await alice.client.notices.list(), await bob.client.notices.list()]).toEqual([[], []]);
  });

  test("back and forth, an hour each time: each message arrives once", async () => {
    for (let count = 0; count < 6; count++) {
      jump(count % 2 === 0 ? -HOUR : HOUR);
      await alice.client.send(draft(bob, `jump ${count}`));
      await alice.client.outbox.flush();
      await bob.client.sync();
    }
    world.advance(HOUR);
    await alice.client.outbox.flush();
    await bob.client.sync();
    expect(await subjects(bob)).toEqual(["hello", ...Array.from({ length: 6 }, (_, count) => `jump ${count}`)]);
  });
});

describe("waits that a clock put far into the future", () => {
  test("of the outbox: a message that failed years ahead is tried by the right clock", async () => {
    alice.ahead = 3_650 * DAY;
    await alice.client.send(draft(bob, "put off"));
    alice.ahead = 0;
    passes();
    await alice.client.outbox.flush();
    await bob.client.sync();
    expect(await subjects(bob)).toContain("put off");
  });

  test("of domains that failed: they are asked again when the clock has gone back", async () => {
    const carol = await someone("carol#alpha.example");
    const away = addSeconds(world(), 0);
    network.addHost("beta.example", "127.0.0.1:9");
    network.addHost("smimp.beta.example", "127.0.0.1:9");
    world.advance(DAY);
    carol.ahead = 0;
    const { id } = await carol.client.outbox.enqueue(draft(bob, "first contact"));
    await carol.client.outbox.flush();
    const { port } = network.server("beta.example");
    network.addHost("beta.example", `127.0.0.1:${port}`);
    network.addHost("smimp.beta.example", `127.0.0.1:${port}`);
    world.set(away);
    const [entry] = await carol.client.outbox.flush({ id, force: true });
    expect(entry?.copies).toMatchObject([{ state: "sent" }]);
    await carol.client.close();
  });

  test("a message is given up by a clock that jumped past five days, says so, and can be sent again", async () => {
    await alice.client.outbox.enqueue(draft(bob, "given up"));
    alice.ahead = 10 * DAY;
    await alice.client.outbox.flush();
    const [entry] = (await alice.client.outbox.list()).filter(({ subject }) => subject === "given up");
    expect(entry?.copies).toMatchObject([{ state: "failed", reason: "unauthenticated" }]);
    expect(await alice.client.notices.list()).toMatchObject([{ code: "delivery_given_up" }]);
    alice.ahead = 0;
    await alice.client.outbox.retry(entry?.id ?? "");
    await alice.client.outbox.flush();
    await bob.client.sync();
    expect(await subjects(bob)).toContain("given up");
  });
});

describe("records of a client whose clock is wrong", () => {
  test("dated ahead, are refused; nothing is half changed, and it works by the right clock", async () => {
    alice.ahead = DAY;
    expect(await refusalOf(alice.client.profile.set({ name: "Alice ahead" }))).not.toBeNull();
    expect(await refusalOf(alice.client.keys.rotate())).not.toBeNull();
    alice.ahead = 0;
    passes();
    await alice.client.sync();
    await alice.client.profile.set({ name: "Alice" });
    expect((await alice.client.profile.get())?.name).toBe("Alice");
    await alice.client.keys.rotate();
    await bob.client.send(draft(alice, "to the new key"));
    await alice.client.sync();
    expect(await subjects(alice)).toContain("to the new key");
  });
});
