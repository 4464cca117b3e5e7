import type { ClientEvent, InboxSummary, OutboxEntry, Progress } from "@smimp/client";
import { isSmimpError, parseAddress } from "@smimp/protocol";
import { newPerson, startNetwork, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, pieces } from "./people.ts";

let network: Network;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"] });
  alice = await newPerson(network, "alice#alpha.example", { name: "Alice" });
  bob = await newPerson(network, "bob#beta.example");
});
afterAll(async () => {
  await alice.client.close();
  await bob.client.close();
  await network.close();
});

const onlyOne = (messages: readonly InboxSummary[]): InboxSummary => {
  const [message] = messages;
  expect(messages).toHaveLength(1);
  if (message === undefined) throw new TypeError("there is no message");
  return message;
};

describe("mail between two domains", () => {
  test("a first message is delivered, opened and archived", async () => {
    const entry = await alice.client.send({ to: [bob.address], subject: "Hello", body: "First *light*.", keepCopy: false });
    expect(entry.copies).toMatchObject([{ to: bob.address, state: "sent", own: false, reason: null }]);
    const { messages, notices } = await bob.client.sync();
    expect(notices).toEqual([]);
    const line = onlyOne(messages);
    expect(line).toMatchObject({ from: alice.address, state: "open", subject: "Hello", read: false, own: false });
    const message = await bob.client.inbox.read(line.messageId);
    expect(message).toMatchObject({ ref: entry.ref, to: [bob.address], body: "First *light*.", threadId: entry.ref, inReplyTo: null });
    expect(message.marks).toEqual({ firstContact: true, revokedKey: false, formerKey: false, notAuthenticated: false });
    expect((await bob.client.sync()).messages).toEqual([]);
  });

  test("a message to a known correspondent costs two requests", async () => {
    alice.counting.reset();
    const entry = await alice.client.send({ to: [bob.address], subject: "Again", body: "Two requests.", keepCopy: false });
    expect(alice.counting.requests()).toBe(2);
    expect(entry.copies).toMatchObject([{ state: "sent", requests: 2 }]);
    expect((await bob.client.sync()).messages).toMatchObject([{ subject: "Again", marks: { firstContact: false } }]);
  });

  test("an answer stands in the thread, and its sender keeps a sealed copy", async () => {
    const [last] = await bob.client.inbox.list({ limit: 1 });
    const { ref, threadId } = await bob.client.inbox.read(onlyOne(last === undefined ? [] : [last]).messageId);
    if (ref === null) throw new TypeError("the message has no ref");
    const entry = await bob.client.send({ to: [alice.address], subject: "Re: Again", body: "Thanks!", replyTo: { ref, threadId } });
    expect(entry.copies).toMatchObject([
      { to: alice.address, own: false, state: "sent" },
      { to: bob.address, own: true, state: "sent" },
    ]);
    const arrived = await alice.client.inbox.read(onlyOne((await alice.client.sync()).messages).messageId);
    expect(arrived).toMatchObject({ from: bob.address, inReplyTo: ref, threadId, body: "Thanks!" });
    const copy = onlyOne((await bob.client.sync()).messages);
    expect(copy).toMatchObject({ from: bob.address, own: true, read: true, state: "open" });
    expect(await bob.client.inbox.read(copy.messageId)).toMatchObject({ body: "Thanks!", ref: entry.ref });
  });

  test("copies go to everybody; who is hidden stands nowhere", async () => {
    const carol = await newPerson(network, "carol#alpha.example");
    const draft = { to: [bob.address], cc: [alice.address], bcc: [carol.address], subject: "All", body: "Hi.", keepCopy: false };
    const entry = await bob.client.send(draft);
    expect(entry.copies.map(({ to, state }) => [to, state])).toEqual([
      [bob.address, "sent"],
      [alice.address, "sent"],
      [carol.address, "sent"],
    ]);
    for (const each of [alice, bob, carol]) {
      const line = onlyOne((await each.client.sync()).messages);
      expect(await each.client.inbox.read(line.messageId)).toMatchObject({ ref: entry.ref, to: [bob.address], cc: [alice.address] });
    }
    await carol.client.close();
  });

  test("attachments stream both ways, are verified, and report progress", async () => {
    const size = 3 * 1024 * 1024 + 17;
    const seen: Progress[] = [];
    const attachment = { name: "light.bin", mediaType: "application/octet-stream", size, open: () => pieces(size) };
    const empty = { name: "nothing.txt", mediaType: "text/plain", size: 0, open: () => pieces(0) };
    const draft = { to: [bob.address], subject: "Files", body: "Two.", attachments: [attachment, empty], keepCopy: false };
    const entry = await alice.client.send(draft, { onProgress: (progress) => seen.push(progress) });
    expect(entry.copies).toMatchObject([{ state: "sent", requests: 4 }]);
    const uploads = seen.filter(({ step, name }) => step === "upload" && name === "light.bin");
    expect(uploads.length).toBeGreaterThan(10);
    expect(uploads.at(-1)?.done).toBe(uploads.at(-1)?.total);

    const line = onlyOne((await bob.client.sync()).messages);
    const message = await bob.client.inbox.read(line.messageId);
    expect(message.attachments).toEqual([
      { index: 0, name: "light.bin", mediaType: "application/octet-stream", size },
      { index: 1, name: "nothing.txt", mediaType: "text/plain", size: 0 },
    ]);
    const downloads: Progress[] = [];
    const stream = bob.client.inbox.attachment(line.messageId, 0, { onProgress: (progress) => downloads.push(progress) });
    expect(await digestOf(stream)).toEqual(await digestOf(pieces(size)));
    expect(downloads.at(-1)).toMatchObject({ step: "download", name: "light.bin", done: size, total: size });
    expect(await digestOf(bob.client.inbox.attachment(line.messageId, 1))).toEqual(await digestOf(pieces(0)));
    await expect(digestOf(bob.client.inbox.attachment(line.messageId, 2))).rejects.toSatisfy((error) => isSmimpError(error, "not_found"));
  });

  test("a file of another size than announced is refused before anything is queued", async () => {
    const before = await alice.client.outbox.list();
    const attachment = { name: "short.bin", mediaType: "application/octet-stream", size: 10, open: () => pieces(9) };
    const draft = { to: [bob.address], subject: "Short", body: "", attachments: [attachment] };
    await expect(alice.client.send(draft)).rejects.toBeInstanceOf(TypeError);
    expect(await alice.client.outbox.list()).toEqual(before);
  });

  test("what was written can be taken out of the outbox again, attachments and hidden recipients included", async () => {
    const carol = parseAddress("carol#beta.example");
    const attachment = { name: "a.bin", mediaType: "application/octet-stream", size: 100_000, open: () => pieces(100_000) };
    const written = { to: [bob.address], cc: [], bcc: [carol], subject: "Later", body: "*Not* yet", attachments: [attachment] };
    const { id } = await alice.client.outbox.enqueue(written);
    const again = await alice.client.outbox.written(id);
    expect(again).toMatchObject({ ...written, attachments: [{ name: "a.bin", size: 100_000 }] });
    const [first] = again.attachments ?? [];
    expect(await digestOf(first?.open() ?? pieces(0))).toEqual(await digestOf(pieces(100_000)));
    const short = await alice.client.outbox.enqueueShort([bob.address], "On my way");
    expect(await alice.client.outbox.written(short.id)).toMatchObject({ to: [bob.address], subject: "", body: "On my way" });
    for (const each of [id, short.id]) await alice.client.outbox.remove(each);
    await expect(alice.client.outbox.written(id)).rejects.toSatisfy((error) => isSmimpError(error, "not_found"));
  });

  test("nothing is sent of what is being taken out of the outbox; where it can't be kept, it goes on", async () => {
    const { id } = await alice.client.outbox.enqueue({ to: [bob.address], subject: "Held", body: "" });
    const keep = async (entry: OutboxEntry): Promise<void> => {
      expect(entry.copies.every(({ state }) => state === "queued")).toBe(true);
      expect(await alice.client.outbox.flush({ force: true, id })).toEqual([]);
      expect(await alice.client.outbox.written(id)).toMatchObject({ subject: "Held" });
      throw new RangeError("no room for it");
    };
    await expect(alice.client.outbox.remove(id, { keep })).rejects.toThrow("no room for it");
    const [sent] = await alice.client.outbox.flush({ force: true, id });
    expect(sent?.copies.map(({ state }) => state)).toEqual(["sent", "sent"]);
  });

  test("both see the same safety number; it stays compared until keys change", async () => {
    const hers = await alice.client.contacts.get(bob.address);
    const his = await bob.client.contacts.get(alice.address);
    expect(hers?.safetyNumber).toMatch(/^[0-9]{60}$/);
    expect(his?.safetyNumber).toBe(hers?.safetyNumber);
    expect(hers?.verified).toBe(false);
    await alice.client.contacts.setVerified(bob.address, true);
    expect(await alice.client.contacts.get(bob.address)).toMatchObject({ verified: true });
    expect((await alice.client.contacts.resolve(bob.address)).firstContact).toBe(false);
    expect(await alice.client.contacts.get(bob.address)).toMatchObject({ verified: true });
    expect(await alice.client.contacts.get(alice.address)).toBeNull();
  });

  test("read states and deletions reach the server and stay", async () => {
    const [line] = await bob.client.inbox.list({ limit: 1 });
    const { messageId } = onlyOne(line === undefined ? [] : [line]);
    await bob.client.inbox.setRead(messageId, true);
    await bob.client.sync();
    expect(await bob.client.inbox.read(messageId)).toMatchObject({ read: true });
    await bob.client.inbox.remove(messageId);
    await bob.client.sync();
    await expect(bob.client.inbox.read(messageId)).rejects.toSatisfy((error) => isSmimpError(error, "not_found"));
    expect((await bob.client.inbox.list()).some((each) => each.messageId === messageId)).toBe(false);
  });

  test("lists page by page", async () => {
    const all = await bob.client.inbox.list();
    const first = await bob.client.inbox.list({ limit: 2 });
    const after = first.at(-1)?.messageId;
    if (after === undefined) throw new TypeError("there is no first page");
    expect([...first, ...(await bob.client.inbox.list({ after }))]).toEqual(all);
  });

  test("who does not exist is told at once, and only that copy fails", async () => {
    const nobody = parseAddress("nobody#beta.example");
    const entry = await alice.client.send({ to: [nobody, bob.address], subject: "Who?", body: "", keepCopy: false });
    expect(entry.copies).toMatchObject([
      { to: nobody, state: "failed", reason: "unknown_user" },
      { to: bob.address, state: "sent" },
    ]);
    expect(await alice.client.notices.list()).toMatchObject([{ code: "unknown_user", address: nobody }]);
    const [notice] = await alice.client.notices.list();
    await alice.client.notices.dismiss(notice?.id ?? "");
    expect(await alice.client.notices.list()).toEqual([]);
    await bob.client.sync();
  });

  test("who watches hears of a message as it comes", async () => {
    const stop = new AbortController();
    const heard: ClientEvent[] = [];
    let sent = false;
    for await (const event of bob.client.watch({ signal: stop.signal })) {
      heard.push(event);
      if (event.type === "connection" && !sent) {
        sent = true;
        await alice.client.send({ to: [bob.address], subject: "Live", body: "Now.", keepCopy: false });
      }
      if (event.type === "message" && event.message.subject === "Live") stop.abort();
    }
    expect(heard[0]).toEqual({ type: "connection", state: "connected", reason: null });
    expect(heard.filter(({ type }) => type === "message")).toHaveLength(1);
  });
});
