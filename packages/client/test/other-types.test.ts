import type { Client, ClientEvent } from "@smimp/client";
import { isSmimpError, parseAddress, utf8 } from "@smimp/protocol";
import { newPerson, startNetwork, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, joinWithTwoDevices, pieces } from "./people.ts";

// Messages that are no email: short ones, those of applications, and keys that are handed over.

let network: Network;
let alice: Person;
let bob: Awaited<ReturnType<typeof joinWithTwoDevices>>;
let phone: Client;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"] });
  alice = await newPerson(network, "alice#alpha.example");
  bob = await joinWithTwoDevices(network, "bob#beta.example");
  phone = bob.second.client;
});
afterAll(async () => {
  for (const each of [alice.client, bob.client, phone]) await each.close();
  await network.close();
});

/** What happens until a condition holds, while somebody watches. */
async function watched(client: Client, until: (event: ClientEvent) => boolean): Promise<readonly ClientEvent[]> {
  const ended = new AbortController();
  const events: ClientEvent[] = [];
  for await (const event of client.watch({ signal: ended.signal })) {
    events.push(event);
    if (until(event)) ended.abort();
  }
  return events;
}

describe("short messages", () => {
  test("make a conversation, with what was said in both directions", async () => {
    const size = 5_000;
    const attachments = [{ name: "photo.jpg", mediaType: "image/jpeg", size, open: () => pieces(size) }];
    const entry = await alice.client.sendShort(bob.address, "Coming?", attachments);
    expect(entry).toMatchObject({ messageType: "short-message", copies: [{ state: "sent" }, { own: true, state: "sent" }] });
    const [line] = (await bob.client.sync()).messages;
    expect(line).toMatchObject({ messageType: "short-message", preview: "Coming?", subject: "" });
    if (line === undefined) throw new TypeError("nothing arrived");
    expect(await digestOf(bob.client.inbox.attachment(line.messageId, 0))).toEqual(await digestOf(pieces(size)));
    await bob.client.sendShort(alice.address, "In a minute.");
    await Promise.all([alice.client.sync(), bob.client.sync()]);
    const said = async (client: Client, people: readonly string[]): Promise<readonly string[]> =>
      (await client.inbox.conversation(people.map((each) => parseAddress(each)))).map(({ preview }) => preview).toSorted();
    expect(await said(alice.client, [bob.address])).toEqual(["Coming?", "In a minute."]);
    expect(await said(bob.client, [alice.address])).toEqual(["Coming?", "In a minute."]);
    expect(await said(bob.client, [bob.address])).toEqual([]);
    const [first] = await bob.client.inbox.conversation([alice.address]);
    expect(await bob.client.inbox.thread(first?.threadId ?? line.messageId)).toHaveLength(2);
  });

  test("among several stand apart from those between two", async () => {
    const carol = await newPerson(network, "carol#beta.example");
    await alice.client.sendShort([bob.address, carol.address], "All of us");
    await Promise.all([carol.client.sync(), bob.client.sync(), alice.client.sync()]);
    for (const [client, others] of [
      [carol.client, [alice.address, bob.address]],
      [bob.client, [carol.address, alice.address]],
      [alice.client, [bob.address, carol.address]],
    ] as const) {
      expect(await client.inbox.conversation(others)).toMatchObject([{ preview: "All of us" }]);
    }
    await carol.client.close();
  });
});

describe("messages of applications", () => {
  const TYPE = "x-custom-temperature";

  test("come as an event with their bytes, are listed by type, and stand in nobody's inbox", async () => {
    await bob.client.sync();
    const before = await bob.client.inbox.count();
    const waiting = watched(bob.client, ({ type }) => type === "custom");
    const bytes = Uint8Array.from([0, 255, 128, 10]);
    const entry = await alice.client.applications.send(bob.address, TYPE, bytes);
    expect(entry.copies).toMatchObject([{ state: "sent" }]);
    expect(await waiting).toContainEqual({
      type: "custom",
      message: expect.objectContaining({ from: alice.address, messageType: TYPE, bytes, own: false }) as unknown,
    });
    await alice.client.applications.send([bob.address], TYPE, utf8("second"));
    await alice.client.applications.send([bob.address], "x-custom-other", new Uint8Array());
    await bob.client.sync();
    await phone.sync();
    for (const client of [bob.client, phone]) {
      const listed = await client.applications.list(TYPE);
      expect(listed.map(({ bytes: each }) => Buffer.from(each).toString("hex")).toSorted()).toEqual(["00ff800a", "7365636f6e64"]);
      expect(await client.applications.list("x-custom-other")).toMatchObject([{ bytes: new Uint8Array() }]);
      expect(await client.applications.list("x-custom-unknown")).toEqual([]);
    }
    expect(await bob.client.inbox.count()).toEqual(before);
    const [newest, oldest] = await bob.client.applications.list(TYPE);
    if (newest === undefined || oldest === undefined) throw new TypeError("two were sent");
    expect(await bob.client.applications.list(TYPE, { after: newest.messageId })).toMatchObject([{ messageId: oldest.messageId }]);
    await bob.client.applications.remove(newest.messageId);
    await phone.sync();
    expect(await phone.applications.list(TYPE)).toMatchObject([{ messageId: oldest.messageId }]);
  });

  test("have types of their own", async () => {
    await expect(alice.client.applications.send(bob.address, "email", new Uint8Array())).rejects.toSatisfy((error) =>
      isSmimpError(error, "bad_request"),
    );
  });

  test("are nothing that the outbox shows for long", async () => {
    const entries = await alice.client.outbox.list();
    expect(entries.filter(({ messageType }) => messageType === TYPE)).toMatchObject([{ subject: "" }, { subject: "" }]);
  });
});

describe("keys that somebody hands over", () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  const transfer = { kind: "symmetric", name: "Backup key", algorithm: "xchacha20", key, note: "Use it well." } as const;

  test("wait until they are accepted, and are imported then, on both devices", async () => {
    const waiting = watched(bob.client, ({ type }) => type === "secret-key");
    await alice.client.secretKeys.send(bob.address, transfer);
    const event = (await waiting).find(({ type }) => type === "secret-key");
    expect(event).toMatchObject({
      key: { name: "Backup key", algorithm: "xchacha20", note: "Use it well.", kind: "symmetric", from: alice.address },
    });
    expect(JSON.stringify(event)).not.toContain('"key":"');
    await phone.sync();
    for (const client of [bob.client, phone]) {
      expect(await client.secretKeys.list()).toEqual([]);
      expect(await client.secretKeys.pending()).toHaveLength(1);
    }
    const [pending] = await bob.client.secretKeys.pending();
    if (pending === undefined) throw new TypeError("nothing waits");
    expect("key" in pending).toBe(false);
    expect(await bob.client.secretKeys.accept(pending.messageId)).toMatchObject({ key, name: "Backup key" });
    await phone.sync();
    for (const client of [bob.client, phone]) {
      expect(await client.secretKeys.pending()).toEqual([]);
      expect(await client.secretKeys.list()).toMatchObject([{ key, from: alice.address }]);
    }
    await expect(bob.client.secretKeys.accept(pending.messageId)).rejects.toSatisfy((error) => isSmimpError(error, "not_found"));
  });

  test("are never imported once they are declined", async () => {
    await alice.client.secretKeys.send(bob.address, { ...transfer, name: "Unwanted" });
    await bob.client.sync();
    const [pending] = await bob.client.secretKeys.pending();
    if (pending === undefined) throw new TypeError("nothing waits");
    await bob.client.secretKeys.decline(pending.messageId);
    await Promise.all([bob.client.sync(), phone.sync()]);
    for (const client of [bob.client, phone]) {
      expect(await client.secretKeys.pending()).toEqual([]);
      expect((await client.secretKeys.list()).map(({ name }) => name)).toEqual(["Backup key"]);
    }
    const [kept] = await phone.secretKeys.list();
    if (kept === undefined) throw new TypeError("one was accepted");
    await phone.secretKeys.remove(kept.messageId);
    expect(await phone.secretKeys.list()).toEqual([]);
  });

  test("are not kept in the outbox of whoever sent them", async () => {
    const sent = (await alice.client.outbox.list()).filter(({ messageType }) => messageType.startsWith("secret-"));
    expect(sent.length).toBe(2);
  });
});
