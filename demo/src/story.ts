import type { InboxMessage, OutboxEntry, Progress } from "@smimp/client";
import type { Network, Person } from "@smimp/testkit";
import { makeCanary, searchBytes, type Sighting } from "./canary.ts";
import { searchApart } from "./search-apart.ts";
import { ATTACHMENT_BYTES, digestOf, inPieces, makeContent } from "./content.ts";
import { formatBytes, type Report } from "./report.ts";
import { check, type Runner, type Shown } from "./runner.ts";

/** The two people and their domains. */
export const ALICE = { address: "alice#alpha.example", domain: "alpha.example", name: "Alice" } as const;
export const BOB = { address: "bob#beta.example", domain: "beta.example", name: "Bob" } as const;

/** Requests that a message to a known correspondent may cost (protocol section 6). */
const KNOWN_ROUND_TRIPS = 2;

/** What the story needs from outside. */
export interface Stage {
  readonly network: Network;
  readonly runner: Runner;
  readonly report: Report;
  /** The folder with everything that is written anywhere. */
  readonly dataDir: string;
  join(who: typeof ALICE | typeof BOB): Promise<Person>;
}

/** Plays the whole story, from two servers that start to the search for leaks. Ends early where a step fails. */
export async function play({ network, runner, report, dataDir, join: joinAs }: Stage): Promise<{ readonly people: readonly Person[] }> {
  const people: Person[] = [];
  const everybody = (): readonly Person["counting"][] => people.map((each) => each.counting);
  const only = (index: number) => (): readonly Person["counting"][] => people.slice(index, index + 1).map((each) => each.counting);
  const canaries = {
    subject: makeCanary("subject", "Hello from alpha.example,"),
    body: makeCanary("body", "The canary in this letter sings:"),
    fileName: makeCanary("file name", "photos"),
    attachment: makeCanary("attachment", "a canary in the file:"),
    reply: makeCanary("reply", "Thank you, Alice! And back to you:"),
  };
  const content = makeContent(canaries.attachment);
  const received: InboxMessage[] = [];

  const serve = async (domain: string): Promise<Shown> => {
    const { baseUrl, port } = await network.addServer(domain);
    await ready(network, baseUrl);
    return { proven: `answers as ${baseUrl} on port ${port}, TLS 1.3, certificate verified` };
  };
  const joinOne = async (who: typeof ALICE | typeof BOB): Promise<Shown> => {
    people.push(await joinAs(who));
    return { proven: `${who.address} has an address, 24 words for the drawer at home, and a lock of its own for each letter to come` };
  };
  const person = (index: number): Person => {
    const found = people[index];
    check(found !== undefined, "somebody did not join");
    return found;
  };

  await runner.run(
    "serve-a",
    `A server for ${ALICE.domain} starts`,
    () => [],
    async () => await serve(ALICE.domain),
  );
  await runner.run(
    "serve-b",
    `A server for ${BOB.domain} starts`,
    () => [],
    async () => await serve(BOB.domain),
  );
  await runner.run("join-alice", "Alice opens an account with her invite", only(0), async () => await joinOne(ALICE));
  await runner.run("join-bob", "Bob opens an account on the other domain", only(1), async () => await joinOne(BOB));

  await runner.run("send-first", "Alice writes to Bob for the first time", only(0), async () => {
    const bob = person(1).address;
    const entry = await person(0).client.send({ to: [bob], subject: canaries.subject.text, body: "Hello Bob!", keepCopy: false });
    delivered(entry);
    const pinned = await person(0).client.contacts.get(bob);
    check(pinned !== null, "Bob was not pinned");
    return { proven: "found Bob's server, remembers whom it met there, and did the small work that a stranger owes; only Bob can open it" };
  });

  await runner.run("send-known", "Alice writes to Bob again", only(0), async () => {
    const { client, counting } = person(0);
    const draft = { to: [person(1).address], subject: "Again", body: canaries.body.text, keepCopy: false };
    delivered(await client.send(draft));
    check(counting.requests() === KNOWN_ROUND_TRIPS, `a letter to somebody known took ${counting.requests()} requests instead of 2`);
    return { proven: "two requests: one for a lock that was never used, one for the letter in it" };
  });

  await runner.run("attachment", `Alice sends Bob a file of ${formatBytes(ATTACHMENT_BYTES)}`, only(0), async () => {
    const attachment = {
      name: `${canaries.fileName.text}.bin`,
      mediaType: "application/octet-stream",
      size: content.length,
      open: () => inPieces(content),
    };
    const draft = { to: [person(1).address], subject: "A file", body: "Here it is.", attachments: [attachment], keepCopy: false };
    delivered(await person(0).client.send(draft, { onProgress: showing(report, "upload") }));
    return { proven: "encrypted in pieces on its way out; the server stores what it can't read" };
  });

  await runner.run("receive", "Bob fetches, verifies and opens his mail", only(1), async () => {
    const { client } = person(1);
    const { messages } = await client.sync();
    for (const each of messages) {
      // oxlint-disable-next-line no-await-in-loop -- a person reads one letter after the other
      received.push(await client.inbox.read(each.messageId));
    }
    check(received.length === 3, `Bob has ${received.length} messages instead of 3`);
    check(
      received.every((each) => each.state === "open" && each.from === person(0).address),
      "a message is not verified as Alice's",
    );
    const file = received.find((each) => each.attachments[0]?.name === `${canaries.fileName.text}.bin`);
    check(
      file !== undefined &&
        received.some((each) => each.subject === canaries.subject.text) &&
        received.some((each) => each.body === canaries.body.text),
      "what Bob reads is not what Alice wrote",
    );
    const arrived = await digestOf(client.inbox.attachment(file.messageId, 0, { onProgress: showing(report, "download") }));
    const sent = await digestOf(inPieces(content));
    check(arrived.hash === sent.hash && arrived.size === sent.size, "the file is not the one that Alice sent");
    return { proven: "three letters, each signed by Alice; the file arrived bit by bit as it left; what opened them is destroyed" };
  });

  await runner.run("reply", "Bob answers, and Alice reads it", everybody, async () => {
    const first = received[0];
    check(first !== undefined && first.ref !== null, "there is nothing to answer");
    const draft = {
      to: [person(0).address],
      subject: "Re: hello",
      body: canaries.reply.text,
      replyTo: { ref: first.ref, threadId: first.threadId },
      keepCopy: false,
    };
    delivered(await person(1).client.send(draft));
    const { messages } = await person(0).client.sync();
    const [answer] = await Promise.all(messages.map(async (each) => await person(0).client.inbox.read(each.messageId)));
    check(answer?.state === "open" && answer.from === person(1).address, "the answer is not verified as Bob's");
    check(answer.body === canaries.reply.text && answer.inReplyTo === first.ref, "the answer is not what Bob wrote");
    return { proven: "signed by Bob, in the thread of the letter it answers" };
  });

  await runner.run("history", "Both check each other's history", everybody, async () => {
    const [alice, bob] = [person(0), person(1)];
    const seen = await alice.client.contacts.resolve(bob.address);
    check(seen.previousPin !== null && seen.previousPin.link === seen.pin.link, "Bob's history is not the one that was pinned");
    await bob.client.contacts.resolve(alice.address);
    const number = (await alice.client.contacts.get(bob.address))?.safetyNumber;
    check(
      typeof number === "string" && number === (await bob.client.contacts.get(alice.address))?.safetyNumber,
      "the safety numbers differ",
    );
    return { proven: `unchanged since first contact; safety number ${number.match(/.{1,5}/g)?.join(" ")} on both sides` };
  });

  await runner.run(
    "canary",
    "Looking for anything readable outside of the two programs",
    () => [],
    async () => {
      const planted = Object.values(canaries);
      const stored = await searchApart(dataDir, planted);
      const sightings: Sighting[] = [...stored.sightings];
      let bytes = stored.bytes;
      for (const { domain, logs } of network.servers) sightings.push(...searchBytes(`log of ${domain}`, Buffer.from(logs()), planted));
      for (const { address, counting } of people) {
        for (const request of counting.sent) {
          const whole = Buffer.concat([Buffer.from(`${request.url}\n${JSON.stringify(request.headers)}\n`), ...request.body]);
          bytes += whole.length;
          sightings.push(...searchBytes(`a request of ${address}`, whole, planted));
        }
      }
      const [seen] = sightings;
      check(seen === undefined, `the ${seen?.place} of a letter was found in ${seen?.where} (${seen?.form})`);
      const requests = people.reduce((sum, each) => sum + each.counting.sent.length, 0);
      return { proven: `nothing in ${stored.files} files, both logs and ${requests} requests (${formatBytes(bytes)} searched)`, bytes };
    },
  );
  return { people };
}

function delivered(entry: OutboxEntry): void {
  const failed = entry.copies.find((copy) => copy.state !== "sent");
  check(failed === undefined, `not delivered: ${failed?.detail ?? failed?.reason ?? failed?.state}`);
}

function showing(report: Report, step: Progress["step"]): (progress: Progress) => void {
  return (progress) => {
    if (progress.step === step && progress.total > 0) report.progress(progress.done / progress.total);
  };
}

async function ready(network: Network, baseUrl: string): Promise<void> {
  const answer = await network.fetch(`${baseUrl}version`, { redirect: "manual" });
  for await (const piece of answer.body ?? []) void piece;
  check(answer.status === 200, `the server answers ${answer.status}`);
}
