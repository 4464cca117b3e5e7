import * as v from "valibot";
import type { Address } from "./address.ts";
import type { BaseUrl } from "./base-url.ts";
import { concat, fromB64, hash, toHex32, utf8, type Hex32 } from "./bytes.ts";
import { parseJson } from "./json.ts";
import { baseUrl, hex32, normalAddress, parseShape, publicKey, sequence, timestamp } from "./schema.ts";
import { SIGNATURE_BYTES, signDigest, signStatement, statementDigest, type PublicKey, type SigningKey } from "./statement.ts";
import type { Timestamp } from "./time.ts";
import type { RecordStatement } from "./wire.ts";

/** The members of a record (protocol section 3). */
export const recordDocument = v.object({
  address: normalAddress,
  sequence,
  previous: v.nullable(hex32),
  public_key: publicKey,
  recovery_key: publicKey,
  servers: v.pipe(v.array(baseUrl), v.minLength(1)),
  profile_hash: v.nullable(hex32),
  changed_at: timestamp,
});

/** What a record says (protocol section 3). */
export type RecordDocument = v.InferOutput<typeof recordDocument>;

/** Parses the data of a record. Throws `bad_request` or `bad_address`; a chain makes `history_invalid` of either. */
export function parseRecordDocument(data: string): RecordDocument {
  return parseShape(recordDocument, parseJson(data));
}

/** `link(record)` of protocol section 3: hash over digest and every signature in the fixed order. Throws `bad_request`. */
export function linkOf(statement: RecordStatement): Hex32 {
  const signatures = [statement.signature, statement.new_key_signature, statement.recovery_signature]
    .filter((each) => each !== undefined)
    .map((each) => fromB64(each, SIGNATURE_BYTES));
  return toHex32(hash(concat(utf8("smimp/1.0 link"), 0, statementDigest("record", statement.data), ...signatures)));
}

/** What a new record says and who signs it. */
export interface NewRecord {
  readonly address: Address;
  /** The record that this one follows, or null for the first. */
  readonly previous: { readonly document: RecordDocument; readonly link: Hex32 } | null;
  readonly servers: readonly BaseUrl[];
  readonly profileHash: Hex32 | null;
  readonly changedAt: Timestamp;
  /** The master key that the record names; the pair itself where it is new, since it co-signs. */
  readonly master: SigningKey | PublicKey;
  /** The recovery key that the record names; the pair itself where it is new, since it co-signs. */
  readonly recovery: SigningKey | PublicKey;
  /** Signs the record: the previous record's master or recovery key; for the first record its own master key. */
  readonly signer: SigningKey;
}

/**
 * Builds and signs a record, with exactly the co-signatures that are due (protocol section 3). Whether the chain's
 * rules allow it shows when it is appended. Throws TypeError where a new key's pair is missing.
 */
export function signRecord(record: NewRecord): RecordStatement {
  const { previous } = record;
  const masterKey = keyOf(record.master);
  const recoveryKey = keyOf(record.recovery);
  const document = {
    address: record.address,
    sequence: previous === null ? 0 : previous.document.sequence + 1,
    previous: previous === null ? null : previous.link,
    public_key: masterKey,
    recovery_key: recoveryKey,
    servers: record.servers,
    profile_hash: record.profileHash,
    changed_at: record.changedAt,
  };
  const statement = signStatement("record", record.signer, JSON.stringify(document));
  const digest = statementDigest("record", statement.data);
  const newMaster = previous !== null && previous.document.public_key !== masterKey;
  const newRecovery = previous === null || previous.document.recovery_key !== recoveryKey;
  return {
    ...statement,
    ...(newMaster ? { new_key_signature: signDigest("record", pairOf(record.master), digest) } : {}),
    ...(newRecovery ? { recovery_signature: signDigest("record", pairOf(record.recovery), digest) } : {}),
  };
}

function keyOf(key: SigningKey | PublicKey): PublicKey {
  return typeof key === "string" ? key : key.publicKey;
}

function pairOf(key: SigningKey | PublicKey): SigningKey {
  if (typeof key === "string") throw new TypeError("a key that a record newly sets must co-sign: its pair is needed");
  return key;
}
