import type { Address } from "./address.ts";
import { toHex32, type Hex32 } from "./bytes.ts";
import { parseEnvelope, type EnvelopeDocument } from "./envelope.ts";
import type { MessageKeyKind } from "./message-key.ts";
import { SmimpError } from "./problem.ts";
import { recordAt, type Chain, type Pin } from "./record-chain.ts";
import { openParts } from "./seal.ts";
import { verifyStatement, type PublicKey, type Statement } from "./statement.ts";

/** One of the recipient's own message keys, its secret included. */
export interface OwnMessageKey {
  readonly kind: MessageKeyKind;
  /** The X-Wing secret, 32 bytes. */
  readonly seed: Uint8Array;
  /** The master key that signed the message key. */
  readonly signedBy: PublicKey;
  /** The message that was opened with this key before; counts for single-use keys only. */
  readonly usedBy: Hex32 | null;
}

/** Who opens. */
export interface Recipient {
  readonly address: Address;
  /** Link and master key of each record of the own chain. */
  readonly records: readonly { readonly link: Hex32; readonly publicKey: PublicKey }[];
  /** The own message keys by key id. */
  readonly messageKeys: ReadonlyMap<Hex32, OwnMessageKey>;
}

/** What is needed to open an envelope. */
export interface EnvelopeToOpen {
  readonly statement: Statement;
  readonly me: Recipient;
  /** The pinned chain of the sender, whom `senderOf` names. */
  readonly sender: Chain;
  /** The sender's pin when the envelope was first seen, before its own history was fetched; null on first contact. */
  readonly pinWhenSeen?: Pin | null;
}

/** An opened message. */
export interface OpenedEnvelope {
  readonly messageId: Hex32;
  readonly from: Address;
  readonly plaintext: Uint8Array;
  /** What archives the message, 64 bytes; the caller wipes it. */
  readonly prk: Uint8Array;
  /** A recovery-signed record came later: the sender's key may have been stolen. */
  readonly revokedKey: boolean;
  /** First seen after a record with another key was pinned. */
  readonly formerKey: boolean;
  readonly document: EnvelopeDocument;
}

/** Link and key of each record of a chain, as a recipient's own are given. */
export function recordKeysOf(chain: Chain): Recipient["records"] {
  return chain.records.map(({ link, document }) => ({ link, publicKey: document.public_key }));
}

/**
 * Whose history verifies an envelope: not verified yet, good for nothing but to fetch and choose the chain
 * (protocol section 1). Throws `bad_request` or `bad_address`.
 */
export function senderOf(statement: Statement): { readonly from: Address; readonly fromLink: Hex32 } {
  const { from, from_link } = parseEnvelope(statement.data);
  return { from, fromLink: from_link };
}

/**
 * Opens an envelope, every check of protocol section 6 included. Throws `bad_request`, `bad_address`, `bad_signature`
 * (also where `from_link` is not in the sender's chain), `not_for_me`, `own_history_mismatch`, `key_unknown`,
 * `key_used_twice`, `commitment_mismatch` or `decryption_failed`.
 */
export function openEnvelope({ statement, me, sender, pinWhenSeen = null }: EnvelopeToOpen): OpenedEnvelope {
  const document = parseEnvelope(statement.data);
  // Until the signature holds, only what chooses the key is used: from and from_link (protocol section 1).
  const record = sender.address === document.from ? recordAt(sender, document.from_link) : undefined;
  if (record === undefined) throw new SmimpError("bad_signature", "the sender's history holds no such record");
  const senderKey = record.document.public_key;
  const messageId = toHex32(verifyStatement("envelope", senderKey, statement));
  if (document.sender_key !== senderKey) throw new SmimpError("bad_signature", "the sender's record holds another key");

  const { seed } = ownKey(me, document, messageId);
  const { plaintext, prk } = openParts(seed, document);
  const { sequence } = record.document;
  return {
    messageId,
    from: document.from,
    plaintext,
    prk,
    revokedKey: sender.records.some((later) => later.document.sequence > sequence && later.signedBy === "recovery"),
    // A key never comes back (protocol section 3), so a later pin with another key means that this one was given up.
    formerKey: pinWhenSeen !== null && pinWhenSeen.sequence > sequence && pinWhenSeen.public_key !== senderKey,
    document,
  };
}

/** Chooses my key by the rules of protocol section 6; the message is authentic by now. */
function ownKey(me: Recipient, document: EnvelopeDocument, messageId: Hex32): OwnMessageKey {
  if (document.to !== me.address) throw new SmimpError("not_for_me", "the message is for somebody else");
  const shown = me.records.find(({ link }) => link === document.to_link);
  if (shown === undefined) throw new SmimpError("own_history_mismatch", "the sender was shown another history of me");
  const key = me.messageKeys.get(document.key_id);
  if (key === undefined) throw new SmimpError("key_unknown", "the message is sealed to a key that is not here");
  if (key.signedBy !== shown.publicKey) throw new SmimpError("own_history_mismatch", "the sender was shown an old history of me");
  if (key.kind === "ephemeral" && key.usedBy !== null && key.usedBy !== messageId) {
    throw new SmimpError("key_used_twice", "a single-use key was issued twice");
  }
  return key;
}
