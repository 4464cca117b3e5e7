import {
  checkChain,
  parseAddress,
  parseBaseUrl,
  signDigest,
  signingKey,
  signRecord,
  signStatement,
  statementDigest,
  timestampOf,
  type Address,
  type BaseUrl,
  type Chain,
  type RecordDocument,
  type RecordStatement,
  type SigningKey,
  type Timestamp,
} from "@smimp/protocol";

/** Whose chains the tests build. */
export const ALICE: Address = parseAddress("alice#alpha.example");
/** Another user address. */
export const BOB: Address = parseAddress("bob#beta.example");
/** Alice's server. */
export const SERVER: BaseUrl = parseBaseUrl("https://smimp.alpha.example/");
/** When the chains of tests begin. */
export const START: Timestamp = timestampOf(1_795_000_000);

/** The test key of a number. Never used for anything else. */
export function testKey(number: number): SigningKey {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, number);
  return signingKey(seed);
}

/** Alice's first keys. */
export const MASTER: SigningKey = testKey(1);
/** Alice's first recovery key. */
export const RECOVERY: SigningKey = testKey(2);

/** Alice's record 0. */
export function firstRecord(changedAt: Timestamp = START): RecordStatement {
  const keys = { master: MASTER, recovery: RECOVERY, signer: MASTER };
  return signRecord({ address: ALICE, previous: null, servers: [SERVER], profileHash: null, changedAt, ...keys });
}

/** A chain of record 0 alone. */
export function firstChain(): Chain {
  return checkChain(ALICE, [firstRecord()]);
}

/** What changes against the record before. */
export interface Change {
  readonly master?: SigningKey;
  readonly recovery?: SigningKey;
  readonly servers?: readonly BaseUrl[];
  readonly changedAt?: Timestamp;
  readonly signer?: SigningKey;
}

/** A right next record; the signer has to be named where it is not `MASTER`. */
export function nextRecord(chain: Chain, change: Change = {}): RecordStatement {
  const { document } = chain.head;
  return signRecord({
    address: chain.address,
    previous: chain.head,
    servers: change.servers ?? document.servers,
    profileHash: document.profile_hash,
    changedAt: change.changedAt ?? document.changed_at,
    master: change.master ?? document.public_key,
    recovery: change.recovery ?? document.recovery_key,
    signer: change.signer ?? MASTER,
  });
}

/** The document of a next record that changes nothing, to be given faults. */
export function nextDocument(chain: Chain): RecordDocument {
  return { ...chain.head.document, sequence: chain.head.document.sequence + 1, previous: chain.head.link };
}

/** Signs any document, right or wrong, with any co-signatures. */
export function signAnything(
  document: unknown,
  by: SigningKey,
  coSigners: { newKey?: SigningKey; recovery?: SigningKey } = {},
): RecordStatement {
  const data = typeof document === "string" ? document : JSON.stringify(document);
  const digest = statementDigest("record", data);
  return {
    ...signStatement("record", by, data),
    ...(coSigners.newKey === undefined ? {} : { new_key_signature: signDigest("record", coSigners.newKey, digest) }),
    ...(coSigners.recovery === undefined ? {} : { recovery_signature: signDigest("record", coSigners.recovery, digest) }),
  };
}
