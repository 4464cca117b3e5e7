import { accountState, createAccount, createMemoryStorage, type Client } from "@smimp/client";
import { isSmimpError, parseAddress, randomBytes } from "@smimp/protocol";
import { countingFetch, startNetwork, type Fate, type Network } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, joinRestartable, pieces, type Restartable } from "./people.ts";

let network: Network;
let alice: Restartable;
let bob: Restartable;

beforeAll(async () => {
  const config = { quotas: { keysPerRequester: 1_000, keysForFirstContacts: 1_000 } };
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], config });
  alice = await joinRestartable(network, "alice#alpha.example");
  bob = await joinRestartable(network, "bob#beta.example");
});
afterAll(async () => {
  await alice.client.close();
  await bob.client.close();
  await network.close();
});

/** Lets the first `nth - 1` requests pass, and none from then on. */
const breakAt = (nth: number, fate: Fate): (() => Fate) => {
  let count = 0;
  return () => (++count < nth ? "pass" : count === nth ? fate : "fail");
};

const SIZE = 200_000;
const draftOf = (subject: string) => ({
  to: [bob.address],
  subject,
  body: "Exactly once.",
  attachments: [{ name: "a.bin", mediaType: "application/octet-stream", size: SIZE, open: () => pieces(SIZE) }],
  keepCopy: false,
});

const subjectsOf = async (client: Client): Promise<readonly string[]> => (await client.inbox.list()).map(({ subject }) => subject);

describe("exactly once", () => {
  test.each(["drop", "fail"] as const)("a sender that is interrupted at any request (%s) and started again delivers once", async (fate) => {
    let interrupted = 0;
    for (let nth = 1, ended = true; ended; nth++) {
      const subject = `${fate} ${nth}`;
      const first = await alice.restart();
      first.counting.decide(breakAt(nth, fate));
      const { id, copies } = await first.client.send(draftOf(subject));
      ended = first.counting.sent.length >= nth;
      if (copies[0]?.state !== "sent") {
        interrupted++;
        expect(copies).toMatchObject([{ state: "queued", reason: "temporarily_unavailable", attempts: 1 }]);
        const second = await alice.restart();
        const [entry] = await second.client.outbox.flush({ id, force: true });
        expect(entry?.copies).toMatchObject([{ state: "sent", attempts: 2 }]);
      }
      await bob.client.sync();
      expect((await subjectsOf(bob.client)).filter((each) => each === subject)).toHaveLength(1);
    }
    expect(interrupted).toBeGreaterThanOrEqual(5);
    const [newest] = await bob.client.inbox.list({ limit: 1 });
    if (newest === undefined) throw new TypeError("nothing arrived");
    expect(await digestOf(bob.client.inbox.attachment(newest.messageId, 0))).toEqual(await digestOf(pieces(SIZE)));
  });

  test.each(["drop", "fail"] as const)("a recipient that is interrupted at any request (%s) and started again shows once", async (fate) => {
    let interrupted = 0;
    for (let nth = 1, ended = true; ended; nth++) {
      const subject = `to a ${fate} ${nth}`;
      await alice.client.send({ to: [bob.address], subject, body: "Once.", keepCopy: false });
      const first = await bob.restart();
      first.counting.decide(breakAt(nth, fate));
      await first.client.sync().catch((error: unknown) => {
        expect(isSmimpError(error, "temporarily_unavailable")).toBe(true);
        interrupted++;
      });
      ended = first.counting.sent.length >= nth;
      const second = await bob.restart();
      await second.client.sync();
      const found = (await second.client.inbox.list()).filter((each) => each.subject === subject);
      expect(found).toMatchObject([{ state: "open" }]);
      expect(await second.client.notices.list()).toEqual([]);
    }
    expect(interrupted).toBeGreaterThanOrEqual(4);
    const list = await subjectsOf((await bob.restart()).client);
    expect(new Set(list).size).toBe(list.length);
    // Every single-use secret whose message is archived is destroyed (protocol section 4).
    const keys = (await bob.storage.list("message-keys")).map(
      ({ value }) => JSON.parse(new TextDecoder().decode(value)) as { seed: unknown; used_by: unknown },
    );
    const used = keys.filter(({ used_by }) => used_by !== null);
    expect(used.length).toBeGreaterThan(10);
    expect(used.every(({ seed }) => seed === null)).toBe(true);
  });

  test("words that were not shown are shown again", async () => {
    const address = parseAddress("shown#alpha.example");
    const invite = await network.invite("alpha.example", address);
    const storage = createMemoryStorage();
    const options = { storage, invite, address, deps: { fetch: network.fetch, clock: network.clock, random: randomBytes } };
    const shown: string[] = [];
    const cutOff = async (phrase: string): Promise<void> => {
      shown.push(phrase);
      await Promise.reject(new Error("the terminal is gone"));
    };
    await expect(createAccount({ ...options, keepPhrase: cutOff })).rejects.toThrow("the terminal is gone");
    expect(await accountState(storage)).toBe("unfinished");
    const { client, phrase } = await createAccount({ ...options, keepPhrase: async (words) => void shown.push(words) });
    expect(shown).toEqual([phrase, phrase]);
    expect(await accountState(storage)).toBe("open");
    await client.close();
  });

  test("an account whose opening is interrupted is opened with the same phrase", async () => {
    for (const fate of ["drop", "fail"] as const) {
      const address = parseAddress(`carol${fate}#alpha.example`);
      const invite = await network.invite("alpha.example", address);
      const storage = createMemoryStorage();
      const counting = countingFetch(network.fetch);
      const options = { storage, invite, address, deps: { fetch: counting.fetch, clock: network.clock, random: randomBytes } };
      counting.decide(({ url }) => (url.endsWith("initialize_account") ? fate : url.endsWith("/history") ? "fail" : "pass"));
      await expect(createAccount(options)).rejects.toSatisfy((error) => isSmimpError(error, "temporarily_unavailable"));
      expect(await accountState(storage)).toBe("unfinished");
      counting.decide(() => "pass");
      const { client, phrase } = await createAccount(options);
      expect(await accountState(storage)).toBe("open");
      expect(phrase.split(" ")).toHaveLength(24);
      const stored = (await storage.list("account")).map(({ value }) => new TextDecoder().decode(value)).join("");
      expect(stored).not.toContain(phrase);
      const entry = await client.send({ to: [bob.address], subject: `from ${address}`, body: "", keepCopy: false });
      expect(entry.copies).toMatchObject([{ state: "sent" }]);
      await client.close();
    }
  });

  test("an opening whose answer alone is lost is found to be done", async () => {
    const address = parseAddress("carl#alpha.example");
    const invite = await network.invite("alpha.example", address);
    const counting = countingFetch(network.fetch);
    counting.decide(({ url }) => (url.endsWith("initialize_account") ? "drop" : "pass"));
    const deps = { fetch: counting.fetch, clock: network.clock, random: randomBytes };
    const { client } = await createAccount({ storage: createMemoryStorage(), invite, address, deps });
    expect((await client.sync()).messages).toEqual([]);
    await client.close();
  });

  test("an address that is taken stays taken", async () => {
    const invite = await network.invite("alpha.example");
    const deps = { fetch: network.fetch, clock: network.clock, random: randomBytes };
    const opening = createAccount({ storage: createMemoryStorage(), invite, address: alice.address, deps });
    await expect(opening).rejects.toSatisfy((error) => isSmimpError(error, "already_initialized") || isSmimpError(error, "conflict"));
  });
});
