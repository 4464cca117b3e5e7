import {
  addSeconds,
  checkChain,
  DAY,
  domainOf,
  fromB64,
  hash,
  randomBytes,
  signingKey,
  signMessageKey,
  signRecord,
  signSession,
  toHex,
  type Address,
  type SigningKey,
  type Statement,
} from "@smimp/protocol";
import { rawCaller, type Network } from "@smimp/testkit";
import { collection, type TestDevice } from "./devices-people.ts";

/** Somebody who holds a master key, the owner or a thief, and asks the server without any client. */
export interface KeyHolder {
  readonly master: SigningKey;
  /** A keystore as the server holds it, the newest or one of a version; null where there is none. */
  keystore(version?: number): Promise<Uint8Array | null>;
  /** Stores bytes as the newest keystore. */
  plant(keystore: Uint8Array): Promise<void>;
  /** Replaces the master key, as a thief would: signed by the one that is held. */
  rotate(): Promise<KeyHolder>;
}

/** The master seed that a device holds, `b64`. */
export async function masterSeedOf({ storage }: Pick<TestDevice, "storage">): Promise<string> {
  return (await collection<{ readonly master_seed: string }>(storage, "account"))[0]?.master_seed ?? "";
}

/** Holds a device's master key. */
export async function keyHolder(network: Network, device: Pick<TestDevice, "address" | "storage">): Promise<KeyHolder> {
  return holderOf(network, device.address, fromB64(await masterSeedOf(device)));
}

function holderOf(network: Network, address: Address, seed: Uint8Array): KeyHolder {
  const { baseUrl } = network.server(domainOf(address));
  const call = rawCaller(network.fetch, baseUrl);
  const master = signingKey(seed);

  async function login(): Promise<string> {
    const params = { address };
    const { answer } = await call("getSessionChallenge", { params });
    const body = signSession({ server: baseUrl, address, token: answer.token, role: "master", issuedAt: network.clock(), key: master });
    const opened = await call("createSession", { params, body });
    if (opened.code !== null) throw new Error(`no session: ${opened.code}`);
    return opened.answer.authentication_token;
  }

  async function keystore(version?: number): Promise<Uint8Array | null> {
    const query = version === undefined ? {} : { query: { version: String(version) } };
    const { code, bytes } = await call("getKeystore", { token: await login(), ...query });
    if (code === "not_found") return null;
    if (code !== null) throw new Error(`no keystore: ${code}`);
    return bytes;
  }

  return {
    master,
    keystore,
    plant: async (bytes) => {
      const before = await keystore();
      const headers: Record<string, string> = before === null ? { "if-none-match": "*" } : { "if-match": `"${toHex(hash(before))}"` };
      const { code } = await call("putKeystore", { token: await login(), headers, body: new Uint8Array(bytes) });
      if (code !== null) throw new Error(`not stored: ${code}`);
    },
    rotate: async () => {
      const history = await call("getHistory", { params: { address } });
      const { head } = checkChain(address, history.answer.records);
      const next = randomBytes(32);
      const key = signingKey(next);
      const now = network.clock();
      const { servers, profile_hash: profileHash, recovery_key: recovery } = head.document;
      const record = signRecord({ address, previous: head, servers, profileHash, changedAt: now, master: key, recovery, signer: master });
      const messageKey = (kind: "ephemeral" | "non_ephemeral"): Statement =>
        signMessageKey({ address, seed: randomBytes(32), kind, createdAt: now, expiresAt: addSeconds(now, 20 * DAY), master: key });
      const body = {
        record,
        profile: history.answer.profile,
        nonephemeral_key: messageKey("non_ephemeral"),
        ephemeral_keys: [messageKey("ephemeral")],
      };
      const { code } = await call("updateProfile", { body });
      if (code !== null) throw new Error(`not rotated: ${code}`);
      return holderOf(network, address, next);
    },
  };
}
