import { createMemoryStorage } from "@smimp/client";
import { HOUR, isSmimpError, MINUTE, parseAddress, type BaseUrl, type ProblemCode } from "@smimp/protocol";
import { createAuthority, fakeClock, newPerson, startNetwork, type FakeClock, type Fate, type Network } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linked, restarted, subjectsOf, type TestDevice } from "./devices-people.ts";

// Somebody moves to another server, and those they write with notice nothing.

let clock: FakeClock;
let network: Network;
let count = 0;
const open: TestDevice[] = [];
const PEOPLE = ["people.example", "folk.example"] as const;

beforeAll(async () => {
  clock = fakeClock();
  const authority = createAuthority();
  const quotas = { keysPerRequester: 1_000, keysForFirstContacts: 1_000, exportsPerHour: 1_000, challengesPerMinute: 100_000 };
  network = await startNetwork({
    domains: ["alpha.example", "beta.example", "gamma.example"],
    clock,
    authority,
    config: (domain) => ({
      quotas,
      domains: domain === "gamma.example" ? [domain] : [domain, ...PEOPLE],
      tls: authority.issue({ hosts: [`smimp.${domain}`, domain, ...PEOPLE] }),
    }),
  });
  for (const domain of PEOPLE) homeAt(domain, "alpha.example");
});
afterAll(async () => {
  await Promise.all(open.map(async ({ client }) => await client.close()));
  await network.close();
});

/** From now on the smimp.txt of a domain names that server. */
const homeAt = (domain: string, server: string): void => network.addHost(domain, `127.0.0.1:${network.server(server).port}`);
const urlOf = (domain: string): BaseUrl => network.server(domain).baseUrl;
const keep = <Device extends TestDevice>(device: Device): Device => {
  open.push(device);
  return device;
};
type Owner = TestDevice & { readonly phrase: string };
async function join(address: string, at = "alpha.example"): Promise<Owner> {
  const storage = createMemoryStorage();
  // Whoever joins at a domain of several servers has the invite of the one that its smimp.txt names.
  const invite = async (_domain: string, parsed?: Owner["address"]) => await network.invite(at, parsed);
  const { client, counting, phrase } = await newPerson({ ...network, invite }, address, { storage });
  return keep({ address: parseAddress(address), storage, client, counting, phrase });
}
const mover = async (domain: string = PEOPLE[0]): Promise<Owner> => await join(`alice${count++}#${domain}`);
const write = async (from: TestDevice, to: TestDevice, subject: string): Promise<void> => {
  // A server looks at a history once in ten seconds.
  clock.advance(11);
  const entry = await from.client.send({ to: [to.address], subject, body: "", keepCopy: false });
  expect(entry.copies).toMatchObject([{ state: "sent" }]);
};
const code = (expected: ProblemCode) => (error: unknown) => isSmimpError(error, expected);

describe("moving to another server", () => {
  test("whoever keeps writing and whoever keeps being written to notices nothing; all devices follow", async () => {
    const phone = await mover();
    const laptop = keep(await linked(network, phone, "laptop"));
    const writer = await join(`writer${count++}#gamma.example`, "gamma.example");
    const reader = await join(`reader${count++}#gamma.example`, "gamma.example");
    const sent: string[] = [];
    const received: string[] = [];
    const everybodyWrites = async (when: string): Promise<void> => {
      await write(writer, phone, `to ${when}`);
      sent.push(`to ${when}`);
      await write(phone, reader, `from ${when}`);
      received.push(`from ${when}`);
    };
    await everybodyWrites("before");
    await phone.client.sync();
    await laptop.client.sync();
    const folder = await phone.client.folders.create({ name: "Kept" });
    const to = urlOf("beta.example");
    const { code: invite } = await network.invite("beta.example", phone.address);
    expect(await phone.client.account.move({ to, code: invite })).toEqual({ step: "waiting_for_domain", from: urlOf("alpha.example"), to });
    await everybodyWrites("while the domain names the old one");
    await phone.client.sync();
    await laptop.client.sync();
    await expect(phone.client.account.move({ to: urlOf("gamma.example"), code: null })).rejects.toThrow(TypeError);

    homeAt(PEOPLE[0], "beta.example");
    // The writer's program still believes in the old server, for an hour at the most.
    await everybodyWrites("just after");
    clock.advance(11 * MINUTE);
    await phone.client.sync();
    expect(phone.client.baseUrl).toBe(to);
    expect((await phone.client.account.moveStatus()).step).toBe("settling");
    await everybodyWrites("settling");
    for (let quarter = 0; quarter < 9; quarter++) {
      clock.advance(16 * MINUTE);
      await everybodyWrites(`quarter ${quarter}`);
      await phone.client.sync();
      await laptop.client.sync();
      await reader.client.sync();
    }
    expect(await phone.client.account.moveStatus()).toEqual({ step: "none", from: null, to: null });
    expect(laptop.client.baseUrl).toBe(to);

    // The old server forgets; nobody is lost.
    await phone.client.account.remove({ phrase: phone.phrase, server: urlOf("alpha.example") });
    await everybodyWrites("after all");
    const late = keep(await linked(network, phone, "late"));
    for (const device of [phone, laptop, late]) {
      await device.client.sync();
      await device.client.sync();
      expect((await subjectsOf(device)).toSorted()).toEqual(sent.toSorted());
      expect(await device.client.folders.list()).toMatchObject([{ id: folder.id, name: "Kept" }]);
    }
    await reader.client.sync();
    expect((await subjectsOf(reader)).toSorted()).toEqual(received.toSorted());
    for (const device of [writer, reader, laptop]) expect(await device.client.notices.list()).toEqual([]);
    expect(await phone.client.notices.list()).toMatchObject([{ code: "moved" }]);
    const known = await writer.client.contacts.resolve(phone.address);
    expect(known.chain.head.document.servers).toEqual([to]);
    expect(known.chain.records).toHaveLength(3);
  });

  test("that was never begun by the domain can be given up; codes and servers that are wrong are refused", async () => {
    const phone = await mover(PEOPLE[1]);
    const to = urlOf("beta.example");
    await expect(phone.client.account.move({ to: urlOf("gamma.example"), code: null })).rejects.toSatisfy(code("wrong_server"));
    await expect(phone.client.account.move({ to: phone.client.baseUrl, code: null })).rejects.toThrow(TypeError);
    await expect(phone.client.account.move({ to, code: "A".repeat(32) })).rejects.toSatisfy(isSmimpError);
    expect((await phone.client.account.moveStatus()).step).toBe("copying");
    const { code: invite } = await network.invite("beta.example", phone.address);
    expect(await phone.client.account.move({ to, code: invite })).toMatchObject({ step: "waiting_for_domain" });
    await phone.client.account.cancelMove();
    expect((await phone.client.account.moveStatus()).step).toBe("none");
    await phone.client.sync();
    const { chain } = await phone.client.contacts.resolve(phone.address);
    expect(chain.head.document.servers).toEqual([urlOf("alpha.example")]);
    expect(phone.client.baseUrl).toBe(urlOf("alpha.example"));
  });
});

const breakAt = (nth: number, fate: Fate): (() => Fate) => {
  let sent = 0;
  return () => (++sent < nth ? "pass" : sent === nth ? fate : "fail");
};

test("a move that is interrupted at any request goes on where it was", { timeout: 300_000 }, async () => {
  const to = urlOf("beta.example");
  const writer = await join(`writer${count++}#gamma.example`, "gamma.example");
  let times = 0;
  for (let nth = 1, ended = true; ended; nth++) {
    homeAt(PEOPLE[1], "alpha.example");
    clock.advance(11 * MINUTE);
    const phone = await mover(PEOPLE[1]);
    await write(writer, phone, "old");
    await phone.client.sync();
    const { code: invite } = await network.invite("beta.example", phone.address);
    const broken = await restarted(network, phone);
    let sent = 0;
    const cut = breakAt(nth, "drop");
    broken.counting.decide(() => (sent++, cut()));
    const moving = async (client: TestDevice["client"]): Promise<void> => {
      await client.account.move({ to, code: invite });
      homeAt(PEOPLE[1], "beta.example");
      clock.advance(11 * MINUTE);
      await client.sync();
      clock.advance(3 * HOUR);
      await client.sync();
    };
    await moving(broken.client).catch((error: unknown) => {
      if (!isSmimpError(error, "temporarily_unavailable")) throw error;
    });
    ended = sent >= nth;
    if (ended) times++;
    const again = await restarted(network, phone);
    if (again.client.baseUrl !== to && (await again.client.account.moveStatus()).step !== "settling") {
      await again.client.account.move({ to, code: invite });
      homeAt(PEOPLE[1], "beta.example");
    }
    for (let step = 0; step < 3; step++) {
      clock.advance(2 * HOUR);
      await again.client.sync();
    }
    expect(await again.client.account.moveStatus()).toMatchObject({ step: "none" });
    expect(again.client.baseUrl).toBe(to);
    await write(writer, phone, "new");
    await again.client.sync();
    expect(await subjectsOf(again)).toEqual(["new", "old"]);
    expect((await again.client.notices.list()).map((notice) => notice.code)).toEqual(["moved"]);
    await again.client.close();
  }
  expect(times).toBeGreaterThanOrEqual(15);
});

test("an export holds everything, and says when it was broken off", async () => {
  const phone = await join(`carol${count++}#gamma.example`, "gamma.example");
  const lines: string[] = [];
  for await (const line of phone.client.account.export()) lines.push(new TextDecoder().decode(line));
  const kinds = lines.map((line) => (JSON.parse(line) as { kind: string }).kind);
  expect(kinds[0]).toBe("account");
  expect(kinds.at(-1)).toBe("end");
  expect(kinds).toContain("keystore");
});

test("an account is deleted by its owner's words alone, and stays deleted", async () => {
  const [carol, dave] = [
    await join(`carol${count++}#gamma.example`, "gamma.example"),
    await join(`dave${count++}#gamma.example`, "gamma.example"),
  ];
  await expect(carol.client.account.remove({ phrase: dave.phrase })).rejects.toSatisfy(code("unauthenticated"));
  await carol.client.account.remove({ phrase: carol.phrase });
  await expect(carol.client.sync()).rejects.toSatisfy(isSmimpError);
  const entry = await dave.client.send({ to: [carol.address], subject: "hello?", body: "", keepCopy: false });
  expect(entry.copies).toMatchObject([{ state: "failed" }]);
  await carol.client.account.remove({ phrase: carol.phrase }).catch((error: unknown) => expect(isSmimpError(error)).toBe(true));
});
