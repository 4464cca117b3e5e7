import { openClient, type Client } from "@smimp/client";
import type { Fetch, FetchResponse } from "@smimp/identity";
import { DAY, parseJson, randomBytes, type JsonValue } from "@smimp/protocol";
import { fakeClock, newPerson, startNetwork, type FakeClock, type Network, type Person } from "@smimp/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { joinRestartable, type Restartable } from "./people.ts";

let clock: FakeClock;
let network: Network;
let alice: Restartable;
let bob: Person;
let mallory: Person;

beforeAll(async () => {
  clock = fakeClock();
  network = await startNetwork({ domains: ["alpha.example", "beta.example"], clock });
  alice = await joinRestartable(network, "alice#alpha.example");
  bob = await newPerson(network, "bob#beta.example");
  mallory = await newPerson(network, "mallory#beta.example");
});
afterAll(async () => {
  for (const each of [alice, bob, mallory]) await each.client.close();
  await network.close();
});

interface Forged {
  readonly client: Client;
  readonly urls: readonly string[];
}

/** Alice's program with a peer in between that changes the JSON of answers. */
async function withForger(forge: (url: string, answer: JsonValue) => JsonValue): Promise<Forged> {
  const urls: string[] = [];
  const fetch: Fetch = async (url, init) => {
    urls.push(url);
    const response = await network.fetch(url, init);
    if (response.headers.get("content-type")?.startsWith("application/json") !== true) return response;
    return await changed(response, (answer) => forge(url, answer));
  };
  const client = await openClient({ storage: alice.storage, deps: { fetch, clock, random: randomBytes } });
  return { client, urls };
}

async function changed(response: FetchResponse, change: (answer: JsonValue) => JsonValue): Promise<FetchResponse> {
  const parts: Uint8Array[] = [];
  for await (const part of response.body ?? []) parts.push(part);
  const text = JSON.stringify(change(parseJson(Buffer.concat(parts).toString("utf8"))));
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  };
  const headers = { get: (name: string) => (name.toLowerCase() === "content-length" ? null : response.headers.get(name)) };
  return { status: response.status, headers, body: body() };
}

const isObject = (value: JsonValue): value is Record<string, JsonValue> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const draft = () => ({ to: [bob.address], subject: "Secret", body: "For Bob alone.", keepCopy: false });

describe("what must never happen", () => {
  test("another head than the pinned history allows: nothing is sealed or sent, and the person is told", async () => {
    await alice.client.send(draft());
    const { client, urls } = await withForger((url, answer) =>
      url.endsWith("get_message_key") && isObject(answer) ? { ...answer, link: "0".repeat(64) } : answer,
    );
    const entry = await client.send(draft());
    expect(entry.copies).toMatchObject([{ state: "failed", reason: "history_rewritten", messageId: null }]);
    expect(urls.some((url) => url.includes("send_message"))).toBe(false);
    expect(await client.notices.list()).toMatchObject([
      { code: "history_rewritten", address: bob.address },
      { code: "history_rewritten", address: bob.address },
    ]);
  });

  test("somebody else's history under a known address: nothing is sent", async () => {
    const { records } = await historyOf(mallory);
    const { client, urls } = await withForger((url, answer) => {
      if (url.endsWith("get_message_key") && isObject(answer)) return { ...answer, link: "1".repeat(64) };
      return url.endsWith("/history") && isObject(answer) ? { ...answer, records } : answer;
    });
    const entry = await client.send(draft());
    expect(entry.copies).toMatchObject([{ state: "failed", reason: "history_invalid" }]);
    expect(urls.some((url) => url.includes("send_message"))).toBe(false);
  });

  test("a message key that somebody else signed: nothing is sealed to it", async () => {
    const stolen: JsonValue[] = [];
    const spy = await withForger((url, answer) => {
      if (url.endsWith("get_message_key") && isObject(answer)) stolen.push(answer["message_key"] ?? null);
      return answer;
    });
    await spy.client.send({ ...draft(), to: [mallory.address] });
    const { client, urls } = await withForger((url, answer) =>
      url.endsWith("get_message_key") && isObject(answer) ? { ...answer, message_key: stolen[0] ?? null } : answer,
    );
    const entry = await client.send(draft());
    expect(entry.copies).toMatchObject([{ state: "failed", reason: "bad_signature" }]);
    expect(urls.some((url) => url.includes("send_message"))).toBe(false);
  });

  test("a server that confirms another message has not confirmed this one", async () => {
    const { client } = await withForger((url, answer) => (url.includes("send_message") ? { message_id: "2".repeat(64) } : answer));
    const entry = await client.send(draft());
    expect(entry.copies).toMatchObject([{ state: "queued", reason: "temporarily_unavailable" }]);
    const [sent] = await alice.client.outbox.flush({ id: entry.id, force: true });
    expect(sent?.copies).toMatchObject([{ state: "sent" }]);
  });

  test("a changed envelope is shown as invalid, with the reason and without content", async () => {
    await bob.client.send({ to: [alice.address], subject: "Real", body: "As written.", keepCopy: false });
    const fetch: Fetch = async (url, init) => {
      const response = await network.fetch(url, init);
      return url.endsWith("/messages") ? await changedLines(response) : response;
    };
    const client = await openClient({ storage: alice.storage, deps: { fetch, clock, random: randomBytes } });
    const { messages, notices } = await client.sync();
    // Its id no longer fits what the server says it is: nobody can tell whose it is.
    expect(messages).toEqual([]);
    expect(notices).toMatchObject([{ code: "bad_request" }]);
  });

  test("a server that can't be reached for 5 days: the message is given up with a clear notice", async () => {
    const stubborn = await newPerson(network, "dora#alpha.example");
    stubborn.counting.decide(({ url }) => (url.includes("beta.example") ? "fail" : "pass"));
    const first = await stubborn.client.send(draft());
    expect(first.copies).toMatchObject([{ state: "queued", attempts: 1 }]);
    expect(await stubborn.client.outbox.flush()).toEqual([]);
    let attempts = 0;
    for (let days = 0; days < 6; days += 0.25) {
      clock.advance(DAY / 4);
      attempts += (await stubborn.client.outbox.flush()).length;
    }
    expect(attempts).toBeGreaterThan(15);
    expect(await stubborn.client.outbox.get(first.id)).toMatchObject({ copies: [{ state: "failed", reason: "temporarily_unavailable" }] });
    expect(await stubborn.client.notices.list()).toMatchObject([{ code: "delivery_given_up", address: bob.address }]);
    await stubborn.client.close();
  });
});

async function historyOf(person: Person): Promise<{ readonly records: JsonValue }> {
  const url = `${person.client.baseUrl}1.0/get_user/${encodeURIComponent(person.address)}/history`;
  const response = await network.fetch(url, { redirect: "manual" });
  const parts: Uint8Array[] = [];
  for await (const part of response.body ?? []) parts.push(part);
  const answer = parseJson(Buffer.concat(parts).toString("utf8"));
  return { records: isObject(answer) ? (answer["records"] ?? null) : null };
}

async function changedLines(response: FetchResponse): Promise<FetchResponse> {
  const parts: Uint8Array[] = [];
  for await (const part of response.body ?? []) parts.push(part);
  const text = Buffer.concat(parts)
    .toString("utf8")
    .replaceAll(String.raw`\"message_type\":\"email\"`, String.raw`\"message_type\":\"short-message\"`);
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  };
  return { status: response.status, headers: response.headers, body: body() };
}
