import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createAccount, createMemoryStorage, type Client } from "@smimp/client";
import { domainOf, messageIdOf, parseAddress, randomBytes, signingKey, type Hex32 } from "@smimp/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  askKey,
  createIdentity,
  deliverRaw,
  joinRaw,
  rawCaller,
  rawSession,
  sealRaw,
  startNetwork,
  tamperingFetch,
  type Network,
  type TamperingFetch,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol sections 3 and 6: a server that lies is caught; the client says what happened, and sends or shows nothing.

const ALPHA = "alpha.example";
const BETA = "beta.example";
let network: Network;
const clients: Client[] = [];

beforeAll(async () => {
  network = await startNetwork({ domains: [ALPHA, BETA], config: generous });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (client) => await client.close()));
});
afterAll(async () => await network.close());

async function person(address: string): Promise<{ client: Client; net: TamperingFetch }> {
  const parsed = parseAddress(address);
  const net = tamperingFetch(network.fetch);
  const invite = await network.invite(domainOf(parsed), parsed);
  const deps = { fetch: net.fetch, clock: network.clock, random: randomBytes };
  const { client } = await createAccount({ storage: createMemoryStorage(), invite, address: parsed, deps });
  clients.push(client);
  return { client, net };
}

/** What an operator who lies can do: change the server's own database. */
function asOperator(domain: string, sql: string, ...values: (string | null)[]): void {
  const database = new DatabaseSync(join(network.server(domain).config.dataDir, "smimp.sqlite"), { timeout: 5_000 });
  try {
    expect(database.prepare(sql).run(...values).changes).toBeGreaterThan(0);
  } finally {
    database.close();
  }
}

function emailText(subject: string, body: string): string {
  const ref = Buffer.from(randomBytes(32)).toString("hex");
  return JSON.stringify({ ref, to: [], cc: [], subject, date_sent: network.clock(), body, attachments: [] });
}

async function expectInvalid(client: Client, messageId: Hex32, reason: string): Promise<void> {
  const shown = (await client.inbox.list()).find((message) => message.messageId === messageId);
  expect([shown?.state, shown?.reason, shown?.subject, shown?.preview]).toEqual(["invalid", reason, "", ""]);
  const message = await client.inbox.read(messageId);
  expect([message.body, message.attachments]).toEqual(["", []]);
}

describe("a changed envelope", () => {
  it.each(["from_link", "to_link", "key_id", "encapsulation", "nonce", "ciphertext", "ticket"] as const)(
    "%s: nothing is shown",
    async (field) => {
      const name = field.replace("_", "");
      const { client } = await person(`changed${name}#${BETA}`);
      const alice = await joinRaw(network, `changer${name}#${ALPHA}`, 5);
      const envelope = await deliverRaw(network, alice, client.address, { text: emailText("secret subject", "secret body") });
      const value = envelope.document[field];
      const data = envelope.statement.data.replace(value, `${value.startsWith("0") ? "1" : "0"}${value.slice(1)}`);
      // The server is consistent in its lie: the id is that of the changed text.
      const messageId = messageIdOf({ data, signature: envelope.statement.signature });
      asOperator(BETA, "UPDATE messages SET message_id = ?, data = ? WHERE message_id = ?", messageId, data, envelope.messageId);
      await client.sync();
      await expectInvalid(client, messageId, "bad_signature");
    },
  );

  it("under the id of another: nothing is shown, and its owner is told", async () => {
    const { client } = await person(`mixed#${BETA}`);
    const alice = await joinRaw(network, `mixer#${ALPHA}`, 5);
    const { messageId } = await deliverRaw(network, alice, client.address, { text: emailText("secret subject", "secret body") });
    asOperator(BETA, "UPDATE messages SET message_id = ? WHERE message_id = ?", "00".repeat(32), messageId);
    const { notices } = await client.sync();
    expect(await client.inbox.list()).toEqual([]);
    expect(notices.map(({ code }) => code)).toEqual(["bad_request"]);
  });
});

describe("a key that was issued twice", () => {
  it("is an alarm, and the second message is not shown", async () => {
    const { client } = await person(`twice#${BETA}`);
    const alice = await joinRaw(network, `twicesender#${ALPHA}`, 5);
    const { baseUrl } = network.server(BETA);
    const call = rawCaller(network.fetch, baseUrl);
    const token = await rawSession(network, baseUrl, alice);
    const first = await askKey(call, token, client.address);
    const second = await askKey(call, token, client.address);
    const one = sealRaw(alice, client.address, first, network.clock(), { text: emailText("one", "one") });
    const two = sealRaw(alice, client.address, { ...second, message_key: first.message_key }, network.clock(), {
      text: emailText("two", "two"),
    });
    asOperator(BETA, "UPDATE tickets SET key_id = ? WHERE ticket = ?", one.document.key_id, second.ticket);
    for (const envelope of [one, two]) {
      const answer = await call("sendMessage", { token, params: { address: client.address }, body: envelope.statement });
      expect(answer.code).toBeNull();
    }
    const { notices } = await client.sync();
    const states = (await client.inbox.list()).map(({ state }) => state).sort();
    expect(states).toEqual(["invalid", "open"]);
    expect(notices.map(({ code }) => code)).toContain("key_used_twice");
  });
});

describe("another chain shown to the sender", () => {
  it("is an alarm, and the message is not shown", async () => {
    const { client } = await person(`shown#${BETA}`);
    const alice = await joinRaw(network, `misled#${ALPHA}`, 5);
    const { baseUrl } = network.server(BETA);
    const call = rawCaller(network.fetch, baseUrl);
    const token = await rawSession(network, baseUrl, alice);
    const key = await askKey(call, token, client.address);
    const honest = sealRaw(alice, client.address, key, network.clock());
    expect((await call("sendMessage", { token, params: { address: client.address }, body: honest.statement })).code).toBeNull();
    // The sender saw a chain that never was the recipient's, and sealed under its head.
    const invented = createIdentity(client.address, baseUrl, network.clock());
    const misled = sealRaw(alice, client.address, key, network.clock(), { toLink: invented.chain.head.link, text: emailText("x", "y") });
    asOperator(
      BETA,
      "UPDATE messages SET message_id = ?, data = ?, signature = ? WHERE message_id = ?",
      misled.messageId,
      misled.statement.data,
      misled.statement.signature,
      honest.messageId,
    );
    const { notices } = await client.sync();
    await expectInvalid(client, misled.messageId, "own_history_mismatch");
    expect(notices.map(({ code }) => code)).toContain("own_history_mismatch");
  });
});

describe("a history that was rewritten", () => {
  it.each(["truncated", "forked", "rolled back"] as const)("%s: nothing is sent", async (kind) => {
    const name = kind.replace(" ", "");
    const { client, net } = await person(`writer${name}#${BETA}`);
    const original = await joinRaw(network, `liar${name}#${ALPHA}`, 5);
    const grown = original.append();
    const call = rawCaller(network.fetch, network.server(ALPHA).baseUrl);
    expect((await call("updateProfile", { body: { record: grown.chain.head.statement, profile: null } })).code).toBeNull();
    const [copy] = (await client.send({ to: [grown.address], subject: "first", body: "hello" })).copies;
    expect(copy?.state).toBe("sent");

    const forked = original.append({ master: signingKey(randomBytes(32)) });
    const rewritten = { truncated: grown.truncated(1), forked: forked.history(), "rolled back": forked.append().history() }[kind];
    const head = kind === "truncated" ? original : forked;
    net.tamper((url, text) => {
      if (url.includes("/get_user/") && url.endsWith("/history")) return JSON.stringify(rewritten);
      if (!url.endsWith("/get_message_key")) return text;
      const { document, link } = head.chain.head;
      return JSON.stringify({ ...(JSON.parse(text) as object), public_key: document.public_key, sequence: document.sequence, link });
    });
    const before = net.urls.length;
    const [second] = (await client.send({ to: [grown.address], subject: "second", body: "secret", keepCopy: false })).copies;
    net.tamper(null);
    expect([second?.state, second?.reason]).toEqual(["failed", "history_rewritten"]);
    expect(net.urls.slice(before).filter((url) => url.includes("/send_message/"))).toEqual([]);
    expect((await client.notices.list()).map(({ code }) => code)).toContain("history_rewritten");
    // Also afterwards, when the server tells the truth again, its owner decides first.
    expect((await client.contacts.get(grown.address))?.link).toBe(grown.chain.head.link);
  });
});
