import { accountState, createMemoryStorage, linkDevice, recoverAccount, type Client } from "@smimp/client";
import { isSmimpError, MINUTE, parseAddress } from "@smimp/protocol";
import { countingFetch, fakeClock, newPerson, startNetwork, type FakeClock, type Fate, type Network } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { depsOf, linked, restarted, subjectsOf, type TestDevice } from "./devices-people.ts";

// A program that is ended at any request of a change of keys, and started again: nothing is lost, and nobody is locked out.

let clock: FakeClock;
let network: Network;
let bob: TestDevice;
let count = 0;

beforeAll(async () => {
  clock = fakeClock();
  const quotas = { keysPerRequester: 1_000, keysForFirstContacts: 1_000, deviceLinksPerHour: 10_000, challengesPerMinute: 100_000 };
  network = await startNetwork({ domains: ["alpha.example"], clock, config: { quotas } });
  const { address, client, counting } = await newPerson(network, "bob#alpha.example");
  bob = { address, client, counting, storage: createMemoryStorage() };
});
afterAll(async () => {
  await bob.client.close();
  await network.close();
});

interface Owner {
  readonly phone: TestDevice;
  readonly laptop: TestDevice;
  readonly phrase: string;
}

async function owner(): Promise<Owner> {
  const address = parseAddress(`alice${count++}#alpha.example`);
  const storage = createMemoryStorage();
  const { client, counting, phrase } = await newPerson(network, address, { storage });
  const phone = { address, storage, client, counting };
  await write(phone, "before");
  await client.sync();
  const laptop = await linked(network, phone, "laptop");
  await laptop.client.sync();
  return { phone, laptop, phrase };
}

async function write(to: Pick<TestDevice, "address">, subject: string): Promise<void> {
  clock.advance(MINUTE);
  const entry = await bob.client.send({ to: [to.address], subject, body: "", keepCopy: false });
  expect(entry.copies).toMatchObject([{ state: "sent" }]);
}

/** Lets the first `nth - 1` requests pass, and none from then on. */
const breakAt = (nth: number, fate: Fate): (() => Fate) => {
  let sent = 0;
  return () => (++sent < nth ? "pass" : sent === nth ? fate : "fail");
};

const passing = (error: unknown): false => {
  // A cut line is all that anybody may be told of.
  if (!isSmimpError(error, "temporarily_unavailable")) throw error;
  return false;
};

/** All of them read what is new, and agree on the keys. */
async function expectWell(devices: readonly TestDevice[], subjects: readonly string[]): Promise<void> {
  const keys = new Set<string>();
  // Twice, so that what one saves last is known to all.
  for (const device of [...devices, ...devices]) {
    await device.client.sync();
    const status = await device.client.keys.status();
    expect(status).toMatchObject({ changing: false, saved: true });
    keys.add(status.publicKey);
    expect(await subjectsOf(device)).toEqual(subjects);
    expect(await device.client.notices.list()).toEqual([]);
  }
  expect(keys.size).toBe(1);
}

/**
 * Does `work` in a program that is ended at its `nth` request, for every nth there is; then `after` sees what became of it. Returns how
 * often it was ended.
 */
async function interrupted(
  fate: Fate,
  work: (client: Client, owner: Owner) => Promise<unknown>,
  after: (owner: Owner, done: boolean) => Promise<void>,
): Promise<number> {
  for (let nth = 1; ; nth++) {
    const whole = await owner();
    const broken = await restarted(network, whole.phone);
    broken.counting.decide(breakAt(nth, fate));
    const requests = broken.counting.sent.length;
    const done = await work(broken.client, whole).then(() => true, passing);
    const ended = broken.counting.sent.length - requests >= nth;
    await after({ ...whole, phone: await restarted(network, whole.phone) }, done);
    if (!ended) return nth - 1;
  }
}

const fates: readonly Fate[] = ["drop", "fail"];
/** Each of these goes through some ten accounts. */
const LONG = { timeout: 300_000 };

describe("interrupted at any request", LONG, () => {
  test.each(fates)("a new master key (%s)", async (fate) => {
    const times = await interrupted(
      fate,
      async (client) => await client.keys.rotate(),
      async ({ phone, laptop }) => {
        await write(phone, "after");
        await expectWell([phone, laptop], ["after", "before"]);
      },
    );
    expect(times).toBeGreaterThanOrEqual(7);
  });

  test("a device that is removed", async () => {
    const times = await interrupted(
      "drop",
      async (client) => await client.devices.remove(await idOf(client, "laptop")),
      async ({ phone, laptop }, done) => {
        await write(phone, "after");
        await phone.client.sync();
        // What had not begun is done now; what had is finished by itself.
        const id = await idOf(phone.client, "laptop").catch(() => null);
        if (id !== null) {
          expect(done).toBe(false);
          await phone.client.devices.remove(id);
        }
        await write(phone, "secret");
        await expectWell([phone], ["secret", "after", "before"]);
        await expect(laptop.client.sync()).rejects.toSatisfy((error) => isSmimpError(error, "unauthenticated"));
        expect(await subjectsOf(laptop)).not.toContain("secret");
      },
    );
    expect(times).toBeGreaterThanOrEqual(7);
  });

  test("a new recovery phrase", async () => {
    const words: string[] = [];
    const times = await interrupted(
      "drop",
      async (client, { phrase }) => {
        words.splice(0);
        await client.keys.changePhrase({ oldPhrase: phrase, keepPhrase: async (shown) => void words.push(shown) });
      },
      async ({ phone, laptop, phrase }) => {
        await write(phone, "after");
        await expectWell([phone, laptop], ["after", "before"]);
        // Either sheet of paper counts, whichever: never none, never both.
        const restoring = [phrase, ...words].map(async (each) => {
          const options = { storage: createMemoryStorage(), address: phone.address, deps: depsOf(network, network) };
          return await recoverAccount({ ...options, phrase: each }).catch(() => null);
        });
        const restored = (await Promise.all(restoring)).filter((client) => client !== null);
        expect(restored).toHaveLength(1);
        for (const client of restored) {
          await client.sync();
          expect(await subjectsOf({ client })).toEqual(["after", "before"]);
        }
      },
    );
    expect(times).toBeGreaterThanOrEqual(7);
  });

  test("linking, on the old device", async () => {
    let newest: Promise<Client> | undefined;
    const times = await interrupted(
      "drop",
      async (client, { phone }) => {
        const linking = await linkDevice({
          storage: createMemoryStorage(),
          address: phone.address,
          deps: depsOf(network, network),
          name: "tablet",
        });
        newest = linking.finish({ signal: AbortSignal.timeout(20_000) });
        newest.catch(() => undefined);
        await client.devices.link(linking.linkCode).finally(() => setTimeout(() => linking.cancel(), 1_500));
      },
      async ({ phone, laptop }, done) => {
        const tablet = await newest?.catch(() => null);
        await write(phone, "after");
        const devices = [phone, laptop, ...(tablet === null || tablet === undefined ? [] : [{ ...phone, client: tablet }])];
        expect(done && tablet === null).toBe(false);
        await expectWell(devices, ["after", "before"]);
      },
    );
    expect(times).toBeGreaterThanOrEqual(3);
  });
});

async function idOf(client: Client, name: string): Promise<string> {
  const found = (await client.devices.list()).find((device) => device.name === name);
  if (found === undefined) throw new TypeError(`there is no device ${name}`);
  return found.id;
}

describe("interrupted at any request, on an empty machine", LONG, () => {
  test("linking", async () => {
    for (let nth = 1, ended = true; ended; nth++) {
      const { phone, laptop } = await owner();
      const storage = createMemoryStorage();
      const counting = countingFetch(network.fetch);
      const link = async (): Promise<Client> => {
        const linking = await linkDevice({ storage, address: phone.address, deps: depsOf(network, counting), name: "tablet" });
        await phone.client.devices.link(linking.linkCode);
        return await linking.finish();
      };
      // One answer alone is lost: while it waits for the other device, a new one takes any outage as passing.
      let sent = 0;
      counting.decide(() => (++sent === nth ? "drop" : "pass"));
      const first = await link().catch(passing);
      ended = counting.sent.length >= nth;
      counting.decide(() => "pass");
      const state = await accountState(storage);
      const client = first !== false ? first : state === "open" ? (await restarted(network, { ...phone, storage })).client : await link();
      await write(phone, "after");
      await expectWell([phone, laptop, { ...phone, storage, client }], ["after", "before"]);
      expect((await phone.client.devices.list()).filter(({ name }) => name === "tablet")).toHaveLength(1);
    }
  });

  test.each([{}, { rotate: true }, { takeBack: true }])("recovery %o", async (how) => {
    let times = 0;
    const alone = Object.keys(how).length > 0;
    // The first half of all three is the same: every second request is enough for the other two.
    for (let nth = 1, ended = true; ended; nth += alone ? 2 : 1) {
      const { phone, laptop, phrase } = await owner();
      const storage = createMemoryStorage();
      const counting = countingFetch(network.fetch);
      const options = { storage, phrase, address: phone.address, deps: depsOf(network, counting), ...how };
      counting.decide(breakAt(nth, "drop"));
      const first = await recoverAccount(options).catch(passing);
      ended = counting.sent.length >= nth;
      counting.decide(() => "pass");
      if (ended) times++;
      const client = first === false ? await recoverAccount(options) : first;
      await write(phone, "after");
      const fresh = { ...phone, storage, client };
      await expectWell(alone ? [fresh] : [fresh, phone, laptop], ["after", "before"]);
      if (alone) await expect(laptop.client.sync()).rejects.toSatisfy((error) => isSmimpError(error, "unauthenticated"));
    }
    expect(times).toBeGreaterThanOrEqual(alone ? 5 : 9);
  });
});
