import { accountState, createMemoryStorage, openClient, recoverAccount, type RecoverOptions } from "@smimp/client";
import {
  concat,
  DAY,
  encodeKeystoreDocument,
  isSmimpError,
  keystoreVersion,
  MINUTE,
  openKeystore,
  parseAddress,
  parseKeystoreDocument,
  parsePhrase,
  phraseKeystoreKey,
  randomBytes,
  sealKeystore,
  toB64,
  uint64be,
  type Address,
  type KeystoreDocument,
  type ProblemCode,
} from "@smimp/protocol";
import { countingFetch, rawCaller, tamperingFetch, type FakeClock, type Network } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { depsOf, linked, subjectsOf, startDevices, type DevicesWorld, type Owner, type TestDevice } from "./devices-people.ts";
import { keyHolder, masterSeedOf, type KeyHolder } from "./key-holder.ts";

let world: DevicesWorld;
let clock: FakeClock;
let network: Network;
let bob: TestDevice;

beforeAll(async () => {
  world = await startDevices();
  ({ clock, network, bob } = world);
});
afterAll(async () => await world.close());

const refusalOf = async (work: Promise<unknown>): Promise<string | null> =>
  await work.then(
    () => null,
    (error: unknown) => (isSmimpError(error) ? error.code : String(error)),
  );
const code = (expected: ProblemCode) => (error: unknown) => isSmimpError(error, expected);
async function recovered(owner: Pick<Owner, "address" | "phrase">, options: Partial<RecoverOptions> = {}): Promise<TestDevice> {
  const storage = options.storage ?? createMemoryStorage();
  const counting = countingFetch(network.fetch);
  const { address, phrase } = owner;
  const client = await recoverAccount({ storage, phrase, address, deps: depsOf(network, counting), ...options });
  return world.keep({ address, storage, client, counting });
}
const junk = (version: number): Uint8Array => concat(uint64be(version), randomBytes(4_000));
async function stored(holder: KeyHolder): Promise<Uint8Array> {
  const newest = await holder.keystore();
  if (newest === null) throw new TypeError("there is a keystore");
  return newest;
}
/** A keystore as somebody makes it who knows what a device knows, under the phrase's public key. */
async function forged(
  owner: Owner,
  version: number,
  change: (document: KeystoreDocument) => KeystoreDocument,
  from: Uint8Array,
): Promise<Uint8Array> {
  const { seed, publicKey } = phraseKeystoreKey(parsePhrase(owner.phrase));
  const document = parseKeystoreDocument(openKeystore(owner.address, from, { phraseSeed: seed }).text);
  const text = encodeKeystoreDocument(change(document));
  return sealKeystore({ address: owner.address, version, key: randomBytes(32), phraseKey: publicKey, text, random: randomBytes });
}

describe("restoring from the phrase", () => {
  test("an empty machine gets everything back: mail, people, keys", async () => {
    const alice = await world.join();
    for (const subject of ["one", "two"]) await world.write(alice, subject);
    await alice.client.sync();
    await alice.client.contacts.setVerified(bob.address, true);
    await alice.client.sync();
    await world.write(alice, "three");

    const fresh = await recovered(alice);
    await fresh.client.sync();
    expect(await subjectsOf(fresh)).toEqual(["three", "two", "one"]);
    expect(await fresh.client.contacts.list()).toMatchObject([{ address: bob.address, verified: true }]);
    expect((await fresh.client.contacts.list())[0]?.safetyNumber).toMatch(/^[0-9]{60}$/);
    expect((await fresh.client.devices.list()).map(({ name, thisOne }) => [name, thisOne]).toSorted()).toEqual([
      ["first device", false],
      ["recovered", true],
    ]);
    await world.write(alice, "four");
    // The old device goes on: a fresh K was handed over to it.
    for (const device of [fresh, alice]) {
      await device.client.sync();
      expect(await subjectsOf(device)).toEqual(["four", "three", "two", "one"]);
      expect(await device.client.notices.list()).toEqual([]);
    }
    expect(await alice.client.devices.list()).toHaveLength(2);
    expect(await masterSeedOf(fresh)).toBe(await masterSeedOf(alice));
  });

  test("after a lost device the old key counts no more, and whoever found it is out", async () => {
    const alice = await world.join();
    await world.write(alice, "before");
    await alice.client.sync();
    clock.advance(MINUTE);
    const fresh = await recovered(alice, { rotate: true, deviceName: "new phone" });
    await world.write(alice, "after");
    await fresh.client.sync();
    expect(await subjectsOf(fresh)).toEqual(["after", "before"]);
    expect(await fresh.client.devices.list()).toMatchObject([{ name: "new phone", thisOne: true }]);
    await expect(alice.client.sync()).rejects.toSatisfy(code("unauthenticated"));
    expect(await subjectsOf(alice)).toEqual(["before"]);
    expect(await masterSeedOf(fresh)).not.toBe(await masterSeedOf(alice));
  });

  test("other words, words of another address, and words that were replaced restore nothing", async () => {
    const alice = await world.join();
    const other = await world.join();
    const attempt = async (phrase: string, address: Address = alice.address) => await recovered({ phrase, address });
    await expect(attempt("nonsense")).rejects.toSatisfy(code("bad_request"));
    await expect(attempt(other.phrase)).rejects.toSatisfy(code("unauthenticated"));
    await expect(attempt(alice.phrase, parseAddress("nobody#alpha.example"))).rejects.toSatisfy(code("unknown_user"));
    const shown: string[] = [];
    const keepPhrase = async (words: string): Promise<void> => void shown.push(words);
    await expect(alice.client.keys.changePhrase({ oldPhrase: other.phrase, keepPhrase })).rejects.toSatisfy(code("unauthenticated"));
    const phrase = await alice.client.keys.changePhrase({ oldPhrase: ` ${alice.phrase.toUpperCase()} `, keepPhrase });
    expect(shown).toEqual([phrase]);
    await expect(attempt(alice.phrase)).rejects.toSatisfy(code("unauthenticated"));
    await world.write(alice, "hello");
    const fresh = await recovered({ ...alice, phrase });
    await fresh.client.sync();
    expect(await subjectsOf(fresh)).toEqual(["hello"]);
    await expect(recovered({ ...alice, phrase }, { storage: fresh.storage })).rejects.toThrow(TypeError);
  });

  test("what was interrupted goes on with the same words, as the same device, and with no others", async () => {
    const [alice, other] = [await world.join(), await world.join()];
    const storage = createMemoryStorage();
    const deps = depsOf(network, countingFetch(network.fetch));
    const lost: typeof deps.fetch = async (url, init) => {
      const response = await deps.fetch(url, init);
      // The server has it; its answer is lost.
      if (init?.method === "PUT" && url.endsWith("/keystore")) throw new TypeError("fetch failed");
      return response;
    };
    await expect(recovered(alice, { storage, deps: { ...deps, fetch: lost } })).rejects.toSatisfy(code("temporarily_unavailable"));
    expect(await accountState(storage)).toBe("recovering");
    await expect(recovered({ ...alice, phrase: other.phrase }, { storage })).rejects.toSatisfy(code("unauthenticated"));
    await recovered(alice, { storage });
    await alice.client.keys.save();
    expect(await alice.client.devices.list()).toHaveLength(2);
  });

  test("a new phrase leaves no keystore behind that the old one opens, and other devices go on", async () => {
    const alice = await world.join();
    const laptop = world.keep(await linked(network, alice, "laptop"));
    const phrase = await alice.client.keys.changePhrase({ oldPhrase: alice.phrase, keepPhrase: async () => await Promise.resolve() });
    await laptop.client.sync();
    await laptop.client.contacts.resolve(bob.address);
    await laptop.client.sync();
    const holder = await keyHolder(network, alice);
    const newest = await stored(holder);
    const secrets = [alice.phrase, phrase].map((words) => phraseKeystoreKey(parsePhrase(words)).seed);
    const [opened, ...rest] = secrets.map((phraseSeed) => {
      try {
        return openKeystore(alice.address, newest, { phraseSeed }).version;
      } catch {
        return null;
      }
    });
    expect([opened, ...rest]).toEqual([null, keystoreVersion(newest)]);
    for (let version = keystoreVersion(newest) - 1; version >= 0; version--) {
      const old = await holder.keystore(version);
      if (old !== null) expect(() => openKeystore(alice.address, old, { phraseSeed: secrets[0] ?? randomBytes(32) })).toThrow();
    }
    expect((await alice.client.keys.status()).records).toBe(2);
  });
});

test("a device that was away for longer than a fresh K is handed over comes back, and the two don't replace each other's keystores for ever", async () => {
  const owner = await world.join();
  const fresh = await recovered(owner);
  await fresh.client.sync();
  clock.advance(100 * DAY);
  const outcomes: (string | null)[] = [];
  const written: string[] = [];
  for (let round = 0; round < 16; round++) {
    for (const { client } of [owner, fresh]) outcomes.push(await refusalOf(client.sync()));
    // Meanwhile a message may be sealed to a key of either of them.
    written.push(`in round ${round}`);
    await world.write(owner, `in round ${round}`);
    clock.advance(20 * MINUTE);
  }
  // One after the other replaces what it can't open, once; then they have the same K.
  expect(outcomes.every((refusal) => refusal === null || refusal === "temporarily_unavailable")).toBe(true);
  expect(outcomes.slice(-4)).toEqual([null, null, null, null]);
  for (const { client } of [owner, fresh]) {
    expect((await client.devices.list()).length).toBe(2);
    expect((await client.keys.status()).saved).toBe(true);
  }
  for (const device of [fresh, owner]) {
    await device.client.sync();
    expect((await subjectsOf(device)).toSorted()).toEqual(written.toSorted());
  }
});

describe("what stands in the keystore's place", () => {
  test("a planted keystore is refused, an older one of the account is taken", async () => {
    const alice = await world.join();
    await world.write(alice, "mine");
    await alice.client.sync();
    const holder = await keyHolder(network, alice);
    const mine = await stored(holder);
    const next = keystoreVersion(mine) + 1;
    await holder.plant(
      await forged(alice, next, (document) => ({ ...document, master_seed: toB64(randomBytes(32)), archive_keys: [] }), mine),
    );
    const fresh = await recovered(alice);
    await fresh.client.sync();
    expect(await subjectsOf(fresh)).toEqual(["mine"]);
  });

  test("where nothing but planted keystores stands there, nothing is restored", async () => {
    const alice = await world.join();
    const holder = await keyHolder(network, alice);
    const mine = await stored(holder);
    for (let count = 1; count <= 10; count++) {
      const version = keystoreVersion(mine) + count;
      await holder.plant(await forged(alice, version, (document) => ({ ...document, master_seed: toB64(randomBytes(32)) }), mine));
    }
    const storage = createMemoryStorage();
    await expect(recovered(alice, { storage })).rejects.toSatisfy(code("own_history_mismatch"));
    expect(await accountState(storage)).toBe("none");
  });

  test("an unreadable newest version gives way to the one before it", async () => {
    const alice = await world.join();
    await world.write(alice, "mine");
    await alice.client.sync();
    const holder = await keyHolder(network, alice);
    const mine = await stored(holder);
    const broken = Uint8Array.from(mine);
    broken[7] = keystoreVersion(mine) + 1;
    await holder.plant(broken);
    const fresh = await recovered(alice);
    await fresh.client.sync();
    expect(await subjectsOf(fresh)).toEqual(["mine"]);
    expect(await fresh.client.notices.list()).toMatchObject([{ code: "keystore_replaced" }]);
    const nothing = await world.join();
    const thief = await keyHolder(network, nothing);
    for (let count = 1; count <= 10; count++) await thief.plant(junk(count));
    await expect(recovered(nothing)).rejects.toSatisfy(code("decryption_failed"));
  });

  test("a server that shows an older history than the keystore knows is caught", async () => {
    const alice = await world.join();
    const { answer: before } = await rawCaller(network.fetch, network.server("alpha.example").baseUrl)("getHistory", {
      params: { address: alice.address },
    });
    await alice.client.profile.set({ name: "Alice" });
    await alice.client.sync();
    const net = tamperingFetch(network.fetch);
    net.tamper((url, text) => (url.endsWith("/history") ? JSON.stringify(before) : text));
    const deps = depsOf(network, net);
    const attempt = recoverAccount({ storage: createMemoryStorage(), phrase: alice.phrase, address: alice.address, deps });
    await expect(attempt).rejects.toSatisfy(code("history_rewritten"));
  });
});

describe("taking an address back", () => {
  test("from a thief who replaced the master key, with the whole archive", async () => {
    const alice = await world.join();
    // Whatever time has passed in the tests before: somebody who was away for long has no keys that could be given out.
    await bob.client.sync();
    await world.write(alice, "before the theft");
    await alice.client.sync();
    clock.advance(MINUTE);
    const thief = await (await keyHolder(network, alice)).rotate();
    // A number that hides where the others stand.
    await thief.plant(junk(2 ** 50));
    await expect(alice.client.sync()).rejects.toSatisfy(code("unauthenticated"));
    await expect(recovered(alice)).rejects.toSatisfy(code("own_history_mismatch"));

    clock.advance(MINUTE);
    const fresh = await recovered(alice, { takeBack: true });
    await world.write(alice, "after");
    await fresh.client.sync();
    expect(await subjectsOf(fresh)).toEqual(["after", "before the theft"]);
    expect(await fresh.client.devices.list()).toMatchObject([{ thisOne: true }]);
    // The thief is out, and what they stored is gone.
    await expect(thief.keystore()).rejects.toThrow("bad_signature");
    const status = await fresh.client.keys.status();
    expect(status).toMatchObject({ records: 3, changing: false, saved: true });
    const entry = await fresh.client.send({ to: [bob.address], subject: "I am back", body: "", keepCopy: false });
    expect(entry.copies).toMatchObject([{ state: "sent" }]);
    await bob.client.sync();
    expect(await subjectsOf(bob)).toContain("I am back");
    const again = await recovered(alice);
    await again.client.sync();
    expect(await subjectsOf(again)).toEqual(["after", "before the theft"]);
  });

  test("also where nothing of the keystore is left: the address alone", async () => {
    const alice = await world.join();
    await world.write(alice, "lost");
    await alice.client.sync();
    clock.advance(MINUTE);
    const thief = await (await keyHolder(network, alice)).rotate();
    for (let count = 0; count < 10; count++) await thief.plant(junk(count));
    clock.advance(MINUTE);
    const fresh = await recovered(alice, { takeBack: true });
    await world.write(alice, "new");
    await fresh.client.sync();
    expect(await subjectsOf(fresh)).toEqual(["new", "invalid"]);
    await expect(openClient({ storage: createMemoryStorage(), deps: depsOf(network, network) })).rejects.toThrow(TypeError);
  });
});
