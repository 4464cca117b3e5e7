import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { createMemoryStorage, linkDevice } from "@smimp/client";
import {
  fromB64,
  MIN_PASSPHRASE_MEMORY,
  openKeystore,
  parseKeystoreDocument,
  parseLinkCode,
  parsePhrase,
  phraseKeystoreKey,
  randomBytes,
  recoverySeed,
  toHex,
} from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesBelow, newPerson, sightingsOf, startNetwork, type Network, type Person } from "../src/index.ts";

// Protocol section 0: nothing that a person writes leaves their client readable, in no form, and nothing of it stands on a server.

const PLACES = [
  "subject",
  "body",
  "file name",
  "attachment",
  "answer",
  "folder",
  "label",
  "list note",
  "draft",
  "draft file",
  "automatic answer",
  "short message",
  "application",
  "key name",
  "secret key",
  "imported sender",
  "imported body",
  "device",
  "passphrase",
] as const;
type Place = (typeof PLACES)[number];

const canaries = new Map<Place, string>(PLACES.map((place) => [place, `canary${toHex(randomBytes(12))}`]));
const canary = (place: Place): string => canaries.get(place) ?? place;

let network: Network;
let folder: string;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  network = await startNetwork({ domains: ["alpha.example", "beta.example"] });
  folder = await mkdtemp(join(tmpdir(), "smimp-canary-"));
  const storage = await openSqliteStorage({
    file: join(folder, "mail.db"),
    passphrase: canary("passphrase"),
    cost: { memory: MIN_PASSPHRASE_MEMORY },
  });
  alice = await newPerson(network, "alice#alpha.example", { recordBodies: true, storage });
  bob = await newPerson(network, "bob#beta.example", { recordBodies: true });
});
afterAll(async () => {
  await Promise.all([alice.client.close(), bob.client.close()]);
  await network.close();
  await rm(folder, { recursive: true, force: true });
});

/** Nothing of what is looked for left either client, stands on a server or in a log, or on the sender's disk. */
async function expectNothingSighted(sightings = sightingsOf(canaries)): Promise<void> {
  for (const { address, counting } of [alice, bob]) {
    expect(counting.sent.length).toBeGreaterThan(10);
    expect(counting.sent.reduce((sum, { requestBytes }) => sum + requestBytes, 0)).toBeGreaterThan(100_000);
    for (const { method, url, headers, body } of counting.sent) {
      const all = Buffer.concat([Buffer.from(`${url}\n${JSON.stringify(headers)}\n`), ...body]);
      expect({ request: `${method} ${url} by ${address}`, sightings: sightings.in(all) }).toMatchObject({ sightings: [] });
    }
  }
  for (const server of network.servers) {
    expect(server.logs().length).toBeGreaterThan(0);
    expect(sightings.in(server.logs())).toEqual([]);
    expect((await filesBelow(server.config.dataDir)).length).toBeGreaterThan(1);
    expect(await sightings.below(server.config.dataDir)).toEqual([]);
  }
  // The sender's own files, outbox and attachments included.
  expect(await sightings.below(folder)).toEqual([]);
}

describe("a message with canaries in subject, body, file name and attachment", () => {
  it("arrives whole, and leaves nothing readable on its way, on any server or in any log", async () => {
    // Three chunks, the canary across the edge of the first two.
    const content = Buffer.alloc(150_000, 0x2e);
    content.write(canary("attachment"), 65_536 - 10);
    const attachment = {
      name: `${canary("file name")}.txt`,
      mediaType: "text/plain",
      size: content.length,
      open: async function* () {
        yield await Promise.resolve(new Uint8Array(content));
      },
    };
    const draft = {
      to: [bob.address],
      subject: `About ${canary("subject")}`,
      body: `Dear Bob, ${canary("body")}`,
      attachments: [attachment],
    };
    expect((await alice.client.send(draft)).copies).toMatchObject([{ state: "sent" }, { state: "sent", own: true }]);

    const [line] = (await bob.client.sync()).messages;
    if (line === undefined) throw new TypeError("nothing arrived");
    const message = await bob.client.inbox.read(line.messageId);
    expect(message).toMatchObject({ subject: draft.subject, body: draft.body, attachments: [{ name: attachment.name }] });
    const pieces: Uint8Array[] = [];
    for await (const piece of bob.client.inbox.attachment(line.messageId, 0)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(content)).toBe(true);

    const { ref, threadId } = message;
    if (ref === null) throw new TypeError("the message has no ref");
    const answer = { to: [alice.address], subject: `Re: ${draft.subject}`, body: canary("answer"), replyTo: { ref, threadId } };
    expect((await bob.client.send(answer)).copies).toMatchObject([{ state: "sent" }, { state: "sent" }]);
    await bob.client.sync();
    await alice.client.sync();
    expect((await alice.client.inbox.list()).map(({ preview }) => preview)).toContain(canary("answer"));

    await expectNothingSighted();
  });
});

describe("canaries in everything that an owner's devices keep on the server", () => {
  it("leave nothing readable either", async () => {
    const { client } = alice;
    const open = async function* () {
      yield await Promise.resolve(new Uint8Array(Buffer.from(canary("draft file"))));
    };
    const file = { name: "a.txt", mediaType: "text/plain", size: canary("draft file").length, open };
    const folderMade = await client.folders.create({ name: canary("folder") });
    const [line] = await client.inbox.list({ view: "inbox" });
    if (line === undefined) throw new TypeError("there is no message");
    await client.inbox.label([line.messageId], { add: [canary("label")] });
    await client.folders.move([line.messageId], folderMade.id);
    await client.lists.allow.add("#gamma.example", canary("list note"));
    await client.drafts.save({ to: [bob.address], subject: canary("draft"), body: canary("draft"), attachments: [file] });
    await client.autoReply.set({ text: canary("automatic answer") });
    await client.sendShort(bob.address, canary("short message"));
    await client.applications.send(bob.address, "x-custom-canary", Buffer.from(canary("application")));
    const key = Uint8Array.from(Buffer.from(canary("secret key")));
    await client.secretKeys.send(bob.address, { kind: "symmetric", name: canary("key name"), algorithm: "none", key });
    const imported = { from: canary("imported sender"), to: [], cc: [], date: null, messageId: null };
    await client.imports.add({
      key: canary("imported sender"),
      imported,
      subject: "Old",
      body: canary("imported body"),
      attachments: [],
      read: true,
    });
    await bob.client.send({ to: [alice.address], subject: "Are you there?", body: "" });
    for (const each of [alice, bob, alice, bob]) {
      await each.client.sync();
      await each.client.outbox.flush();
    }
    const [pending] = await bob.client.secretKeys.pending();
    if (pending === undefined) throw new TypeError("no key was handed over");
    expect(await bob.client.secretKeys.accept(pending.messageId)).toMatchObject({ key });
    expect((await bob.client.inbox.list()).map(({ preview }) => preview)).toEqual(
      expect.arrayContaining([canary("automatic answer"), canary("short message")]),
    );
    expect(await client.drafts.list()).toMatchObject([{ synced: true }]);
    await expectNothingSighted();
  });
});

describe("keys and words that a person alone holds", () => {
  it("leave neither them nor what seals them anywhere", async () => {
    const { client, phrase, counting, address } = alice;
    const deps = { fetch: counting.fetch, clock: network.clock, random: randomBytes, jitter: 0 };
    const linking = await linkDevice({ storage: createMemoryStorage(), address, deps, name: canary("device") });
    await client.devices.link(linking.linkCode);
    const other = await linking.finish();
    await other.sync();
    await client.sync();
    await client.keys.save();
    expect((await client.devices.list()).map(({ name }) => name)).toContain(canary("device"));
    await other.close();

    // With the words whatever the keystore holds can be looked for.
    const words = parsePhrase(phrase);
    const saved = counting.sent.findLast(({ method, url }) => method === "PUT" && url.includes("/keystore"));
    const { seed } = phraseKeystoreKey(words);
    const { key, text } = openKeystore(address, Buffer.concat([...(saved?.body ?? [])]), { phraseSeed: seed });
    const { master_seed: master, message_keys: messageKeys, archive_keys: archiveKeys } = parseKeystoreDocument(text);
    expect([messageKeys.length, archiveKeys.length]).not.toContain(0);
    const { secret } = parseLinkCode(linking.linkCode);
    const planted = new Map<string, string | Uint8Array>([
      ...canaries,
      ["phrase", phrase],
      ["phrase's bytes", words],
      ["recovery seed", recoverySeed(words, address)],
      ["phrase's seed", seed],
      ["link code", linking.linkCode],
      ["link secret", secret],
      ["K", key],
      ["master seed", fromB64(master)],
      ...messageKeys.map(({ seed: each }, index): [string, Uint8Array] => [`message key ${index}`, fromB64(each)]),
      ...archiveKeys.map(({ key: each }, index): [string, Uint8Array] => [`archive key ${index}`, fromB64(each)]),
    ]);
    await expectNothingSighted(sightingsOf(planted));
  });
});
