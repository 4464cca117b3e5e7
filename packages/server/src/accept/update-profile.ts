import {
  addSeconds,
  appendRecord,
  checkProfileText,
  DAY,
  isSmimpError,
  MAX_RECORDS_A_DAY,
  MAX_RECORDS_BYTES,
  MAX_RECORDS_BYTES_RECOVERY,
  parseProfile,
  parseRecordDocument,
  SmimpError,
  utf8,
  verifyStatement,
  type Address,
  type BodyOf,
  type Chain,
  type Statement,
  type Timestamp,
} from "@smimp/protocol";
import type { Services } from "../services.ts";
import type { RecordHead } from "../store/accounts.ts";
import type { StoreReader } from "../store/store.ts";
import { keepAvatarOf } from "./avatars.ts";
import { checkKeys, checkNonEphemeral, holdKeys } from "./message-keys.ts";
import { toNewRecord, type Head } from "./records.ts";

type Deps = Pick<Services, "store" | "clock" | "settings" | "chains" | "bus">;

/** Seconds after which a refused record may be sent again. */
const REFUSED_SECONDS = 3_600;

/**
 * Appends a record to a local chain by compare-and-set; the record authenticates itself (protocol section 3). A new
 * `public_key` brings new message keys, voids the old ones and ends all sessions in the same transaction; a new `recovery_key` ends those that the old one opened. The profile is the one that comes
 * along: without, its text and the avatar are gone. Throws
 * `unknown_user`, `unauthenticated` (disabled), `conflict`, `history_invalid`, `server_mismatch`, `key_reused`, `too_large`, `rate_limited`,
 * and what message keys throw.
 */
export async function updateProfile(deps: Deps, body: BodyOf<"updateProfile">): Promise<Head> {
  const { store, clock, settings, chains, bus } = deps;
  const now = clock();
  if (!body.record.data.isWellFormed()) throw new SmimpError("history_invalid", "the record is no text");
  // Read to find the chain; nothing of it counts before the signature holds (protocol section 1).
  const claimed = parseRecordDocument(body.record.data);
  const { address } = claimed;
  const head = await store.read(async (reader) => {
    const account = await reader.accounts.find(address);
    if (account === null) throw new SmimpError("unknown_user", "there is no such account");
    if (account.disabledAt !== null) throw new SmimpError("unauthenticated", "this account is not in service");
    if (claimed.previous !== account.head.link) throw new SmimpError("conflict", "the record does not follow the head of this chain");
    return account.head;
  });
  assertSigned(body.record, head);
  const before = await chains.chainAt(store, address, head.link);

  const chain = appendRecord(before, address, body.record, { now });
  const { document, signedBy } = chain.head;
  if (!document.servers.includes(settings.baseUrl)) throw new SmimpError("server_mismatch", "the record does not name this server");
  assertFetchable(chain);
  checkProfileText(body.profile, document.profile_hash);
  if (body.profile !== null) parseProfile(body.profile);

  const keyChanges = document.public_key !== before.head.document.public_key;
  const recoveryChanges = document.recovery_key !== before.head.document.recovery_key;
  const [nonEphemeralStatement, ephemeralStatements] = requiredKeys(body, keyChanges);
  const owner = { address, publicKey: document.public_key };
  const nonEphemeral = nonEphemeralStatement === undefined ? null : checkNonEphemeral(owner, nonEphemeralStatement, now);
  const ephemeral = await checkKeys(owner, ephemeralStatements, "ephemeral", now);

  const ended = await store.transact(async (writer) => {
    if (signedBy === "master" && (await recordsToday(writer, address, now)) >= MAX_RECORDS_A_DAY) {
      throw new SmimpError("rate_limited", `${MAX_RECORDS_A_DAY} records a day are the most`, { retryAfter: REFUSED_SECONDS });
    }
    await writer.accounts.append(address, before.head.link, toNewRecord(chain, now), body.profile);
    await keepAvatarOf(writer, address, body.profile);
    if (keyChanges) {
      await writer.messageKeys.voidAll(address);
      await writer.sessions.endAll(address);
    }
    // A recovery key that counts no more opens nothing, and what it has opened is closed.
    const closed = recoveryChanges ? await writer.sessions.endRecovery(address) : [];
    if (nonEphemeral !== null) await writer.messageKeys.setNonEphemeral(address, nonEphemeral);
    await holdKeys(writer, address, ephemeral, "add", now);
    return closed;
  });
  chains.keep(chain);
  if (keyChanges) bus.endAccount(address);
  for (const session of ended) bus.endSession(session);
  return { sequence: document.sequence, link: chain.head.link };
}

/** Whether either key of the head has signed a record: for anybody else's not a whole chain is looked at. Throws `history_invalid`. */
function assertSigned(record: Statement, { publicKey, recoveryKey }: RecordHead): void {
  for (const key of [publicKey, recoveryKey]) {
    try {
      verifyStatement("record", key, record);
      return;
    } catch (error) {
      if (!isSmimpError(error, "bad_signature")) throw error;
    }
  }
  throw new SmimpError("history_invalid", "the record is signed by neither key of the record before");
}

/**
 * Whether others still fetch the history with this record in it. A thief of the master key can't make it too large for the owner's way
 * back, which has room of its own (protocol section 3). Throws `too_large`.
 */
function assertFetchable({ records, head }: Chain): void {
  const bytes = records.reduce((sum, { statement }) => sum + utf8(JSON.stringify(statement)).length, 0);
  if (bytes <= (head.signedBy === "recovery" ? MAX_RECORDS_BYTES_RECOVERY : MAX_RECORDS_BYTES)) return;
  throw new SmimpError("too_large", "the history would be too large for others to fetch");
}

/** Records of the last 24 hours that count; the one that opened the account doesn't. */
async function recordsToday(reader: StoreReader, address: Address, now: Timestamp): Promise<number> {
  const since = addSeconds(now, -DAY);
  const count = await reader.accounts.countRecordsSince(address, since);
  const account = await reader.accounts.find(address);
  return account !== null && account.createdAt >= since ? count - 1 : count;
}

function requiredKeys(body: BodyOf<"updateProfile">, due: boolean): readonly [Statement | undefined, readonly Statement[]] {
  const { nonephemeral_key: nonEphemeral, ephemeral_keys: ephemeral } = body;
  if (due && (nonEphemeral === undefined || ephemeral === undefined)) {
    throw new SmimpError("bad_request", "a record with a new public_key comes with new message keys");
  }
  return [nonEphemeral, ephemeral ?? []];
}
