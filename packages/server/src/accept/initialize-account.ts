import {
  appendRecord,
  checkProfileText,
  checkWork,
  domainOf,
  fromB64,
  hash,
  HOUR,
  parseProfile,
  parseRecordDocument,
  SmimpError,
  toHex32,
  utf8,
  type Address,
  type BodyOf,
  type Chain,
  type Hex32,
  type Timestamp,
} from "@smimp/protocol";
import type { Services } from "../services.ts";
import { ipPrefix } from "./ip-prefix.ts";
import { keystoreVersion } from "./keystores.ts";
import { checkKeys, checkNonEphemeral, holdKeys } from "./message-keys.ts";
import { toNewRecord, type Head } from "./records.ts";
import { findDemand } from "./work-demands.ts";
import { registrationBits, workParametersFor } from "./work-policy.ts";

/** Bytes of the key under which an account's lists are hashed (protocol section 8). */
const LIST_KEY_BYTES = 32;
/** What stands for the message type in the work of a registration (protocol section 8). */
const REGISTRATION = "registration";

type Deps = Pick<Services, "store" | "clock" | "random" | "settings" | "rates">;
type Body = BodyOf<"initializeAccount">;

/** H of an invite's code, all that is stored of it (protocol section 8). */
export function hashInviteCode(code: string): Hex32 {
  return toHex32(hash(utf8(code)));
}

/**
 * Opens an account: code or work, record 0, profile, message keys and keystore in one transaction, once (protocol
 * section 8). Throws `unauthenticated`, `not_accepted`, `pow_required`, `wrong_server`, `server_mismatch`, `history_invalid`,
 * `already_initialized`, `key_reused`, and what message keys throw.
 */
export async function initializeAccount(deps: Deps, body: Body, remoteAddress: string): Promise<Head> {
  const { store, clock, random, settings } = deps;
  const now = clock();
  if (!body.record.data.isWellFormed()) throw new SmimpError("history_invalid", "the record is no text");
  // Parsed within bounds; acted on only once it is verified (protocol section 1).
  const { address } = parseRecordDocument(body.record.data);
  if (!settings.domains.includes(domainOf(address))) throw new SmimpError("wrong_server", "this server has no such domain");
  const admit =
    body.code === null ? await admitByWork(deps, address, body.pow, remoteAddress) : await admitByCode(deps, address, body.code);

  const chain = appendRecord(null, address, body.record, { now });
  const { document } = chain.head;
  if (!document.servers.includes(settings.baseUrl)) throw new SmimpError("server_mismatch", "the record does not name this server");
  checkProfileText(body.profile, document.profile_hash);
  if (body.profile !== null) parseProfile(body.profile);
  const owner = { address, publicKey: document.public_key };
  const nonEphemeral = checkNonEphemeral(owner, body.nonephemeral_key, now);
  const ephemeral = await checkKeys(owner, body.ephemeral_keys, "ephemeral", now);
  const keystore = body.keystore === null ? null : fromB64(body.keystore);
  const version = keystore === null ? 0 : keystoreVersion(keystore);

  return await store.transact(async (writer) => {
    await admit(writer, now);
    const record = toNewRecord(chain, now);
    await writer.accounts.create({ address, record, profile: body.profile, listKey: random(LIST_KEY_BYTES) });
    await writer.messageKeys.setNonEphemeral(address, nonEphemeral);
    await holdKeys(writer, address, ephemeral, "add", now);
    if (keystore !== null) await writer.keystores.put(address, { version, bytes: keystore, storedAt: now }, "none");
    return headOf(chain);
  });
}

/** Uses up the right to register, inside the transaction. */
type Admission = (writer: Parameters<Parameters<Services["store"]["transact"]>[0]>[0], now: Timestamp) => Promise<void>;

async function admitByCode({ store, settings, clock }: Deps, address: Address, code: string): Promise<Admission> {
  if (settings.registration === "closed") throw new SmimpError("not_accepted", "this server takes no new accounts");
  const refused = (): SmimpError => new SmimpError("unauthenticated", "this code is wrong, used or expired, or for another address");
  const codeHash = hashInviteCode(code.isWellFormed() ? code : "");
  const invite = await store.read((reader) => reader.invites.find(codeHash));
  // Looked at before anything is verified, which costs more; what counts is the transaction.
  if (invite === null || invite.usedAt !== null || invite.expiresAt <= clock()) throw refused();
  return async (writer, now) => {
    if (!(await writer.invites.use(codeHash, address, now))) throw refused();
  };
}

async function admitByWork(deps: Deps, address: Address, pow: Body["pow"], remoteAddress: string): Promise<Admission> {
  const { store, clock, random, settings, rates } = deps;
  const now = clock();
  if (settings.registration === "closed") throw new SmimpError("not_accepted", "this server takes no new accounts");
  if (settings.registration !== "open") throw new SmimpError("unauthenticated", "a code is needed");
  const subject = { server: settings.baseUrl, from: address, to: address, messageType: REGISTRATION } as const;
  if (pow === undefined) {
    const bits = registrationBits(settings.workPolicy, rates.count(`registration ${ipPrefix(remoteAddress)}`, HOUR, now));
    const parameters = workParametersFor(bits, settings.workPolicy, toHex32(random(32)), now);
    await store.transact((writer) => writer.work.create({ parameters, sender: address, recipient: address, messageType: REGISTRATION }));
    throw new SmimpError("pow_required", "opening an account takes some work", { members: { pow: parameters } });
  }
  const demand = await store.read((reader) =>
    findDemand(reader, { sender: address, recipient: address, messageType: REGISTRATION }, pow, now),
  );
  checkWork({ ...subject, parameters: demand.parameters, pow, now });
  return async (writer, at) => {
    if (!(await writer.work.spend(pow.nonce, at))) throw new SmimpError("pow_invalid", "this work was used already");
  };
}

function headOf(chain: Chain): Head {
  return { sequence: chain.head.document.sequence, link: chain.head.link };
}
