import {
  addSeconds,
  checkChain,
  EMAIL,
  encodeEmail,
  keyIdOf,
  newArchiveKey,
  parseAddress,
  parseBaseUrl,
  parseTimestamp,
  randomBytes,
  seal,
  SmimpError,
  signingKey,
  signRecord,
  toB64,
  toHex32,
  xWingPublicKey,
  type Address,
  type Chain,
  type Email,
  type Hex32,
  type SealedEnvelope,
  type SigningKey,
  type StoredMessage,
} from "@smimp/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { nameOf } from "../keystore/message-key-entries.ts";
import { remember } from "../keystore/removed.ts";
import { destroyKey, destroySecret, openingKey, storeKeys } from "../message-keys.ts";
import { createNotices } from "../notices.ts";
import { createPeople, type PeopleOptions } from "../people.ts";
import { pinSelf } from "../pins.ts";
import { createMemoryStorage } from "../storage/memory.ts";
import type { Storage } from "../storage/storage.ts";
import { storeArchiveKey } from "../archive-keys.ts";
import type { TakenIn } from "./arrival.ts";
import { getMessage } from "./documents.ts";
import { countOf, listSummaries } from "./summaries.ts";
import { takeIn, type TakeInParts } from "./take-in.ts";
import { listToReopen, noteTried } from "./unopened.ts";

// What only a server that cheats can bring about: it can't be made to by asking a real one.

const now = parseTimestamp("2026-11-23T00:00:00Z");
const baseUrl = parseBaseUrl("https://smimp.alpha.example/");
const archiveKey = newArchiveKey(randomBytes);

interface Someone {
  readonly address: Address;
  readonly master: SigningKey;
  readonly chain: Chain;
}

function someone(name: string): Someone {
  const address = parseAddress(`${name}#alpha.example`);
  const master = signingKey(randomBytes(32));
  const recovery = signingKey(randomBytes(32));
  const record = signRecord({
    address,
    previous: null,
    servers: [baseUrl],
    profileHash: null,
    changedAt: now,
    master,
    recovery,
    signer: master,
  });
  return { address, master, chain: checkChain(address, [record]) };
}

let me: Someone;
let sender: Someone;
let storage: Storage;
let parts: TakeInParts;
let peopleOptions: Pick<PeopleOptions, "fetch" | "clock" | "me">;

beforeEach(async () => {
  [me, sender] = [someone("me"), someone("sender")];
  storage = createMemoryStorage();
  const clock = () => now;
  const notices = createNotices(storage, clock, randomBytes);
  const fetch = async (): Promise<never> => {
    throw new SmimpError("temporarily_unavailable", "there is no network here");
  };
  peopleOptions = { fetch, clock, me: me.address };
  const people = createPeople({ ...peopleOptions, storage, notices });
  const self = { address: me.address, baseUrl, master: me.master, phraseKey: xWingPublicKey(randomBytes(32)) };
  parts = { storage, people, self, clock, random: randomBytes, notices };
  await storage.transact(async (writer) => {
    for (const { chain } of [me, sender]) pinSelf(storage, writer, { chain, baseUrl, profile: null });
  });
});

interface OwnKey {
  readonly keyId: Hex32;
  readonly publicKey: Uint8Array;
}

async function ownKey(seed = randomBytes(32)): Promise<OwnKey> {
  const publicKey = xWingPublicKey(seed);
  const keyId = keyIdOf(publicKey);
  const document = {
    seed: toB64(seed),
    kind: "ephemeral" as const,
    created_at: now,
    expires_at: addSeconds(now, 86_400),
    signed_by: me.master.publicKey,
    used_by: null,
    statement: null,
  };
  await storage.transact(async (writer) => storeKeys(writer, [{ keyId, document }]));
  return { keyId, publicKey };
}

function sealed(
  messageKey: OwnKey,
  ref = toHex32(randomBytes(32)),
  toLink = me.chain.head.link,
  more: Partial<Email> = {},
): SealedEnvelope {
  const email = { ref, to: [me.address], cc: [], subject: "Hi", date_sent: now, body: "Hello.", attachments: [], ...more };
  return seal({
    from: sender.address,
    to: me.address,
    messageType: EMAIL,
    fromLink: sender.chain.head.link,
    toLink,
    messageKey,
    plaintext: encodeEmail(email),
    blobs: [],
    ticket: toHex32(randomBytes(32)),
    master: sender.master,
    random: randomBytes,
  });
}

const arrive = async ({ statement, messageId }: SealedEnvelope, change: Partial<StoredMessage> = {}): Promise<TakenIn> =>
  await takeIn(
    parts,
    {
      message_id: messageId,
      envelope: statement,
      received_at: now,
      position: 1,
      received_via: "smimp_client",
      read: false,
      folder: null,
      pow: null,
      archive: null,
      summary: null,
      extensions: null,
      protocol_version: "1.0",
      ...change,
    },
    archiveKey,
  );

describe("taking messages in", () => {
  test("a single-use key that two messages name raises an alarm, while its secret is there and after", async () => {
    const key = await ownKey();
    expect(await arrive(sealed(key))).toMatchObject({ summary: { state: "open", subject: "Hi" }, notice: null });
    expect(await arrive(sealed(key))).toMatchObject({
      summary: { state: "invalid", reason: "key_used_twice", subject: "", preview: "" },
      notice: { code: "key_used_twice" },
    });
    await storage.transact(async (writer) => await destroySecret(writer, key.keyId));
    expect((await openingKey(storage, key.keyId)).size).toBe(0);
    expect(await arrive(sealed(key))).toMatchObject({ summary: { reason: "key_used_twice" }, notice: { code: "key_used_twice" } });
    expect(await parts.notices.list()).toHaveLength(2);
  });

  test("a message that was sealed anew after a lost answer is shown once", async () => {
    const ref = toHex32(randomBytes(32));
    expect(await arrive(sealed(await ownKey(), ref))).toMatchObject({ summary: { state: "open" } });
    expect(await arrive(sealed(await ownKey(), ref))).toEqual({ summary: null, notice: null, event: null });
    expect(await listSummaries(storage, { view: "all" }, {})).toHaveLength(1);
  });

  test("the same message twice is shown once", async () => {
    const envelope = sealed(await ownKey());
    expect(await arrive(envelope)).toMatchObject({ summary: { state: "open" } });
    expect(await arrive(envelope)).toEqual({ summary: null, notice: null, event: null });
  });

  test("a message under a signature that is not the sender's shows nothing of itself", async () => {
    const envelope = sealed(await ownKey());
    const statement = { ...envelope.statement, signature: toB64(randomBytes(64)) };
    expect(await arrive(envelope, { envelope: statement })).toMatchObject({
      summary: { state: "invalid", reason: "bad_signature", subject: "" },
    });
  });

  test("a message to a key that was never here is shown as such, and opens once the key comes", async () => {
    const seed = randomBytes(32);
    const publicKey = xWingPublicKey(seed);
    const envelope = sealed({ keyId: keyIdOf(publicKey), publicKey });
    expect(await arrive(envelope)).toMatchObject({ summary: { state: "invalid", reason: "key_unknown" }, notice: null });
    expect(await listToReopen(storage)).toEqual([]);
    // Tried again in vain, it is no news.
    expect(await arrive(envelope)).toEqual({ summary: null, notice: null, event: null });
    await ownKey(seed);
    expect(await listToReopen(storage)).toMatchObject([{ messageId: envelope.messageId }]);
    expect(await arrive(envelope)).toMatchObject({ summary: { state: "open", subject: "Hi" }, event: { type: "message" } });
    expect(await listToReopen(storage)).toEqual([]);
    expect(await listSummaries(storage, { view: "all" }, {})).toMatchObject([{ state: "open" }]);
  });

  test("a message that no key opens is tried again once another device has used its key up, or archived it", async () => {
    const publicKey = xWingPublicKey(randomBytes(32));
    const envelope = sealed({ keyId: keyIdOf(publicKey), publicKey });
    await arrive(envelope);
    const name = nameOf(keyIdOf(publicKey));
    await storage.transact(async (writer) => await remember(storage, writer, { name, until: addSeconds(now, 86_400) }, now));
    expect(await listToReopen(storage)).toMatchObject([{ messageId: envelope.messageId }]);
    await arrive(envelope);
    expect(await listToReopen(storage)).toEqual([]);
    const { id, key } = newArchiveKey(randomBytes);
    await storage.transact(async (writer) =>
      Promise.resolve(storeArchiveKey(writer, { id, key: toB64(key), month: now.slice(0, "2026-11".length) })),
    );
    expect(await listToReopen(storage)).toMatchObject([{ messageId: envelope.messageId }]);
  });

  test("a message whose key came and went before it was tried with it is tried again", async () => {
    const seed = randomBytes(32);
    const publicKey = xWingPublicKey(seed);
    const keyId = keyIdOf(publicKey);
    const envelope = sealed({ keyId, publicKey });
    await arrive(envelope);
    await ownKey(seed);
    await storage.transact(async (writer) => await destroyKey(writer, keyId));
    const due = await listToReopen(storage);
    expect(due).toMatchObject([{ messageId: envelope.messageId }]);
    // A server that doesn't deliver it is asked no more than any other.
    await noteTried(storage, due);
    expect(await listToReopen(storage)).toEqual([]);
  });

  test("a message that names an unknown record of mine waits while my own history can't be looked at", async () => {
    const envelope = sealed(await ownKey(), toHex32(randomBytes(32)), toHex32(randomBytes(32)));
    expect(await arrive(envelope)).toMatchObject({
      summary: { state: "unconfirmed", subject: "" },
      notice: { code: "history_withheld", address: me.address },
    });
  });

  test("what did not come from a client is marked", async () => {
    const taken = await arrive(sealed(await ownKey()), { received_via: "smtp_bridge" });
    expect(taken).toMatchObject({ summary: { state: "open", marks: { notAuthenticated: true } } });
  });

  test("what a server delivers under a wrong id is not taken in", async () => {
    const envelope = sealed(await ownKey());
    expect(await arrive(envelope, { message_id: toHex32(randomBytes(32)) })).toMatchObject({
      summary: null,
      notice: { code: "bad_request" },
    });
  });

  test("what a sender says of imported mail counts for nothing: only the owner imports", async () => {
    const imported = { from: "The Bank <bank@example.org>", to: [], cc: [], date: null, message_id: null };
    const taken = await arrive(sealed(await ownKey(), undefined, undefined, { extensions: { imported } }), { received_via: "import_api" });
    expect(taken).toMatchObject({ summary: { from: sender.address, imported: null, own: false, marks: { notAuthenticated: true } } });
  });
});

describe("a message that another device opened first", () => {
  test("keeps the mark that only that one could know of: its sender's key had been replaced", async () => {
    const first = sender.chain.records[0];
    if (first === undefined) throw new TypeError("there is no first record");
    const master = signingKey(randomBytes(32));
    const second = signRecord({
      address: sender.address,
      previous: first,
      servers: [baseUrl],
      profileHash: null,
      changedAt: now,
      master,
      recovery: first.document.recovery_key,
      signer: sender.master,
    });
    const chain = checkChain(sender.address, [first.statement, second]);
    const late = sealed(await ownKey());
    await storage.transact(async (writer) => pinSelf(storage, writer, { chain, baseUrl, profile: null }));
    expect(await arrive(late)).toMatchObject({ summary: { marks: { formerKey: true } } });
    const stored = await getMessage(storage, late.messageId);

    // The other device has the archive key, and has never heard of the sender.
    const other = createMemoryStorage();
    const notices = createNotices(other, () => now, randomBytes);
    parts = { ...parts, storage: other, notices, people: createPeople({ ...peopleOptions, storage: other, notices }) };
    await other.transact(async (writer) => storeArchiveKey(writer, { id: archiveKey.id, key: toB64(archiveKey.key), month: "2026-11" }));
    const sealedBy = { archive: stored?.archive ?? null, summary: stored?.sealedSummary ?? null };
    expect(await arrive(late, sealedBy)).toMatchObject({
      summary: { state: "open", subject: "Hi", marks: { formerKey: true, firstContact: false } },
    });
    expect((await getMessage(other, late.messageId))?.archived).toBe(true);
    // Nobody else's archive opens it.
    const another = sealed(await ownKey());
    expect(await arrive(another, sealedBy)).toMatchObject({ summary: { state: "unconfirmed", subject: "" } });
  });
});

describe("threads", () => {
  const ref = (): Hex32 => toHex32(randomBytes(32));
  const write = async (own: Hex32, more: Partial<Email>): Promise<void> =>
    void (await arrive(sealed(await ownKey(), own, undefined, { subject: own.slice(0, 4), ...more })));
  const threadOf = async (thread: Hex32): Promise<readonly string[]> =>
    (await listSummaries(storage, { thread }, {})).map(({ subject }) => subject).toSorted();
  const named = (...refs: readonly Hex32[]): readonly string[] => refs.map((each) => each.slice(0, 4)).toSorted();

  test("follow what is answered where no thread is named, in whatever order it comes", async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [2, 0, 1],
    ]) {
      const [first, second, third] = [ref(), ref(), ref()];
      const mails = [
        { own: first, more: {} },
        { own: second, more: { in_reply_to: first } },
        { own: third, more: { in_reply_to: second } },
      ];
      for (const index of order) await write(mails[index]?.own ?? first, mails[index]?.more ?? {});
      expect(await threadOf(first)).toEqual(named(first, second, third));
    }
  });

  test("are those that are named, whatever is answered", async () => {
    const [thread, one, two] = [ref(), ref(), ref()];
    await write(one, { thread_id: thread });
    await write(two, { thread_id: thread, in_reply_to: ref() });
    expect(await threadOf(thread)).toEqual(named(one, two));
    expect(await countOf(storage, storage, { thread })).toEqual({ total: 2, unread: 2 });
  });
});
