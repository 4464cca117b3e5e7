import type { Address } from "./address.ts";
import type { BaseUrl } from "./base-url.ts";
import { utf8, type Hex32 } from "./bytes.ts";
import { MAX_CLOCK_SKEW, MAX_RECORD_BYTES, MAX_RECORDS, RECOVERY_ONLY_FROM } from "./limits.ts";
import { isSmimpError, SmimpError } from "./problem.ts";
import { linkOf, parseRecordDocument, type RecordDocument } from "./record.ts";
import { parseShape } from "./schema.ts";
import { statementDigest, verifyDigest, type PublicKey } from "./statement.ts";
import { addSeconds, type Timestamp } from "./time.ts";
import { unlessRefused } from "./unless-refused.ts";
import { recordStatement, type RecordStatement } from "./wire.ts";

/** Who signed a record: the master key of the record before (its own at 0), or the recovery key. */
export type RecordSigner = "master" | "recovery";

/** A record that was verified as part of its chain. */
export interface ChainRecord {
  readonly statement: RecordStatement;
  readonly document: RecordDocument;
  readonly link: Hex32;
  readonly signedBy: RecordSigner;
}

/** A valid chain (protocol section 3); only `checkChain` and `appendRecord` make one. */
export interface Chain {
  readonly address: Address;
  readonly records: readonly [ChainRecord, ...ChainRecord[]];
  /** The last record. */
  readonly head: ChainRecord;
  /** Link of the latest record that set or changed either key: what safety numbers are made of. */
  readonly keyLink: Hex32;
  /** Every key that ever stood in the chain, as either kind. */
  readonly keys: ReadonlySet<PublicKey>;
}

/** What is stored of somebody's history for good (protocol section 3). */
export interface Pin {
  readonly first_link: Hex32;
  readonly link: Hex32;
  readonly sequence: number;
  readonly public_key: PublicKey;
}

/** Records that are verified before others get a turn: some two milliseconds. */
const RECORDS_A_TURN = 2;

/** How a chain is checked. */
export interface ChainCheck {
  /** Set where a server is to accept the last record: it may not be dated too far ahead. */
  readonly now?: Timestamp;
}

/**
 * Checks a history from its first record on by the rules of protocol section 3. Every fault, a wrong signature too, is
 * `history_invalid`.
 */
export function checkChain(address: Address, statements: readonly unknown[], check: ChainCheck = {}): Chain {
  assertCount(statements);
  let chain: Chain | null = null;
  for (const [index, statement] of statements.entries()) {
    chain = appendRecord(chain, address, statement, index === statements.length - 1 ? check : {});
  }
  return chain as Chain;
}

/**
 * The same, with a turn for others after every few records: a thousand take most of a second, for which no server and no page may stand
 * still. `turn` resolves once others had theirs.
 */
export async function checkChainInTurns(address: Address, statements: readonly unknown[], turn: () => Promise<void>): Promise<Chain> {
  assertCount(statements);
  let chain: Chain | null = null;
  for (const [index, statement] of statements.entries()) {
    if (index > 0 && index % RECORDS_A_TURN === 0) await turn();
    chain = appendRecord(chain, address, statement);
  }
  return chain as Chain;
}

function assertCount(statements: readonly unknown[]): void {
  if (!Array.isArray(statements) || statements.length === 0) throw invalid("there is no record");
  if (statements.length > MAX_RECORDS) throw invalid("there are too many records");
}

/** The chain with one record more, of which only that one is verified. Throws `history_invalid`. */
export function appendRecord(chain: Chain | null, address: Address, record: unknown, check: ChainCheck = {}): Chain {
  try {
    return append(chain, address, record, check);
  } catch (cause) {
    if (isSmimpError(cause) && cause.code !== "history_invalid") throw invalid(cause.message, cause);
    throw cause;
  }
}

function append(chain: Chain | null, address: Address, value: unknown, check: ChainCheck): Chain {
  const statement = parseShape(recordStatement, value);
  // Rule 6; characters were bounded with the shape, bytes count.
  if (!statement.data.isWellFormed() || utf8(statement.data).length > MAX_RECORD_BYTES) throw invalid("a record is larger than 4 KiB");
  return chain === null ? first(address, statement, check) : next(chain, statement, check);
}

// Record 0 alone brings the key that verifies it: it is parsed within bounds, and acted on only once verified.
function first(address: Address, statement: RecordStatement, check: ChainCheck): Chain {
  const document = parseRecordDocument(statement.data);
  const digest = statementDigest("record", statement.data);
  verifyDigest("record", document.public_key, digest, statement.signature);
  if (document.sequence !== 0) throw invalid("the first record is not record 0");
  if (document.previous !== null) throw invalid("record 0 names a record before it");
  if (document.address !== address) throw invalid("the records are those of another address");
  if (statement.new_key_signature !== undefined) throw invalid("a co-signature is out of place");
  if (document.recovery_key === document.public_key) throw invalid("a key stands twice in the chain");
  coSigned("recovery", document.recovery_key, digest, statement.recovery_signature);
  notAhead(document, null, check);
  const record: ChainRecord = { statement, document, link: linkOf(statement), signedBy: "master" };
  const keys = new Set([document.public_key, document.recovery_key]);
  return { address, records: [record], head: record, keyLink: record.link, keys };
}

function next(chain: Chain, statement: RecordStatement, check: ChainCheck): Chain {
  const { document: before, link: previous } = chain.head;
  const digest = statementDigest("record", statement.data);
  // The key is known from outside, so the signature comes before the parsing.
  const signedBy = signerOf(before, digest, statement.signature);
  const document = parseRecordDocument(statement.data);
  if (document.sequence !== before.sequence + 1) throw invalid("the records are not counted without gaps");
  if (document.previous !== previous) throw invalid("a record does not follow the one before");
  if (document.address !== chain.address) throw invalid("the address changes");
  if (document.changed_at < before.changed_at) throw invalid("time goes back");
  if (document.sequence >= RECOVERY_ONLY_FROM && signedBy !== "recovery") throw invalid("the last records are for the recovery key");

  const newMaster = document.public_key !== before.public_key;
  const newRecovery = document.recovery_key !== before.recovery_key;
  // Rule 3: who steals only the master key can't lock the owner out.
  if (newRecovery && signedBy !== "recovery") throw invalid("the recovery key is changed by the master key");
  if (newMaster) coSigned("new key", document.public_key, digest, statement.new_key_signature);
  else if (statement.new_key_signature !== undefined) throw invalid("a co-signature is out of place");
  if (newRecovery) coSigned("recovery", document.recovery_key, digest, statement.recovery_signature);
  else if (statement.recovery_signature !== undefined) throw invalid("a co-signature is out of place");

  // Rule 4: no key comes back, as either kind, nor stands in both places.
  const fresh = [...(newMaster ? [document.public_key] : []), ...(newRecovery ? [document.recovery_key] : [])];
  if (fresh.some((key) => chain.keys.has(key)) || new Set(fresh).size !== fresh.length) throw invalid("a key stands twice in the chain");
  notAhead(document, before, check);

  const record: ChainRecord = { statement, document, link: linkOf(statement), signedBy };
  return {
    address: chain.address,
    records: [...chain.records, record],
    head: record,
    keyLink: fresh.length > 0 ? record.link : chain.keyLink,
    keys: fresh.length > 0 ? new Set([...chain.keys, ...fresh]) : chain.keys,
  };
}

function signerOf(before: RecordDocument, digest: Uint8Array, signature: string): RecordSigner {
  const signed = (key: PublicKey): void => verifyDigest("record", key, digest, signature);
  return unlessRefused<RecordSigner, RecordSigner>(
    () => (signed(before.public_key), "master"),
    () => (signed(before.recovery_key), "recovery"),
  );
}

function coSigned(name: string, key: PublicKey, digest: Uint8Array, signature: string | undefined): void {
  if (signature === undefined) throw invalid(`the ${name} co-signature is missing`);
  verifyDigest("record", key, digest, signature);
}

// A server alone looks at the clock, and lets a record be dated as the one before, so that a clock set back locks nobody out.
function notAhead(document: RecordDocument, before: RecordDocument | null, { now }: ChainCheck): void {
  if (now === undefined || document.changed_at <= addSeconds(now, MAX_CLOCK_SKEW)) return;
  if (document.changed_at !== before?.changed_at) throw invalid("a record is dated ahead");
}

/** What a history is held against. */
export interface HistoryToAccept {
  readonly chain: Chain;
  /** The server that the history came from. */
  readonly server: BaseUrl;
  /** What is stored of this address, or null on first contact. */
  readonly pin: Pin | null;
  /** Master keys that are pinned under other addresses. */
  readonly pinnedElsewhere: readonly { readonly address: Address; readonly public_key: PublicKey }[];
}

/**
 * Holds a valid chain against what is known, and gives the pin to store from now on (protocol section 3).
 * Throws `history_rewritten`, `server_mismatch` or `key_reused`.
 */
export function acceptHistory({ chain, server, pin, pinnedElsewhere }: HistoryToAccept): Pin {
  if (pin !== null) {
    const pinned = chain.records[pin.sequence];
    if (chain.records[0].link !== pin.first_link || pinned?.link !== pin.link) {
      throw new SmimpError("history_rewritten", `the history of ${chain.address} is not the one that was seen before`);
    }
  }
  const { document, link } = chain.head;
  if (!document.servers.includes(server)) {
    throw new SmimpError("server_mismatch", `${chain.address} does not name this server in its history`);
  }
  if (pinnedElsewhere.some((other) => other.address !== chain.address && other.public_key === document.public_key)) {
    throw new SmimpError("key_reused", `${chain.address} uses the key of another address`);
  }
  return { first_link: chain.records[0].link, link, sequence: document.sequence, public_key: document.public_key };
}

/** The record of a chain with this link, if there is one. */
export function recordAt(chain: Chain, link: Hex32): ChainRecord | undefined {
  return chain.records.find((record) => record.link === link);
}

function invalid(detail: string, cause?: unknown): SmimpError {
  return new SmimpError("history_invalid", detail, { cause });
}
