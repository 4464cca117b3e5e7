import { checkVersion, fetchHistory, findServer, serverInformation, type Fetch } from "@smimp/identity";
import {
  checkChain,
  CLIENT_KEYS,
  domainOf,
  isSmimpError,
  linkOf,
  MAX_FETCH_BYTES,
  newPhrase,
  phraseKeystoreKey,
  profileHash,
  recoverySigningKey,
  signingKey,
  signRecord,
  SmimpError,
  toB64,
  wipe,
  type Address,
  type ProblemCode,
  type Work,
} from "@smimp/protocol";
import { createApi } from "./api.ts";
import type { Client } from "./client.ts";
import type { ClientDeps } from "./deps.ts";
import { assertDeviceName, FIRST_DEVICE, makeOwnDevice } from "./devices/documents.ts";
import { putSyncState } from "./inbox/documents.ts";
import { beginKeystore } from "./keystore/keystore.ts";
import type { Invite } from "./invite.ts";
import { allKeys, makeKeys, markPublished, storeKeys } from "./message-keys.ts";
import type { SendOptions } from "./model.ts";
import { assemble } from "./open.ts";
import { askWithWork, workFor } from "./outbox/work.ts";
import { pinSelf } from "./pins.ts";
import { readAccount, selfOf, writeAccount, type AccountDocument, type Opening } from "./self.ts";
import type { Storage } from "./storage/storage.ts";
import { createMeter } from "./traffic.ts";
import { createWorkPool } from "./work/work-pool.ts";

/** What `createAccount` needs. */
export interface CreateAccountOptions extends SendOptions {
  readonly storage: Storage;
  readonly invite: Invite;
  readonly address: Address;
  readonly deps: ClientDeps;
  /** The public name in the profile. */
  readonly name?: string;
  /** What this device is called. */
  readonly deviceName?: string;
  /**
   * Shows the 24 words; the account counts as open once it resolves. Until then a crash loses nothing: `createAccount`, called
   * again, goes on and shows the same words.
   */
  readonly keepPhrase?: (phrase: string) => Promise<void>;
}

/** A new account. */
export interface CreatedAccount {
  readonly client: Client;
  /** 24 words, to be written on paper and forgotten: the client keeps neither them nor what they stand for. */
  readonly phrase: string;
}

/**
 * Opens an account: makes keys and the recovery phrase, stores everything, then asks the server. Called again with the same
 * storage after a lost answer or a crash, it goes on where it was, with the same keys and phrase. Throws `server_mismatch` where
 * the domain's smimp.txt names another server, `unauthenticated` for a code that is wrong, used or expired, `already_initialized`
 * where somebody else has the address, and a transport's errors; TypeError for a storage that holds another account.
 */
export async function createAccount(options: CreateAccountOptions): Promise<CreatedAccount> {
  const { storage, deps } = options;
  const meter = createMeter(deps.fetch);
  await checkServer(meter.fetch, options);
  const { account, opening } = await begin(options);
  await ask(meter.fetch, account, opening, options);
  // Erased below, so it must have reached the person before.
  await options.keepPhrase?.(opening.phrase);
  await storage.transact(async (writer) => {
    await markPublished(writer, [...(await allKeys(writer)).keys()]);
    // The phrase leaves this device here: it is the person's to keep (protocol section 8).
    writeAccount(writer, { ...account, opening: null });
  });
  return { client: await assemble(storage, deps, meter), phrase: opening.phrase };
}

/** Nothing is made before it is certain that this server is the one that the address will be looked for at. */
async function checkServer(fetch: Fetch, { invite, address, onProgress }: CreateAccountOptions): Promise<void> {
  onProgress?.({ step: "resolve", to: null, name: null, done: 0, total: 1 });
  const domain = domainOf(address);
  const named = await findServer(fetch, domain);
  if (named !== invite.baseUrl) {
    throw new SmimpError("server_mismatch", `${domain} names ${named} as its server, not the one that the invite is for`);
  }
  await checkVersion(fetch, invite.baseUrl);
  const { domains } = await serverInformation(fetch, invite.baseUrl);
  if (!domains.includes(domain)) throw new SmimpError("server_mismatch", `the server does not serve ${domain}`);
}

async function begin(options: CreateAccountOptions): Promise<{ readonly account: AccountDocument; readonly opening: Opening }> {
  const { storage, invite, address, deps, name, deviceName = FIRST_DEVICE } = options;
  assertDeviceName(deviceName);
  const before = await readAccount(storage);
  if (before !== null) {
    if (before.opening === null || before.address !== address || before.baseUrl !== invite.baseUrl) {
      throw new TypeError("this storage holds another account already");
    }
    // A new code may take the place of one that has expired in the meantime.
    return { account: before, opening: { ...before.opening, request: { ...before.opening.request, code: invite.code } } };
  }
  return await make(storage, deps, { invite, address, deviceName, profile: name === undefined ? null : JSON.stringify({ name }) });
}

interface NewAccount extends Pick<CreateAccountOptions, "invite" | "address"> {
  readonly deviceName: string;
  readonly profile: string | null;
}

async function make(
  storage: Storage,
  { clock, random }: ClientDeps,
  { invite, address, deviceName, profile }: NewAccount,
): Promise<{ readonly account: AccountDocument; readonly opening: Opening }> {
  const secret = random(32);
  const seed = random(32);
  const master = signingKey(seed);
  const recovery = recoverySigningKey(secret, address);
  const record = signRecord({
    address,
    previous: null,
    servers: [invite.baseUrl],
    profileHash: profile === null ? null : profileHash(profile),
    changedAt: clock(),
    master,
    recovery,
    signer: master,
  });
  const account: AccountDocument = {
    address,
    baseUrl: invite.baseUrl,
    master_seed: toB64(seed),
    recovery_key: recovery.publicKey,
    phrase_key: toB64(phraseKeystoreKey(secret).publicKey),
    opening: null,
  };
  const phrase = newPhrase(secret);
  wipe(secret, seed, recovery.secretKey);

  const maker = { address, master, clock, random };
  const ephemeral = makeKeys(maker, "ephemeral", CLIENT_KEYS);
  const nonEphemeral = makeKeys(maker, "non_ephemeral", 1);
  const chain = checkChain(address, [record]);
  return await storage.transact(async (writer) => {
    writeAccount(writer, account);
    storeKeys(writer, [...ephemeral, ...nonEphemeral]);
    pinSelf(storage, writer, { chain, baseUrl: invite.baseUrl, profile });
    makeOwnDevice(writer, deviceName, clock(), random);
    // Nothing can have happened before the beginning.
    putSyncState(writer, "0");
    const keystore = await beginKeystore(writer, selfOf(account), random);
    const [standing] = nonEphemeral;
    if (standing === undefined) throw new TypeError("there is no non-ephemeral key");
    const request = {
      code: invite.code,
      record,
      profile,
      nonephemeral_key: standing.statement,
      ephemeral_keys: ephemeral.map(({ statement }) => statement),
      keystore: toB64(keystore),
    };
    const opening = { request, phrase };
    writeAccount(writer, { ...account, opening });
    return { account, opening };
  });
}

/** Asks the server; an account that is there already with the own first record is the own one. */
async function ask(fetch: Fetch, account: AccountDocument, { request }: Opening, options: CreateAccountOptions): Promise<void> {
  try {
    await initialize(fetch, account, request, options);
  } catch (error) {
    if (!isSmimpError(error) || !MAYBE_DONE.has(error.code) || !(await isDone(fetch, account, request))) throw error;
  }
}

async function initialize(
  fetch: Fetch,
  account: AccountDocument,
  request: Opening["request"],
  options: CreateAccountOptions,
): Promise<void> {
  const { address, baseUrl } = account;
  const { clock, random, work, patience } = options.deps;
  const api = createApi(fetch, patience);
  const ask = async (pow?: Work): Promise<void> => {
    await api.call(baseUrl, "initializeAccount", { body: pow === undefined ? request : { ...request, pow } });
  };
  // Work is for where registration is open (protocol section 8).
  if (request.code !== null) {
    await ask();
    return;
  }
  const workPool = createWorkPool({ ...work, random });
  try {
    const subject = { server: baseUrl, from: address, to: address, messageType: "registration" } as const;
    await askWithWork(workFor({ workPool, clock }, subject, options), ask);
  } finally {
    workPool.close();
  }
}

/** What a server answers that has done it already, an earlier answer having been lost; and what the loss itself looks like. */
const MAYBE_DONE: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "unauthenticated",
  "already_initialized",
  "conflict",
  "key_reused",
  "temporarily_unavailable",
]);

async function isDone(fetch: Fetch, { address, baseUrl }: AccountDocument, { record }: Opening["request"]): Promise<boolean> {
  try {
    const { records } = await fetchHistory(fetch, baseUrl, address, MAX_FETCH_BYTES);
    return checkChain(address, records).records[0]?.link === linkOf(record);
  } catch (error) {
    if (isSmimpError(error, "unknown_user")) return false;
    throw error;
  }
}
