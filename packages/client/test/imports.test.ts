import type { Client, MailToImport } from "@smimp/client";
import { parseTimestamp } from "@smimp/protocol";
import { newPerson, startNetwork, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, joinRestartable, pieces } from "./people.ts";

let network: Network;
let alice: Person;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example"] });
  alice = await newPerson(network, "alice#alpha.example");
});
afterAll(async () => {
  await alice.client.close();
  await network.close();
});

const mail = (key: string, more: Partial<MailToImport> = {}): MailToImport => ({
  key,
  imported: {
    from: "Bob <bob@example.org>",
    to: ["alice@example.com"],
    cc: [],
    date: parseTimestamp("2019-05-01T10:00:00Z"),
    messageId: key,
  },
  subject: `Old ${key}`,
  body: "From the old days.",
  attachments: [],
  read: true,
  ...more,
});

describe("mail from elsewhere", () => {
  test("is shown with who claims to have written it, as not authenticated, at the time it claims", async () => {
    expect(await alice.client.imports.add(mail("one", { read: false }))).toBe("added");
    const { messages } = await alice.client.sync();
    expect(messages).toMatchObject([
      {
        subject: "Old one",
        own: false,
        read: false,
        state: "open",
        from: alice.address,
        receivedAt: "2019-05-01T10:00:00Z",
        imported: { from: "Bob <bob@example.org>", to: ["alice@example.com"], messageId: "one" },
        marks: { notAuthenticated: true, firstContact: false },
      },
    ]);
    const [line] = messages;
    if (line === undefined) throw new TypeError("nothing was imported");
    const whole = await alice.client.inbox.read(line.messageId);
    expect(whole).toMatchObject({
      body: "From the old days.",
      dateSent: "2019-05-01T10:00:00Z",
      imported: { date: "2019-05-01T10:00:00Z" },
    });
    expect(await alice.client.inbox.list({ view: "inbox" })).toHaveLength(1);
    expect(await alice.client.inbox.list({ view: "sent" })).toEqual([]);
  });

  test("comes once, however often it is imported, also after it was deleted", async () => {
    const twice = await Promise.all([alice.client.imports.add(mail("two")), alice.client.imports.add(mail("two"))]);
    expect(twice.toSorted()).toEqual(["added", "known"]);
    const { messages } = await alice.client.sync();
    expect(messages).toMatchObject([{ subject: "Old two", read: true }]);
    await alice.client.inbox.removeMany(messages.map(({ messageId }) => messageId));
    expect(await alice.client.imports.add(mail("two"))).toBe("known");
    expect((await alice.client.sync()).messages).toEqual([]);
  });

  test("brings its attachments, small and large", async () => {
    const sizes = [0, 17, 3_000_001];
    const attachments = sizes.map((size) => ({
      name: `${size}.bin`,
      mediaType: "application/octet-stream",
      size,
      open: () => pieces(size),
    }));
    expect(await alice.client.imports.add(mail("three", { attachments }))).toBe("added");
    const [line] = (await alice.client.sync()).messages;
    if (line === undefined) throw new TypeError("nothing was imported");
    for (const [index, size] of sizes.entries()) {
      expect(await digestOf(alice.client.inbox.attachment(line.messageId, index))).toEqual(await digestOf(pieces(size)));
    }
  });

  test("that is interrupted on the way is there once in the end", async () => {
    const person = await joinRestartable(network, "carol#alpha.example");
    person.counting.decide(({ url }) => (url.includes("/send_message/") ? "drop" : "pass"));
    await expect(person.client.imports.add(mail("four"))).rejects.toMatchObject({ code: "temporarily_unavailable" });
    const { client, counting } = await person.restart();
    counting.decide(({ url }) => (url.includes("/message_read/") ? "drop" : "pass"));
    await expect(client.imports.add(mail("four"))).rejects.toMatchObject({ code: "temporarily_unavailable" });
    counting.decide(() => "pass");
    expect(await client.imports.add(mail("four"))).toBe("added");
    const before = counting.sent.filter(({ url }) => url.includes("/send_message/")).length;
    expect(before).toBe(1);
    await client.sync();
    expect(await client.inbox.list()).toMatchObject([{ subject: "Old four" }]);
    // The second copy, whose answer was lost, is not kept on the server either.
    await client.sync();
    expect(await client.inbox.list()).toHaveLength(1);
    await client.close();
  });

  test("whose answer was lost is found by the next sync, and then marked and filed as it should be", async () => {
    const person = await joinRestartable(network, "erin#alpha.example");
    const folder = await person.client.folders.create({ name: "Old mail" });
    const moved = { folder: folder.id };
    person.counting.decide(({ url }) => (url.includes("/send_message/") ? "drop" : "pass"));
    await expect(person.client.imports.add(mail("nine", moved))).rejects.toMatchObject({ code: "temporarily_unavailable" });
    const { client } = await person.restart();
    expect((await client.sync()).messages).toMatchObject([{ subject: "Old nine", read: false, folder: null }]);
    expect(await client.imports.add(mail("nine", moved))).toBe("added");
    expect(await client.imports.add(mail("nine", moved))).toBe("known");
    await client.sync();
    expect(await client.inbox.list()).toMatchObject([{ subject: "Old nine", read: true, folder: folder.id }]);
    await client.close();
  });

  test("of one thread stands together; a date in the future counts as now", async () => {
    const thread = "<root@example.org>";
    const future = parseTimestamp("2199-01-01T00:00:00Z");
    await alice.client.imports.add(mail("five", { thread }));
    await alice.client.imports.add(mail("six", { thread, imported: { ...mail("six").imported, date: future } }));
    const lines = (await alice.client.sync()).messages;
    const threadId = lines[0]?.threadId;
    if (threadId === null || threadId === undefined) throw new TypeError("there is no thread");
    expect(await alice.client.inbox.thread(threadId)).toMatchObject([{ subject: "Old five" }, { subject: "Old six" }]);
    expect(lines.every(({ receivedAt }) => receivedAt <= network.clock())).toBe(true);
  });

  test("comes by the hundred, many at a time", async () => {
    const dora: Client = (await newPerson(network, "dora#alpha.example")).client;
    const keys = Array.from({ length: 120 }, (_, index) => `many ${index}`);
    const added = await Promise.all(keys.map(async (key) => await dora.imports.add(mail(key))));
    expect(new Set(added)).toEqual(new Set(["added"]));
    const { messages } = await dora.sync();
    expect(messages).toHaveLength(keys.length);
    expect(messages.every(({ state, read }) => state === "open" && read)).toBe(true);
    await dora.sync();
    expect(await dora.inbox.count()).toEqual({ total: keys.length, unread: 0 });
    await dora.close();
  });

  test("says so where it can't be: too long a text, an attachment of another size", async () => {
    await expect(alice.client.imports.add(mail("seven", { body: "x".repeat(2_000_000) }))).rejects.toMatchObject({ code: "bad_request" });
    const attachments = [{ name: "a", mediaType: "text/plain", size: 5, open: () => pieces(4) }];
    await expect(alice.client.imports.add(mail("eight", { attachments }))).rejects.toBeInstanceOf(TypeError);
  });
});
