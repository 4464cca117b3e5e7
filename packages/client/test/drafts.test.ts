import type { Client, Draft, DraftSummary } from "@smimp/client";
import { isSmimpError } from "@smimp/protocol";
import { newPerson, startNetwork, type Network, type Person } from "@smimp/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { digestOf, joinWithTwoDevices, pieces } from "./people.ts";

let network: Network;
let alice: Person;
const open: Client[] = [];

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"] });
  alice = await newPerson(network, "alice#alpha.example");
});
afterEach(async () => await Promise.all(open.splice(0).map(async (client) => await client.close())));
afterAll(async () => {
  await alice.client.close();
  await network.close();
});

async function twoDevices(address: string) {
  const person = await joinWithTwoDevices(network, address);
  open.push(person.client, person.second.client);
  return { person, desk: person.client, phone: person.second.client, phoneCounting: person.second.counting };
}
const draft = (body: string, more: Partial<Draft> = {}): Draft => ({ to: [alice.address], subject: "Idea", body, ...more });
const onlyOne = async (client: Client): Promise<DraftSummary> => {
  const [first, ...others] = await client.drafts.list();
  if (first === undefined || others.length > 0) throw new TypeError(`there are ${others.length + (first === undefined ? 0 : 1)} drafts`);
  return first;
};
const bodies = async (client: Client): Promise<readonly string[]> =>
  (await Promise.all((await client.drafts.list()).map(async ({ id }) => (await client.drafts.get(id)).draft.body))).toSorted();
/** Each device syncs until nothing moves any more. */
async function settle(...clients: readonly Client[]): Promise<void> {
  for (let round = 0; round < 3; round++) for (const client of clients) await client.sync();
}

describe("drafts", () => {
  test("are here at once, also without a server, and on the other device after a sync", async () => {
    const { person, desk, phone } = await twoDevices("bob1#beta.example");
    person.counting.decide(() => "fail");
    const { id } = await desk.drafts.save(draft("First words"));
    expect(await onlyOne(desk)).toMatchObject({ id, subject: "Idea", preview: "First words", synced: false, to: [alice.address] });
    person.counting.decide(() => "pass");
    await settle(desk, phone);
    expect(await onlyOne(desk)).toMatchObject({ id, synced: true });
    const { id: there } = await onlyOne(phone);
    expect(await phone.drafts.get(there)).toMatchObject({ draft: { body: "First words", bcc: [] }, synced: true });
    // No draft stands among messages.
    expect([...(await desk.inbox.list()), ...(await phone.inbox.list())]).toEqual([]);
  });

  test("written on further, here and there, stay one draft; the server keeps the last version only", async () => {
    const { person, desk, phone } = await twoDevices("bob2#beta.example");
    const { id } = await desk.drafts.save(draft("One"));
    await settle(desk, phone);
    const there = await onlyOne(phone);
    await phone.drafts.save(draft("Two", { bcc: [person.address] }), there.id);
    await settle(phone, desk);
    expect(await desk.drafts.get((await onlyOne(desk)).id)).toMatchObject({ id, draft: { body: "Two", bcc: [person.address] } });
    await desk.drafts.save(draft("Three"), id);
    await settle(desk, phone, desk);
    expect(await bodies(phone)).toEqual(["Three"]);
    const { used } = await person.client.account.quota();
    await desk.drafts.save(draft("Four"), id);
    await settle(desk, phone, desk);
    // A version takes the place of the one before.
    expect(Math.abs((await person.client.account.quota()).used - used)).toBeLessThan(2_000);
  });

  test("that two devices wrote on at the same time are both kept", async () => {
    const { desk, phone } = await twoDevices("bob3#beta.example");
    const { id } = await desk.drafts.save(draft("Common"));
    await settle(desk, phone);
    const there = await onlyOne(phone);
    await desk.drafts.save(draft("From the desk"), id);
    await phone.drafts.save(draft("From the phone"), there.id);
    await settle(desk, phone);
    const both = ["From the desk", "From the phone"];
    expect(await bodies(desk)).toEqual(both);
    expect(await bodies(phone)).toEqual(both);
    await settle(phone, desk);
    expect(await bodies(desk)).toEqual(both);
  });

  test("are put into the outbox without being sent yet, and are no drafts any more", async () => {
    const { desk } = await twoDevices("bob0#beta.example");
    const { id } = await desk.drafts.save(draft("Later", { to: [desk.address] }));
    const entry = await desk.drafts.enqueue(id);
    expect(entry.copies.map(({ state }) => state)).toEqual(["queued"]);
    expect(await desk.drafts.list()).toEqual([]);
    await expect(desk.drafts.enqueue(id)).rejects.toSatisfy((error) => isSmimpError(error, "not_found"));
    expect(await desk.outbox.flush()).toMatchObject([{ id: entry.id, copies: [{ state: "sent" }] }]);
  });

  test("pushed by both at the very same time are both kept as well", async () => {
    const { desk, phone } = await twoDevices("bob4#beta.example");
    const { id } = await desk.drafts.save(draft("Common"));
    await settle(desk, phone);
    const there = await onlyOne(phone);
    await desk.drafts.save(draft("From the desk"), id);
    await phone.drafts.save(draft("From the phone"), there.id);
    await Promise.all([desk.sync(), phone.sync()]);
    await settle(desk, phone);
    const both = ["From the desk", "From the phone"];
    expect(await bodies(desk)).toEqual(both);
    expect(await bodies(phone)).toEqual(both);
  });

  test("are gone everywhere once they are deleted", async () => {
    const { desk, phone } = await twoDevices("bob5#beta.example");
    await desk.drafts.save(draft("Never mind"));
    await settle(desk, phone);
    await phone.drafts.remove((await onlyOne(phone)).id);
    expect(await phone.drafts.list()).toEqual([]);
    await settle(phone, desk, phone);
    expect(await desk.drafts.list()).toEqual([]);
    await expect(desk.drafts.get("none")).rejects.toSatisfy((error) => isSmimpError(error, "not_found"));
  });

  test("that were deleted on one device while the other wrote on stay", async () => {
    const { desk, phone } = await twoDevices("bob6#beta.example");
    const { id } = await desk.drafts.save(draft("Keep"));
    await settle(desk, phone);
    await phone.drafts.remove((await onlyOne(phone)).id);
    await desk.drafts.save(draft("Keep, really"), id);
    await settle(phone, desk, phone);
    expect(await bodies(desk)).toEqual(["Keep, really"]);
    expect(await bodies(phone)).toEqual(["Keep, really"]);
  });

  test("are sent once and gone everywhere, also where two devices send them", async () => {
    const { desk, phone } = await twoDevices("bob7#beta.example");
    const { id } = await desk.drafts.save(draft("Go"));
    await settle(desk, phone);
    const there = await onlyOne(phone);
    const [entry] = await Promise.all([desk.drafts.send(id), phone.drafts.send(there.id)]);
    expect(entry.copies).toMatchObject([
      { to: alice.address, state: "sent" },
      { own: true, state: "sent" },
    ]);
    expect(await desk.drafts.list()).toEqual([]);
    const { messages } = await alice.client.sync();
    expect(messages).toMatchObject([{ subject: "Idea", preview: "Go" }]);
    await settle(desk, phone);
    expect(await phone.drafts.list()).toEqual([]);
    expect(await phone.inbox.list()).toMatchObject([{ own: true, subject: "Idea" }]);
  });

  test("carry attachments from device to device", async () => {
    const { desk, phone, phoneCounting } = await twoDevices("bob8#beta.example");
    const file = (name: string, size: number) => ({ name, mediaType: "application/octet-stream", size, open: () => pieces(size) });
    const { id } = await desk.drafts.save(draft("Files", { attachments: [file("a.bin", 200_000)] }));
    const again = (await desk.drafts.get(id)).draft;
    await desk.drafts.save({ ...again, attachments: [...(again.attachments ?? []), file("b.bin", 10)] }, id);
    await settle(desk, phone);
    const there = await onlyOne(phone);
    const seen = (await phone.drafts.get(there.id)).draft.attachments ?? [];
    expect(seen.map(({ name }) => name)).toEqual(["a.bin", "b.bin"]);
    for (const attachment of seen) expect(await digestOf(attachment.open())).toEqual(await digestOf(pieces(attachment.size)));
    // Written on without a line: what another device attached is fetched later.
    phoneCounting.decide(() => "fail");
    await phone.drafts.save({ ...draft("Files, more"), attachments: seen }, there.id);
    phoneCounting.decide(() => "pass");
    await settle(phone, desk);
    const entry = await desk.drafts.send((await onlyOne(desk)).id);
    expect(entry.copies.every(({ state }) => state === "sent")).toBe(true);
    const [line] = (await alice.client.sync()).messages;
    if (line === undefined) throw new TypeError("nothing arrived");
    expect(await digestOf(alice.client.inbox.attachment(line.messageId, 0))).toEqual(await digestOf(pieces(200_000)));
    await settle(desk, phone);
    expect(await phone.drafts.list()).toEqual([]);
  });

  test("whose answer was lost on the way don't come back once they are sent or deleted", async () => {
    const { person, desk, phone } = await twoDevices("bob10#beta.example");
    await desk.sync();
    const lost = async (words: string, id?: string): Promise<string> => {
      const { id: saved } = await desk.drafts.save(draft(words), id);
      person.counting.decide(({ url }) => (url.includes("/send_message/") ? "drop" : "pass"));
      await desk.sync().catch((error: unknown) => expect(isSmimpError(error)).toBe(true));
      person.counting.decide(() => "pass");
      return saved;
    };
    await desk.drafts.send(await lost("Sent"));
    const edited = await lost("First words");
    await lost("Other words", edited);
    await desk.drafts.remove(edited);
    await settle(desk, phone, desk, phone);
    expect([await bodies(desk), await bodies(phone)]).toEqual([[], []]);
  });

  test("written on after an answer was lost stay one draft", async () => {
    const { person, desk, phone } = await twoDevices("bob11#beta.example");
    await desk.sync();
    const { id } = await desk.drafts.save(draft("First words"));
    person.counting.decide(({ url }) => (url.includes("/send_message/") ? "drop" : "pass"));
    await desk.sync().catch((error: unknown) => expect(isSmimpError(error)).toBe(true));
    person.counting.decide(() => "pass");
    await desk.drafts.save(draft("Other words"), id);
    await settle(desk, phone, desk, phone);
    expect([await bodies(desk), await bodies(phone)]).toEqual([["Other words"], ["Other words"]]);
  });

  test("whose answer was lost on the way are not doubled", async () => {
    const { person, desk, phone } = await twoDevices("bob9#beta.example");
    person.counting.decide(({ url }) => (url.includes("/send_message/") ? "drop" : "pass"));
    await desk.drafts.save(draft("Lost and found"));
    await desk.sync();
    expect(await onlyOne(desk)).toMatchObject({ synced: false });
    person.counting.decide(() => "pass");
    await settle(desk, phone);
    expect(await bodies(desk)).toEqual(["Lost and found"]);
    expect(await bodies(phone)).toEqual(["Lost and found"]);
  });

  test("are left on the server while somebody watches: again soon where it failed, and whatever others' servers do", async () => {
    const { person, desk, phone } = await twoDevices("bob12#beta.example");
    await settle(desk, phone);
    // A stranger, whose server keeps everybody waiting for her history.
    const stranger = await newPerson(network, "stranger#alpha.example");
    open.push(stranger.client);
    await stranger.client.send({ to: [person.address], subject: "Hello", body: "", keepCopy: false });
    const silence = Promise.withResolvers<"pass">();
    let refusals = 0;
    person.counting.decide(async ({ url }) => {
      if (decodeURIComponent(url).includes("stranger#")) return await silence.promise;
      return url.includes("/send_message/") && ++refusals <= 3 ? "fail" : "pass";
    });
    const ended = new AbortController();
    const connected = Promise.withResolvers<void>();
    const watching = (async () => {
      for await (const event of desk.watch({ signal: ended.signal })) if (event.type === "connection") connected.resolve();
    })();
    await connected.promise;
    await desk.drafts.save(draft("Soon there"));
    await expect.poll(async () => (await onlyOne(desk)).synced, { timeout: 30_000 }).toBe(true);
    expect(refusals).toBe(4);
    silence.resolve("pass");
    ended.abort();
    await watching;
    await settle(phone);
    expect(await bodies(phone)).toEqual(["Soon there"]);
  });
});
