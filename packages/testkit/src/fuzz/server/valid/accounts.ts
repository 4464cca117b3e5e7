import { concat, randomBytes, signDeletion, signDigest, signRecord, signSession, statementDigest, toB64, uint64be } from "@smimp/protocol";
import { createIdentity, type TestIdentity } from "../../../identity.ts";
import { rawJoin, rawSession } from "../../../raw-caller.ts";
import type { World } from "../world.ts";
import { newName, signedBy, type Builder, type Builders, type Parts } from "./parts.ts";

const newIdentity = (world: World, kind: string): TestIdentity =>
  createIdentity(`${newName(kind)}#alpha.example`, world.server.baseUrl, world.network.clock());

/** Record 0 of a new account, with a code for it. */
async function initializeAccount(world: World): Promise<Parts> {
  const identity = newIdentity(world, "new");
  const { code } = await world.network.invite("alpha.example", identity.address);
  const keys = signedBy("message-key", identity.master);
  const record = (data: string): Readonly<Record<string, string>> => ({
    ...signedBy("record", identity.master)(data),
    recovery_signature: signDigest("record", identity.recovery, statementDigest("record", data)),
  });
  return {
    json: {
      code,
      record: identity.chain.head.statement,
      profile: null,
      nonephemeral_key: identity.messageKey("non_ephemeral", world.network.clock()).statement,
      ephemeral_keys: [identity.messageKey("ephemeral", world.network.clock()).statement],
      keystore: toB64(concat(uint64be(1), randomBytes(100))),
    },
    signers: [
      { path: ["record"], sign: record },
      { path: ["nonephemeral_key"], sign: keys },
      { path: ["ephemeral_keys", 0], sign: keys },
    ],
  };
}

/** The second record of an account that was opened just now. */
async function updateProfile(world: World): Promise<Parts> {
  const identity = newIdentity(world, "erin");
  await rawJoin(world.network, identity);
  const record = signRecord({
    address: identity.address,
    previous: identity.chain.head,
    servers: [world.server.baseUrl],
    profileHash: null,
    changedAt: world.network.clock(),
    master: identity.master.publicKey,
    recovery: identity.recovery.publicKey,
    signer: identity.master,
  });
  return { json: { record, profile: null }, signers: [{ path: ["record"], sign: signedBy("record", identity.master) }] };
}

async function deleteAccount(world: World): Promise<Parts> {
  const identity = newIdentity(world, "gone");
  await rawJoin(world.network, identity);
  const { address, recovery, chain } = identity;
  const json = signDeletion({ address, server: world.server.baseUrl, link: chain.head.link, issuedAt: world.network.clock(), recovery });
  return { json, signers: [{ path: [], sign: signedBy("deletion", recovery) }] };
}

async function createSession({ alice, call, server, network }: World): Promise<Parts> {
  const params = { address: alice.address };
  const { answer } = await call("getSessionChallenge", { params });
  const json = signSession({
    server: server.baseUrl,
    address: alice.address,
    token: answer.token,
    role: "master",
    issuedAt: network.clock(),
    key: alice.master,
  });
  return { params, json, signers: [{ path: [], sign: signedBy("session", alice.master) }] };
}

const ofAlice: Builder = ({ alice }) => ({ params: { address: alice.address } });

/** Accounts, their records, and sessions. */
export const ACCOUNT_BUILDERS: Builders = {
  getHistory: ofAlice,
  getMostRecent: ofAlice,
  getPublicKey: ofAlice,
  getUserAvatar: ofAlice,
  postUserAvatar: () => ({ bytes: concat(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), randomBytes(500)) }),
  getSessionChallenge: ofAlice,
  initializeAccount,
  updateProfile,
  deleteAccount,
  createSession,
  destroySession: async (world) => ({
    headers: { "smimp-authentication": await rawSession(world.network, world.server.baseUrl, world.alice) },
  }),
};
