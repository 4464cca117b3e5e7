import { concat, deviceLinkCode, randomBytes, toB64, uint64be, xWingPublicKey } from "@smimp/protocol";
import type { World } from "../world.ts";
import { newName, type Builder, type Builders, type Parts } from "./parts.ts";
import { delivered, deliveredBlob } from "./sending.ts";

const ofMessage: Builder = async (world) => ({ params: { id: await delivered(world) } });

const newFolder = (name: string): Record<string, unknown> => ({
  name,
  message_type: "email",
  parent: null,
  display_name: toB64(randomBytes(80)),
});

/** The name of a folder of alice's, made just now. */
async function madeFolder({ call, tokens }: World): Promise<string> {
  const name = newName("folder");
  const { code } = await call("createFolder", {
    token: tokens.alice,
    body: { name, message_type: "email", parent: null, display_name: null },
  });
  if (code !== null) throw new Error(`a folder could not be made: ${code}`);
  return name;
}

/** The hash of an entry of one of alice's lists, added just now. */
async function added({ call, tokens }: World, name: "addToAllowlist" | "addToBlocklist"): Promise<string> {
  const { code, answer } = await call(name, { token: tokens.alice, body: { entry: `${newName("listed")}#beta.example`, note: null } });
  if (code !== null) throw new Error(`an entry could not be added: ${code}`);
  return answer.hash;
}

const newEntry: Builder = () => ({ json: { entry: `${newName("entry")}#beta.example`, note: toB64(randomBytes(80)) } });
const deviceKey = (): Uint8Array => xWingPublicKey(randomBytes(32));

/** The code of a new device that waits. */
async function offered({ call }: World): Promise<string> {
  const { code, answer } = await call("offerDeviceLink", { body: { public_key: toB64(deviceKey()) } });
  if (code !== null) throw new Error(`a device could not be offered: ${code}`);
  return answer.code;
}

async function handOver(): Promise<Parts> {
  const key = deviceKey();
  return await Promise.resolve({
    params: { code: deviceLinkCode(key) },
    json: { sealed: toB64(randomBytes(1_400)), public_key: toB64(key) },
  });
}

/** The ETag of what stands there, as a condition; that nothing does where it is missing. */
async function keystoreCondition(world: World): Promise<Readonly<Record<string, string>>> {
  const { headers, code } = await world.call("getKeystore", { token: world.tokens.alice });
  return code === null ? { "if-match": headers.get("etag") ?? "" } : { "if-none-match": "*" };
}

/** Messages, folders, lists, devices, the keystore. */
export const MAILBOX_BUILDERS: Builders = {
  getFoldersOfType: () => ({ params: { name: "email" } }),
  createFolder: () => ({ json: newFolder(newName("folder")) }),
  changeFolder: async (world) => {
    const name = await madeFolder(world);
    return { params: { name }, json: newFolder(name) };
  },
  deleteFolder: async (world) => ({ params: { name: await madeFolder(world) } }),
  getFolder: () => ({ params: { message_type: "email" }, query: { limit: "10" } }),
  getNamedFolder: async (world) => ({ params: { message_type: "email", name: await madeFolder(world) }, query: { limit: "10" } }),
  moveMessage: async (world) => ({ params: { id: await delivered(world) }, json: { folder: await madeFolder(world) } }),
  setMessageExtensions: async (world) => ({ params: { id: await delivered(world) }, json: { extensions: toB64(randomBytes(80)) } }),
  getMessage: async (world) => ({ params: { id: await delivered(world), update_read: "false" } }),
  getMessages: async (world) => ({ json: { ids: [await delivered(world)] } }),
  deleteMessage: ofMessage,
  getMessageRead: ofMessage,
  setMessageRead: async (world) => ({ params: { id: await delivered(world) }, json: { read: true } }),
  putMessageArchive: async (world) => ({
    params: { id: await delivered(world) },
    json: { archive: toB64(randomBytes(120)), summary: toB64(randomBytes(80)) },
    headers: { "if-none-match": "*" },
  }),
  getBlob: async (world) => ({ params: { hash: await deliveredBlob(world) } }),
  getChanges: () => ({ query: { since: "0" } }),
  putKeystore: async (world) => ({ bytes: concat(uint64be(1), randomBytes(200)), headers: await keystoreCondition(world) }),
  offerDeviceLink: () => ({ json: { public_key: toB64(deviceKey()) } }),
  getDeviceLink: async (world) => ({ params: { code: await offered(world) } }),
  sealDeviceLink: handOver,
  addToAllowlist: newEntry,
  addToBlocklist: newEntry,
  removeFromAllowlist: async (world) => ({ params: { hash: await added(world, "addToAllowlist") } }),
  removeFromBlocklist: async (world) => ({ params: { hash: await added(world, "addToBlocklist") } }),
};
