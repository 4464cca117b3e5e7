import type { Address } from "./address.ts";
import { decrypt, encrypt, NONCE_BYTES } from "./aead.ts";
import { assertBytes, concat, equalBytes, fromB64, hash, toB64, toHex32, utf8, wipe, type Hex32, type RandomBytes } from "./bytes.ts";
import {
  additionalData,
  COMMITMENT_BYTES,
  ENVELOPE_ALGORITHM,
  envelopeFields,
  messageIdOf,
  parseEnvelope,
  type BlobReference,
  type EnvelopeDocument,
  type EnvelopeFields,
} from "./envelope.ts";
import type { MessageKey } from "./message-key.ts";
import { pad, unpad } from "./padding.ts";
import { SmimpError } from "./problem.ts";
import { parseShape, type MessageType } from "./schema.ts";
import { sodium } from "./sodium.ts";
import { signStatement, verifyStatement, type PublicKey, type SigningKey, type Statement } from "./statement.ts";
import { decapsulate, encapsulate, X_WING_COINS_BYTES } from "./x-wing.ts";

/** Bytes of `prk`: a key and the commitment to it (protocol section 6). */
export const PRK_BYTES = 64;
const CONTENT_KEY_BYTES = 32;

// Only this module holds it, so that only this module makes a SealedEnvelope, in JavaScript too.
const MAKER = Symbol("sealed here");

/**
 * A message that is sealed and signed: the only thing a transport takes (protocol section 0: no plaintext, no fallback).
 * Only `seal` makes one, and `restoreSealed` from what `seal` made before.
 */
export class SealedEnvelope {
  // Private names make the type nominal: no object literal passes for one.
  readonly #sealed = true;
  readonly statement: Statement;
  readonly messageId: Hex32;
  readonly document: EnvelopeDocument;

  /** Not for callers: `maker` is known to this module only. Throws TypeError. */
  constructor(maker: typeof MAKER, statement: Statement, document: EnvelopeDocument) {
    if (maker !== MAKER) throw new TypeError("a sealed envelope is made by seal() only");
    this.statement = Object.freeze({ data: statement.data, signature: statement.signature });
    this.messageId = messageIdOf(statement);
    this.document = document;
    Object.freeze(this);
  }

  /** Whether a value is one, whatever types say. */
  static is(value: unknown): value is SealedEnvelope {
    return typeof value === "object" && value !== null && #sealed in value && value.#sealed;
  }
}

/** What is needed to seal a message. */
export interface MessageToSeal {
  readonly from: Address;
  readonly to: Address;
  readonly messageType: MessageType;
  /** Links of the last records of the sender's and the recipient's history. */
  readonly fromLink: Hex32;
  readonly toLink: Hex32;
  /** The recipient's message key, checked. */
  readonly messageKey: Pick<MessageKey, "keyId" | "publicKey">;
  readonly plaintext: Uint8Array;
  readonly blobs: readonly BlobReference[];
  readonly ticket: Hex32;
  /** The sender's master key. */
  readonly master: SigningKey;
  readonly random: RandomBytes;
}

/** Seals a message and signs the envelope (protocol section 6). Throws `bad_request` for a message key that can't be used. */
export function seal(message: MessageToSeal): SealedEnvelope {
  const fields: EnvelopeFields = {
    from: message.from,
    to: message.to,
    message_type: message.messageType,
    from_link: message.fromLink,
    to_link: message.toLink,
    sender_key: message.master.publicKey,
    ticket: message.ticket,
  };
  const coins = message.random(X_WING_COINS_BYTES);
  const nonce = message.random(NONCE_BYTES);
  const parts = sealParts({ fields, messageKey: message.messageKey.publicKey, plaintext: message.plaintext, coins, nonce });
  wipe(coins, parts.shared, parts.prk);
  if (parts.keyId !== message.messageKey.keyId) throw new TypeError("keyId is not that of the message key");
  const { ticket, ...first } = fields;
  const data = JSON.stringify({
    ...first,
    algorithm: ENVELOPE_ALGORITHM,
    key_id: parts.keyId,
    encapsulation: toB64(parts.encapsulation),
    nonce: toB64(nonce),
    ciphertext: toB64(parts.ciphertext),
    blobs: message.blobs.map(({ hash, size }) => ({ hash, size })),
    ticket,
  });
  // Parsing what is about to be signed keeps every fault on this side.
  const document = parseEnvelope(data);
  return new SealedEnvelope(MAKER, signStatement("envelope", message.master, data), document);
}

/** Reads an envelope back that `senderKey` sealed before, e.g. from the outbox. Throws `bad_signature`, `bad_request` or `bad_address`. */
export function restoreSealed(statement: Statement, senderKey: PublicKey): SealedEnvelope {
  verifyStatement("envelope", senderKey, statement);
  const document = parseEnvelope(statement.data);
  if (document.sender_key !== senderKey) throw new SmimpError("bad_signature", "the envelope names another sender's key");
  return new SealedEnvelope(MAKER, statement, document);
}

/** The encryption alone, its randomness given: what test vectors show. */
export interface PartsToSeal {
  readonly fields: EnvelopeFields;
  /** An X-Wing public key, 1,216 bytes. */
  readonly messageKey: Uint8Array;
  readonly plaintext: Uint8Array;
  /** 64 and 24 random bytes, never used before. */
  readonly coins: Uint8Array;
  readonly nonce: Uint8Array;
}

/** What sealing gives, secrets included; callers wipe `shared` and `prk`. */
export interface SealedParts {
  readonly keyId: Hex32;
  readonly ad: Uint8Array;
  readonly encapsulation: Uint8Array;
  readonly shared: Uint8Array;
  readonly prk: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Encrypts to a message key (protocol section 6). Throws `bad_request` or `bad_address` for fields or a key that are none. */
export function sealParts(parts: PartsToSeal): SealedParts {
  assertBytes(parts.plaintext, "plaintext");
  assertBytes(parts.nonce, "nonce", NONCE_BYTES);
  const fields = parseShape(envelopeFields, parts.fields);
  const { encapsulation, shared } = encapsulate(parts.messageKey, parts.coins);
  const keyId = toHex32(hash(parts.messageKey));
  const ad = additionalData(fields, keyId);
  const prk = prkOf(shared, encapsulation, ad);
  const padded = pad(parts.plaintext);
  const body = encrypt(prk.subarray(0, CONTENT_KEY_BYTES), parts.nonce, ad, padded);
  wipe(padded);
  return { keyId, ad, encapsulation, shared, prk, ciphertext: concat(prk.subarray(CONTENT_KEY_BYTES), body) };
}

/** Decrypts with the secret of the message key. Throws `commitment_mismatch` or `decryption_failed`. */
export function openParts(seed: Uint8Array, document: EnvelopeDocument): { readonly plaintext: Uint8Array; readonly prk: Uint8Array } {
  const encapsulation = fromB64(document.encapsulation);
  const shared = decapsulate(seed, encapsulation);
  const prk = prkOf(shared, encapsulation, additionalData(document, document.key_id));
  wipe(shared);
  return { plaintext: openWithPrk(prk, document), prk };
}

/** Decrypts with an archived prk of 64 bytes (protocol section 8). Throws `commitment_mismatch` or `decryption_failed`. */
export function openWithPrk(prk: Uint8Array, document: EnvelopeDocument): Uint8Array {
  assertBytes(prk, "prk", PRK_BYTES);
  const ciphertext = fromB64(document.ciphertext);
  // Compared in constant time before anything is decrypted (protocol section 6).
  if (!equalBytes(ciphertext.subarray(0, COMMITMENT_BYTES), prk.subarray(CONTENT_KEY_BYTES))) {
    throw new SmimpError("commitment_mismatch", "the message is not sealed under this key");
  }
  const ad = additionalData(document, document.key_id);
  return unpad(decrypt(prk.subarray(0, CONTENT_KEY_BYTES), fromB64(document.nonce), ad, ciphertext.subarray(COMMITMENT_BYTES)));
}

function prkOf(shared: Uint8Array, encapsulation: Uint8Array, ad: Uint8Array): Uint8Array {
  return sodium.crypto_generichash(PRK_BYTES, concat(utf8("smimp/1.0 seal"), 0, hash(encapsulation), ad), shared);
}
