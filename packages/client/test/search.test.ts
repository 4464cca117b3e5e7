import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openClient, type Client, type SearchEngine, type Storage } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { createSqliteSearch } from "@smimp/client/sqlite-search";
import { DAY, MIN_PASSPHRASE_MEMORY, randomBytes } from "@smimp/protocol";
import { fakeClock, newPerson, startNetwork, type FakeClock, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

// Search through the whole client: mail that came over the network, in a mailbox on a disk.

const CANARY = "quetzalcanary";

let clock: FakeClock;
let network: Network;
let folder = "";
let alice: Person;
let bob: Person;
let client: Client;
let storage: Storage;

const open = async (search: SearchEngine = createSqliteSearch()): Promise<Client> => {
  storage = await openSqliteStorage({ file: join(folder, "mail.db"), passphrase: "correct horse" });
  const deps = { fetch: network.fetch, clock: network.clock, random: randomBytes, jitter: 0, search };
  return await openClient({ storage, deps });
};
/** Whether a word stands in the sealed copy of the index. */
const sealed = async (word: string): Promise<boolean> =>
  Buffer.concat((await storage.list("search-chunks")).map(({ value }) => value)).includes(word);
const found = async (query: string): Promise<readonly string[]> => (await client.search.find(query)).hits.map(({ subject }) => subject);

beforeAll(async () => {
  clock = fakeClock();
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock });
  folder = await mkdtemp(join(tmpdir(), "smimp-search-"));
  alice = await newPerson(network, "alice#alpha.example", { name: "Alice Äpfel" });
  const cost = { memory: MIN_PASSPHRASE_MEMORY };
  const first = await openSqliteStorage({ file: join(folder, "mail.db"), passphrase: "correct horse", cost });
  bob = await newPerson(network, "bob#beta.example", { storage: first });
  await bob.client.close();
  client = await open();
});
afterAll(async () => {
  await alice.client.close();
  await client.close();
  await network.close();
  await rm(folder, { recursive: true, force: true });
});

test("what came is found by words, people and files, with a snippet, and after a restart too", async () => {
  const attachments = [
    {
      name: "Bericht.pdf",
      mediaType: "application/pdf",
      size: 1,
      open: async function* () {
        yield Uint8Array.of(1);
      },
    },
  ];
  await alice.client.send({ to: [bob.address], subject: "Report", body: `The ${CANARY} is *here*.`, attachments });
  await alice.client.send({ to: [bob.address], subject: "Lunch", body: "Today?" });
  await client.sync();
  await client.send({ to: [alice.address], subject: "Sent", body: "Yes, today." });
  await client.sync();
  expect(await found(CANARY.toUpperCase())).toEqual(["Report"]);
  expect((await found("today")).toSorted()).toEqual(["Lunch", "Sent"]);
  expect(await found("in:sent")).toEqual(["Sent"]);
  expect((await found("from:apfel")).toSorted()).toEqual(["Lunch", "Report"]);
  expect(await found("bericht has:attachment")).toEqual(["Report"]);
  expect((await client.search.find(CANARY)).hits[0]?.snippet.filter(({ match }) => match)).toEqual([{ text: CANARY, match: true }]);
  await client.close();
  client = await open();
  expect(await client.search.status()).toEqual({ indexed: 3, pending: 0 });
  expect(await found("quetzal")).toEqual(["Report"]);
});

test("folders, labels, stars and what is read count at once, also while somebody watches", async () => {
  const [report] = (await client.search.find("report")).hits;
  if (report === undefined) throw new TypeError("nothing was found");
  const { id } = await client.folders.create({ name: "Späteres" });
  await client.folders.move([report.messageId], id);
  await client.inbox.label([report.messageId], { add: ["Work"] });
  await client.inbox.setRead(report.messageId, true);
  expect(await found("in:spateres label:work -is:unread")).toEqual(["Report"]);
  expect(await found("in:inbox is:unread")).toEqual(["Lunch"]);
  const stop = new AbortController();
  const events = client.watch({ signal: stop.signal });
  const arrived = (async () => {
    for await (const event of events) if (event.type === "message") stop.abort();
  })();
  await alice.client.send({ to: [bob.address], subject: "Live", body: "while watching" });
  await arrived;
  expect(await found("watching")).toEqual(["Live"]);
});

test("what is deleted is not found any more, and nothing stands in clear on the disk", async () => {
  const [report] = (await client.search.find("report")).hits;
  if (report === undefined) throw new TypeError("nothing was found");
  await client.inbox.remove(report.messageId);
  expect(await found("quetzal")).toEqual([]);
  await client.search.forget([report.messageId]);
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name));
    for (const word of [CANARY, CANARY.slice(2), "Bericht", "bericht", "Work", "work"])
      expect([name, word, bytes.includes(word)]).toEqual([name, word, false]);
  }
});

test("what was burned is gone from the index and its sealed copy", async () => {
  await alice.client.send({ to: [bob.address], subject: "Old", body: "An ocelotcanary of then." });
  await client.sync();
  await client.sync();
  expect(await found("ocelotcanary")).toEqual(["Old"]);
  await client.search.forget([]);
  expect(await sealed("elotcanary")).toBe(true);
  clock.advance(40 * DAY);
  await alice.client.send({ to: [bob.address], subject: "New", body: "A pelicancanary of now." });
  await client.sync();
  expect((await client.keys.burnBefore(clock().slice(0, 7))).messages).toBeGreaterThan(0);
  await client.sync();
  expect([await sealed("elotcanary"), await found("ocelotcanary"), await found("pelicancanary")]).toEqual([false, [], ["New"]]);
});

test("what was burned goes from the sealed copy with the next sync where the program ended before", async () => {
  await alice.client.send({ to: [bob.address], subject: "Older", body: "A lynxcanary of then." });
  await client.sync();
  expect(await found("lynxcanary")).toEqual(["Older"]);
  await client.search.forget([]);
  await client.close();
  clock.advance(40 * DAY);

  const engine = createSqliteSearch();
  // The index's thread is gone at the moment when the burned words are to go.
  client = await open({
    ...engine,
    open: async (image) => ({ ...(await engine.open(image)), image: async () => await Promise.reject(new Error("the program ends here")) }),
  });
  await expect(client.keys.burnBefore(clock().slice(0, 7))).rejects.toThrow("the program ends here");
  await client.close();
  client = await open();
  expect(await sealed("nxcanary")).toBe(true);
  await client.sync();
  expect([await sealed("nxcanary"), await found("lynxcanary")]).toEqual([false, []]);
  expect(await storage.list("burned-words")).toEqual([]);
});
