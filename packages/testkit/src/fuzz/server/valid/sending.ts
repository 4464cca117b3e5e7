import { hash, randomBytes, toHex32, utf8 } from "@smimp/protocol";
import { askKey, sealRaw } from "../../../raw-message.ts";
import type { World } from "../world.ts";
import { signedBy, type Builders, type Parts } from "./parts.ts";

/** A message from bob to alice, sealed but not sent. */
async function sealedMessage({ alice, bob, call, network, tokens }: World): Promise<Parts & { readonly messageId: string }> {
  const key = await askKey(call, tokens.bob, alice.address);
  const { statement, messageId } = sealRaw(bob, alice.address, key, network.clock());
  return {
    params: { address: alice.address },
    json: { data: statement.data, signature: statement.signature },
    signers: [{ path: [], sign: signedBy("envelope", bob.master) }],
    messageId,
  };
}

/** Delivers a message to alice. */
export async function delivered(world: World): Promise<string> {
  const { messageId, json } = await sealedMessage(world);
  const { code } = await world.call("sendMessage", {
    token: world.tokens.bob,
    params: { address: world.alice.address },
    body: utf8(JSON.stringify(json)).slice(),
    headers: { "content-type": "application/json" },
  });
  if (code !== null) throw new Error(`a message could not be delivered: ${code}`);
  return messageId;
}

/** Delivers a message with a blob to alice; the hash of the blob. */
export async function deliveredBlob({ alice, bob, call, network, tokens }: World): Promise<string> {
  const key = await askKey(call, tokens.bob, alice.address);
  const bytes = randomBytes(2_000);
  const reference = { hash: toHex32(hash(bytes)), size: bytes.length };
  await call("putBlob", { token: tokens.bob, params: { hash: reference.hash }, query: { ticket: key.ticket }, body: bytes.slice() });
  const { statement } = sealRaw(bob, alice.address, key, network.clock(), { blobs: [reference] });
  const { code } = await call("sendMessage", { token: tokens.bob, params: { address: alice.address }, body: statement });
  if (code !== null) throw new Error(`a message could not be delivered: ${code}`);
  return reference.hash;
}

function messageKeys({ alice, network }: World): Parts {
  return {
    json: { keys: [0, 1].map(() => alice.messageKey("ephemeral", network.clock()).statement) },
    signers: [0, 1].map((i) => ({ path: ["keys", i], sign: signedBy("message-key", alice.master) })),
  };
}

/** Message keys, work, blobs and messages. */
export const SENDING_BUILDERS: Builders = {
  addEphemeralKeys: messageKeys,
  replaceEphemeralKeys: messageKeys,
  putNonephemeralKey: ({ alice, network }) => ({
    json: alice.messageKey("non_ephemeral", network.clock()).statement,
    signers: [{ path: [], sign: signedBy("message-key", alice.master) }],
  }),
  getMessageKey: ({ alice }) => ({ json: { address: alice.address, message_type: "email" } }),
  getPowParams: ({ alice }) => ({ params: { address: alice.address, message_type: "email" } }),
  putBlob: async ({ alice, call, tokens }) => {
    const key = await askKey(call, tokens.bob, alice.address);
    const bytes = randomBytes(2_000);
    return { params: { hash: toHex32(hash(bytes)) }, query: { ticket: key.ticket }, bytes };
  },
  sendMessage: async (world) => await sealedMessage(world),
};
