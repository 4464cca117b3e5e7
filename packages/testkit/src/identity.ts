import {
  addSeconds,
  appendRecord,
  DAY,
  keyIdOf,
  xWingPublicKey,
  parseAddress,
  randomBytes,
  signingKey,
  signMessageKey,
  signRecord,
  type Address,
  type BaseUrl,
  type Chain,
  type Hex32,
  type MessageKeyKind,
  type RecordStatement,
  type SigningKey,
  type Statement,
  type Timestamp,
} from "@smimp/protocol";

/** A message key with its secret. */
export interface TestMessageKey {
  readonly statement: Statement;
  readonly seed: Uint8Array;
  readonly keyId: Hex32;
}

/** The record that a test identity appends; what is left out stays as it was. */
export interface TestRecord {
  readonly servers?: readonly BaseUrl[];
  readonly master?: SigningKey;
  readonly recovery?: SigningKey;
  readonly changedAt?: Timestamp;
  /** Signs with the recovery key instead of the master key. */
  readonly byRecovery?: boolean;
}

/**
 * Keys and chain of one address, without client or server: for tests of servers that speak the protocol themselves, and for
 * histories that no honest client would build. Immutable; `append` and `fork` give new ones.
 */
export interface TestIdentity {
  readonly address: Address;
  readonly master: SigningKey;
  readonly recovery: SigningKey;
  readonly chain: Chain;
  /** Record 0 to the last, as `get_user/{address}/history` answers. */
  history(): { readonly records: readonly RecordStatement[]; readonly profile: null };
  /** Only the first `length` records: an old state, as a server shows it that rolled back. */
  truncated(length: number): { readonly records: readonly RecordStatement[]; readonly profile: null };
  /** The identity with one record more. */
  append(record?: TestRecord): TestIdentity;
  /** The identity as it was after `sequence`, from where another chain can grow. */
  at(sequence: number): TestIdentity;
  /** A new message key, signed by the master key. Lives 30 days from `createdAt`. */
  messageKey(kind: MessageKeyKind, createdAt: Timestamp): TestMessageKey;
}

/** Makes an identity with record 0. */
export function createIdentity(address: string, server: BaseUrl, now: Timestamp): TestIdentity {
  const parsed = parseAddress(address);
  const master = signingKey(randomBytes(32));
  const recovery = signingKey(randomBytes(32));
  const record = signRecord({
    address: parsed,
    previous: null,
    servers: [server],
    profileHash: null,
    changedAt: now,
    master,
    recovery,
    signer: master,
  });
  return identityOf(appendRecord(null, parsed, record), [{ master, recovery }]);
}

const MESSAGE_KEY_LIFE = 30 * DAY;

interface Keys {
  readonly master: SigningKey;
  readonly recovery: SigningKey;
}

/** `keys` holds the pairs of each record. */
function identityOf(chain: Chain, keys: readonly Keys[]): TestIdentity {
  const { address, head } = chain;
  const current = keys.at(-1);
  if (current === undefined) throw new TypeError("keys must hold the pairs of each record");
  const { master, recovery } = current;
  const statements = chain.records.map((each) => each.statement);
  return {
    address,
    master,
    recovery,
    chain,
    history: () => ({ records: statements, profile: null }),
    truncated: (length) => ({ records: statements.slice(0, length), profile: null }),
    append: (record = {}) => {
      const next = { master: record.master ?? master, recovery: record.recovery ?? recovery };
      const statement = signRecord({
        address,
        previous: head,
        servers: record.servers ?? head.document.servers,
        profileHash: head.document.profile_hash,
        changedAt: record.changedAt ?? head.document.changed_at,
        ...next,
        signer: record.byRecovery === true ? recovery : master,
      });
      return identityOf(appendRecord(chain, address, statement), [...keys, next]);
    },
    at: (sequence) => {
      const kept = statements.slice(0, sequence + 1);
      const shorter = kept.reduce<Chain | null>((before, statement) => appendRecord(before, address, statement), null);
      if (shorter === null) throw new TypeError("sequence must be that of a record");
      return identityOf(shorter, keys.slice(0, sequence + 1));
    },
    messageKey: (kind, createdAt) => {
      const seed = randomBytes(32);
      const expiresAt = addSeconds(createdAt, MESSAGE_KEY_LIFE);
      return {
        statement: signMessageKey({ address, seed, kind, createdAt, expiresAt, master }),
        seed,
        keyId: keyIdOf(xWingPublicKey(seed)),
      };
    },
  };
}
