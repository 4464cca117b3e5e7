import { randomBytes as fastRandomBytes } from "node:crypto";
import {
  appendRecord,
  deviceLinkCode,
  fromB64,
  hash,
  MAX_DEVICE_LINK_BYTES,
  profileHash,
  signDeletion,
  signRecord,
  toB64,
  toHex32,
  xWingPublicKey,
  type Chain,
} from "@smimp/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  askKey,
  joinRaw,
  rawCaller,
  rawSession,
  sealRaw,
  sightingsOf,
  startNetwork,
  type Network,
  type RawCaller,
  type TestIdentity,
} from "../src/index.ts";
import { generous } from "./generous.ts";

// Protocol sections 3 and 8: what was deleted or replaced soon stands in none of the server's files, its write-ahead log included.

const ALPHA = "alpha.example";
/** How long the server takes at the most to empty its log, and room for a slow machine. */
const SOON = { timeout: 30_000 };
let network: Network;
let call: RawCaller;

beforeAll(async () => {
  network = await startNetwork({ domains: [ALPHA], config: generous });
  call = rawCaller(network.fetch, network.server(ALPHA).baseUrl);
});
afterAll(async () => await network.close());

interface Joined {
  readonly identity: TestIdentity;
  readonly token: string;
}

async function joined(name: string): Promise<Joined> {
  const { baseUrl } = network.server(ALPHA);
  const identity = await joinRaw(network, `${name}#${ALPHA}`, 5);
  return { identity, token: await rawSession(network, baseUrl, identity) };
}

/** A profile in place of the one before; null takes it away. Resolves with the longer chain. */
async function setProfile({ identity }: Joined, chain: Chain, profile: string | null): Promise<Chain> {
  const record = signRecord({
    address: identity.address,
    previous: chain.head,
    servers: chain.head.document.servers,
    profileHash: profile === null ? chain.head.document.profile_hash : profileHash(profile),
    changedAt: network.clock(),
    master: identity.master.publicKey,
    recovery: identity.recovery.publicKey,
    signer: identity.master,
  });
  expect((await call("updateProfile", { body: { record, profile } })).code).toBeNull();
  return appendRecord(chain, identity.address, record);
}

/** Something to look for, and how to look. */
function planted(bytes = new Uint8Array(fastRandomBytes(64))) {
  const sightings = sightingsOf(new Map([["it", bytes]]));
  const folder = network.server(ALPHA).config.dataDir;
  return { bytes, b64: toB64(bytes), find: async () => await sightings.below(folder) };
}

function avatarOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...bytes]);
}

function keystoreOf(version: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, 0, 0, 0, 0, 0, 0, version, ...bytes]);
}

/** A message with a blob that holds those bytes, from somebody to themselves; resolves with its id. */
async function mail({ identity, token }: Joined, content: Uint8Array<ArrayBuffer>) {
  const key = await askKey(call, token, identity.address);
  const blob = { hash: toHex32(hash(content)), size: content.length };
  expect((await call("putBlob", { token, params: { hash: blob.hash }, query: { ticket: key.ticket }, body: content })).status).toBe(201);
  const { statement, messageId } = sealRaw(identity, identity.address, key, network.clock(), { blobs: [blob] });
  expect((await call("sendMessage", { token, params: { address: identity.address }, body: statement })).code).toBeNull();
  return { id: messageId, envelope: Buffer.from(statement.data) };
}

// Side by side: each of them waits for the log to be emptied.
describe.concurrent("nothing is left in any file", () => {
  it("of a profile and an avatar whose owner has them deleted", async () => {
    const alice = await joined("alice");
    const name = planted(Buffer.from("a name that is not to be found"));
    const image = planted();
    const avatar = avatarOf(image.bytes);
    const { answer } = await call("postUserAvatar", { token: alice.token, body: avatar });
    const profile = JSON.stringify({ name: Buffer.from(name.bytes).toString(), avatar: { hash: answer.hash, media_type: "image/png" } });
    const chain = await setProfile(alice, alice.identity.chain, profile);
    expect([await name.find(), await image.find()]).not.toContainEqual([]);
    await setProfile(alice, chain, null);
    await expect.poll(async () => [...(await name.find()), ...(await image.find())], SOON).toEqual([]);
  });

  it("of a keystore that was erased, and of what was handed over and replaced", async () => {
    const { token } = await joined("bert");
    const [old, left] = [planted(), planted()];
    const first = await call("putKeystore", { token, body: keystoreOf(1, old.bytes), headers: { "if-none-match": "*" } });
    const seed = new Uint8Array(fastRandomBytes(32));
    const publicKey = xWingPublicKey(seed);
    const params = { code: deviceLinkCode(publicKey) };
    const handOver = async (sealed: string) =>
      await call("sealDeviceLink", { token, params, body: { sealed, public_key: toB64(publicKey) } });
    expect((await handOver(toB64(new Uint8Array([...left.bytes, ...new Uint8Array(MAX_DEVICE_LINK_BYTES - 64)])))).code).toBeNull();
    expect([await old.find(), await left.find()]).not.toContainEqual([]);
    const headers = { "if-match": first.headers.get("etag") ?? "" };
    expect((await call("putKeystore", { token, body: keystoreOf(2, fromB64("AAAA")), headers, query: { keep: "1" } })).status).toBe(204);
    expect((await handOver("AAAA")).code).toBeNull();
    await expect.poll(async () => [...(await old.find()), ...(await left.find())], SOON).toEqual([]);
  });

  it("of a message that was deleted, its attachment, and what was noted of it", async () => {
    const carol = await joined("carol");
    const { token } = carol;
    const [blob, noted, folder] = [planted(), planted(), planted()];
    const { id, envelope } = await mail(carol, new Uint8Array(blob.bytes));
    const sealed = planted(envelope);
    expect((await call("setMessageExtensions", { token, params: { id }, body: { extensions: noted.b64 } })).code).toBeNull();
    const body = { name: "f", message_type: "email", parent: null, display_name: folder.b64 };
    expect((await call("createFolder", { token, body })).code).toBeNull();
    const all = [blob, noted, folder, sealed];
    for (const each of all) expect(await each.find()).not.toEqual([]);
    expect((await call("deleteMessage", { token, params: { id } })).code).toBeNull();
    expect((await call("deleteFolder", { token, params: { name: "f" } })).code).toBeNull();
    await expect.poll(async () => (await Promise.all(all.map(async (each) => await each.find()))).flat(), SOON).toEqual([]);
  });

  it("of anything of an account that was deleted, but its chain and the names of its keys", async () => {
    const dora = await joined("dora");
    const { token, identity } = dora;
    const [blob, noted, listed, keystore, image] = [planted(), planted(), planted(), planted(), planted()];
    const name = planted(Buffer.from("another name that is not to be found"));
    const { id } = await mail(dora, new Uint8Array(blob.bytes));
    await call("setMessageExtensions", { token, params: { id }, body: { extensions: noted.b64 } });
    await call("addToBlocklist", { token, body: { entry: `enemy#${ALPHA}`, note: listed.b64 } });
    await call("putKeystore", { token, body: keystoreOf(1, keystore.bytes), headers: { "if-none-match": "*" } });
    const { answer } = await call("postUserAvatar", { token, body: avatarOf(image.bytes) });
    const profile = JSON.stringify({ name: Buffer.from(name.bytes).toString(), avatar: { hash: answer.hash, media_type: "image/png" } });
    const chain = await setProfile(dora, identity.chain, profile);
    const all = [blob, noted, listed, keystore, image, name];
    for (const each of all) expect(await each.find()).not.toEqual([]);
    const deletion = signDeletion({
      address: identity.address,
      server: network.server(ALPHA).baseUrl,
      link: chain.head.link,
      issuedAt: network.clock(),
      recovery: identity.recovery,
    });
    expect((await call("deleteAccount", { body: deletion })).code).toBeNull();
    await expect.poll(async () => (await Promise.all(all.map(async (each) => await each.find()))).flat(), SOON).toEqual([]);
  });
});
