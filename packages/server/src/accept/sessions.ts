import {
  addSeconds,
  CHALLENGE_LIFE,
  checkSession,
  claimedToken,
  domainOf,
  isSmimpError,
  SESSION_LIFE,
  SmimpError,
  toB64,
  type Address,
  type Chain,
  type PublicKey,
  type Statement,
  type Timestamp,
} from "@smimp/protocol";
import type { Services } from "../services.ts";
import { mayArrive } from "./admission.ts";
import { ipPrefix } from "./ip-prefix.ts";
import { hashToken, TOKEN_BYTES, type Caller } from "./caller.ts";

/** Seconds of the window in which challenges are counted. */
const CHALLENGE_WINDOW = 60;

/** A challenge to sign, for an address of this server or any other (protocol section 5). Throws `unknown_user`, `rate_limited`. */
export async function offerChallenge(
  { store, clock, random, rates, settings }: Pick<Services, "store" | "clock" | "random" | "rates" | "settings">,
  address: Address,
  remoteAddress: string,
): Promise<{ readonly token: string; readonly expiresAt: Timestamp }> {
  const now = clock();
  rates.admit("challenge", ipPrefix(remoteAddress), settings.quotas.challengesPerMinute, CHALLENGE_WINDOW, now);
  await homeOf({ store, clock, settings }, address);
  const token = toB64(random(TOKEN_BYTES));
  const expiresAt = addSeconds(now, CHALLENGE_LIFE);
  await store.transact((writer) => writer.sessions.createChallenge({ tokenHash: hashToken(token), address, expiresAt }));
  return { token, expiresAt };
}

/** A session that was opened. */
export interface OpenedSession {
  /** `b64`; known to the caller only from here on. */
  readonly authenticationToken: string;
  readonly expiresAt: Timestamp;
  readonly local: boolean;
}

/**
 * Opens a session for a signed challenge (protocol section 5). Throws `unauthenticated`, `bad_signature`, `wrong_server`,
 * `unknown_user`, and for addresses of other servers what resolving them throws.
 */
export async function openSession(
  { store, clock, random, remote, settings }: Pick<Services, "store" | "clock" | "random" | "remote" | "settings">,
  address: Address,
  statement: Statement,
  remoteAddress: string,
): Promise<OpenedSession> {
  const token = claimedToken(statement);
  if (token === undefined) throw new SmimpError("bad_request", "this is no session statement");
  const challenge = hashToken(token);
  const local = (await homeOf({ store, clock, settings }, address)) === "here";
  const take = async (): Promise<void> => {
    const taken = await store.transact((writer) => writer.sessions.takeChallenge(challenge, address, clock()));
    if (!taken) throw noChallenge();
  };
  // A remote history is fetched only for somebody who holds a challenge of this server.
  if (!local) await take();
  const keys = local ? await localKeys(store, address) : keysOf(await remote.chainOf(address, remoteAddress));
  const now = clock();
  const check = (by: SessionKeys) => checkSession({ statement, server: settings.baseUrl, address, token, now, ...by });
  const { role } = await checkAgain(check, keys, local ? null : async () => keysOf(await remote.freshChainOf(address, remoteAddress)));
  if (!local && role === "recovery") throw new SmimpError("unauthenticated", "a recovery session is for one's own server only");

  const authenticationToken = toB64(random(TOKEN_BYTES));
  const expiresAt = addSeconds(now, SESSION_LIFE);
  await store.transact(async (writer) => {
    if (local && !(await writer.sessions.takeChallenge(challenge, address, now))) throw noChallenge();
    if (local) await assertUnchanged(writer.accounts.find(address), keys);
    // One that came from elsewhere and has arrived meanwhile logs in as a local one.
    else if ((await writer.accounts.find(address)) !== null) throw noChallenge();
    await writer.sessions.create({ tokenHash: hashToken(authenticationToken), address, role, local, expiresAt });
    await writer.sessions.endOldest(address, settings.quotas.sessionsPerAddress);
  });
  return { authenticationToken, expiresAt, local };
}

/** Ends a session at once, on every node, and what listens under it (protocol section 5). */
export async function endSession({ store, bus }: Pick<Services, "store" | "bus">, caller: Caller): Promise<void> {
  await store.transact((writer) => writer.sessions.end(caller.session));
  bus.endSession(caller.session);
}

/**
 * Where an address has its account: one of this server's own domains without an account here is as one of another server as long as
 * an open code says that it may move here (protocol section 8). Throws `unknown_user`.
 */
async function homeOf(
  { store, clock, settings }: Pick<Services, "store" | "clock" | "settings">,
  address: Address,
): Promise<"here" | "elsewhere"> {
  if (!settings.domains.includes(domainOf(address))) return "elsewhere";
  return await store.read(async (reader) => {
    if ((await reader.accounts.find(address)) !== null) return "here";
    if (await mayArrive(reader, settings, address, clock())) return "elsewhere";
    throw new SmimpError("unknown_user", "there is no such account");
  });
}

interface SessionKeys {
  readonly publicKey: PublicKey;
  readonly recoveryKey: PublicKey;
}

async function localKeys(store: Services["store"], address: Address): Promise<SessionKeys> {
  const account = await store.read((reader) => reader.accounts.find(address));
  if (account === null) throw new SmimpError("unknown_user", "there is no such account");
  if (account.disabledAt !== null) throw new SmimpError("unauthenticated", "this account is not in service");
  return { publicKey: account.head.publicKey, recoveryKey: account.head.recoveryKey };
}

function keysOf({ head: { document } }: Chain): SessionKeys {
  return { publicKey: document.public_key, recoveryKey: document.recovery_key };
}

/** Somebody of another server who has just changed their key must not wait until the history that is remembered here is old. */
async function checkAgain<Checked>(
  check: (keys: SessionKeys) => Checked,
  keys: SessionKeys,
  fresher: (() => Promise<SessionKeys>) | null,
): Promise<Checked> {
  try {
    return check(keys);
  } catch (error) {
    if (fresher === null || !isSmimpError(error, "bad_signature")) throw error;
    return check(await fresher());
  }
}

/** A key that was changed since it was read opens nothing: all sessions ended with that change (protocol section 3). */
async function assertUnchanged(
  reading: Promise<{ readonly head: SessionKeys; readonly disabledAt: Timestamp | null } | null>,
  keys: SessionKeys,
): Promise<void> {
  const account = await reading;
  const same = account?.head.publicKey === keys.publicKey && account.head.recoveryKey === keys.recoveryKey;
  if (!same || account.disabledAt !== null) throw new SmimpError("unauthenticated", "the account changed meanwhile");
}

function noChallenge(): SmimpError {
  return new SmimpError("unauthenticated", "this challenge is not known, used up or expired");
}
