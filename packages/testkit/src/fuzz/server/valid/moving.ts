import {
  addSeconds,
  checkMessageKey,
  concat,
  DAY,
  hash,
  newDeviceLink,
  parseMessageType,
  randomBytes,
  seal,
  toB64,
  toHex32,
  uint64be,
  utf8,
  type BlobReference,
} from "@smimp/protocol";
import { createIdentity, type TestIdentity } from "../../../identity.ts";
import { rawSession } from "../../../raw-caller.ts";
import type { World } from "../world.ts";
import { newName, type Builders, type Parts } from "./parts.ts";

/** The lines of an account that moves here, one of each kind. */
export async function movingLines(
  world: World,
): Promise<{ readonly identity: TestIdentity; readonly code: string; readonly lines: readonly object[] }> {
  const { network, people, server } = world;
  const now = network.clock();
  const identity = createIdentity(`${newName("mover")}#people.example`, people.baseUrl, now).append({
    servers: [people.baseUrl, server.baseUrl],
  });
  people.show(identity.address, identity);
  const { code } = await network.invite("alpha.example", identity.address);
  const keystore = concat(uint64be(1), randomBytes(100));
  const image = concat(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), randomBytes(100));
  const device = newDeviceLink(randomBytes);
  const blob = randomBytes(300);
  const reference = { hash: toHex32(hash(blob)), size: blob.length };
  const content = [
    { kind: "account", address: identity.address, state: "7", created_at: now, list_key: toB64(randomBytes(32)), profile: null },
    ...identity.history().records.map((record) => ({ kind: "record", record, accepted_at: now })),
    { kind: "nonephemeral_key", key: identity.messageKey("non_ephemeral", now).statement },
    { kind: "known_key", key_id: toHex32(randomBytes(32)), expires_at: "2099-01-01T00:00:00Z" },
    { kind: "keystore", version: 1, stored_at: now, size: keystore.length },
    { kind: "bytes", bytes: toB64(keystore) },
    { kind: "avatar", hash: toHex32(hash(image)), size: image.length, media_type: "image/png" },
    { kind: "bytes", bytes: toB64(image) },
    {
      kind: "hand_over",
      code: device.code,
      public_key: toB64(device.publicKey),
      sealed: toB64(randomBytes(1_400)),
      expires_at: addSeconds(now, DAY),
    },
    { kind: "folder", name: newName("folder"), message_type: "email", parent: null, display_name: toB64(randomBytes(80)) },
    { kind: "list_entry", list: "blocklist", hash: toHex32(randomBytes(32)), note: null, created_at: now },
    { kind: "correspondent", address: "bob#beta.example", first_accepted_at: now },
    { kind: "remembered", message_id: toHex32(randomBytes(32)), destroyed_at: now },
    { kind: "message", ...movedMessage(world, identity, reference) },
    { kind: "blob", ...reference },
    { kind: "bytes", bytes: toB64(blob) },
  ];
  return { identity, code, lines: [...content, { kind: "end", lines: content.length }] };
}

/** A message that the account had where it comes from. */
function movedMessage({ bob, network }: World, identity: TestIdentity, blob: BlobReference): object {
  const now = network.clock();
  const { statement: key } = identity.messageKey("ephemeral", now);
  const { statement, messageId } = seal({
    from: bob.address,
    to: identity.address,
    messageType: parseMessageType("email"),
    fromLink: bob.chain.head.link,
    toLink: identity.chain.head.link,
    messageKey: checkMessageKey({ statement: key, address: identity.address, publicKey: identity.master.publicKey, now }),
    plaintext: utf8("{}"),
    blobs: [blob],
    ticket: toHex32(randomBytes(32)),
    master: bob.master,
    random: randomBytes,
  });
  return {
    message_id: messageId,
    envelope: { data: statement.data, signature: statement.signature },
    received_at: now,
    position: 1,
    received_via: "smimp_client",
    read: true,
    folder: null,
    pow: null,
    archive: null,
    summary: null,
    extensions: null,
    protocol_version: "1.0",
  };
}

/** The body of an import. */
export function importBody(code: string | null, lines: readonly object[]): Uint8Array {
  return utf8([{ code }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(""));
}

async function importAccount(world: World): Promise<Parts> {
  const { identity, code, lines } = await movingLines(world);
  const token = await rawSession(world.network, world.server.baseUrl, identity);
  return { bytes: importBody(code, lines), headers: { "smimp-authentication": token } };
}

/** Accounts that come and go. */
export const MOVING_BUILDERS: Builders = { exportAccount: () => ({}), importAccount };
