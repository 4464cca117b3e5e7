import { randomBytes, toB64, toHex32, uint64be, utf8, concat, seal, checkMessageKey, parseMessageType } from "@smimp/protocol";
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
  const content = [
    { kind: "account", address: identity.address, state: "7", created_at: now, list_key: toB64(randomBytes(32)), profile: null },
    ...identity.history().records.map((record) => ({ kind: "record", record, accepted_at: now })),
    { kind: "nonephemeral_key", key: identity.messageKey("non_ephemeral", now).statement },
    { kind: "known_key", key_id: toHex32(randomBytes(32)), expires_at: "2099-01-01T00:00:00Z" },
    { kind: "keystore", version: 1, stored_at: now, size: keystore.length },
    { kind: "bytes", bytes: toB64(keystore) },
    { kind: "folder", name: newName("folder"), message_type: "email", parent: null, display_name: toB64(randomBytes(80)) },
    { kind: "list_entry", list: "blocklist", hash: toHex32(randomBytes(32)), note: null, created_at: now },
    { kind: "correspondent", address: "bob#beta.example", first_accepted_at: now },
    { kind: "remembered", message_id: toHex32(randomBytes(32)), destroyed_at: now },
    { kind: "message", ...movedMessage(world, identity) },
  ];
  return { identity, code, lines: [...content, { kind: "end", lines: content.length }] };
}

/** A message that the account had where it comes from. */
function movedMessage({ bob, network }: World, identity: TestIdentity): object {
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
    blobs: [],
    ticket: toHex32(randomBytes(32)),
    master: bob.master,
    random: randomBytes,
  });
  return {
    message_id: messageId,
    envelope: { data: statement.data, signature: statement.signature },
    received_at: now,
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
