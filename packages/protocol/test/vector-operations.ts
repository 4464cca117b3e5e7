import {
  acceptHistory,
  checkAssertion,
  checkChain,
  checkDeletion,
  checkMessageKey,
  checkProfileText,
  checkSession,
  checkWork,
  fromB64,
  fromHex,
  linkOf,
  messageIdOf,
  openEnvelope,
  openParts,
  openWithPrk,
  pad,
  paddedLength,
  parseAddress,
  parseBaseUrl,
  parseEnvelopeDocument,
  parseJsonBytes,
  parseShape,
  parseWellKnown,
  recordStatement,
  safetyNumber,
  sealParts,
  senderOf,
  signingKey,
  signStatement,
  statementDigest,
  toB64,
  toHex,
  unpad,
  utf8,
  verifyStatement,
  workParameters,
  work,
  xWingPublicKey,
  keyIdOf,
  type AssertionCheck,
  type DeletionCheck,
  type Hex32,
  type MessageKeyCheck,
  type OwnMessageKey,
  type Pin,
  type PublicKey,
  type SessionCheck,
  type Statement,
  type StatementType,
  type Timestamp,
  type WorkCheck,
} from "@smimp/protocol";
import { blobOperations } from "./vector-blobs.ts";
import { boxOperations } from "./vector-boxes.ts";
import { fields, must, text, type Fields, type Operation } from "./vector-format.ts";
import { keystoreOperations } from "./vector-keystore.ts";

function statementIn(input: Fields): Statement {
  return fields(input, "statement") as unknown as Statement;
}

const addresses: Record<string, Operation> = {
  "address.normalize": (input) => ({ address: parseAddress(input["text"]) }),
  "base-url.check": (input) => void parseBaseUrl(input["url"]),
  "well-known.parse": (input) => ({ base_url: parseWellKnown(fromHex(text(input, "body"))) }),
};

const encodings: Record<string, Operation> = {
  "json.parse": (input) => ({ value: parseJsonBytes(fromHex(text(input, "bytes"))) }),
  "b64.decode": (input) => ({ bytes: toHex(fromB64(text(input, "text"), input["length"] as number | undefined)) }),
  "hex.decode": (input) => ({ bytes: toHex(fromHex(text(input, "text"), input["length"] as number | undefined)) }),
};

const statements: Record<string, Operation> = {
  "statement.sign"(input) {
    const type = text(input, "type") as StatementType;
    const key = signingKey(fromB64(text(input, "secret_seed"), 32));
    const signed = signStatement(type, key, text(input, "data"));
    const digest = verifyStatement(type, key.publicKey, signed);
    return { public_key: key.publicKey, digest: toHex(digest), signature: signed.signature };
  },
  "statement.verify"(input) {
    verifyStatement(text(input, "type") as StatementType, text(input, "public_key") as PublicKey, statementIn(input));
  },
  "session.check": (input) => checkSession(camelCased(input) as SessionCheck),
  "deletion.check": (input) => checkDeletion(camelCased(input) as DeletionCheck),
  "assertion.check": (input) => checkAssertion(camelCased(input) as AssertionCheck),
};

// The knowing side's members are named alike in vectors and code, but for the case of the letters.
function camelCased(input: Fields): unknown {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

const chains: Record<string, Operation> = {
  "record-chain.check"(input) {
    const chain = chainOf(input, input["now"] as Timestamp | undefined);
    const { link, document } = chain.head;
    const first = chain.records[0]?.link;
    return {
      links: chain.records.map((record) => record.link),
      signed_by: chain.records.map((record) => record.signedBy),
      pin: { first_link: first, link, sequence: document.sequence, public_key: document.public_key },
      key_link: chain.keyLink,
    };
  },
  "record-chain.accept"(input) {
    const chain = chainOf(input, undefined);
    checkProfileText(input["profile"] as string | null, chain.head.document.profile_hash);
    const server = parseBaseUrl(input["server"]);
    const pin = input["pin"] as Pin | null;
    const pinnedElsewhere = input["pinned_elsewhere"] as Parameters<typeof acceptHistory>[0]["pinnedElsewhere"];
    return { pin: acceptHistory({ chain, server, pin, pinnedElsewhere }) };
  },
  "link.compute"(input) {
    const record = parseShape(recordStatement, input["statement"]);
    return { digest: toHex(statementDigest("record", record.data)), link: linkOf(record) };
  },
  "safety-number.compute"(input) {
    const people = input["people"] as readonly { address: string; key_link: Hex32 }[];
    const [a, b] = people.map((one) => ({ address: parseAddress(one.address), keyLink: one.key_link }));
    if (a === undefined || b === undefined) throw new TypeError("the vector lacks people");
    return { safety_number: safetyNumber(a, b) };
  },
};

function chainOf(input: Fields, now: Timestamp | undefined) {
  return checkChain(parseAddress(input["address"]), input["records"] as readonly unknown[], now === undefined ? {} : { now });
}

const keys: Record<string, Operation> = {
  "message-key.check"(input) {
    const { keyId, kind } = checkMessageKey(camelCased(input) as MessageKeyCheck);
    return { key_id: keyId, kind };
  },
};

const sealing: Record<string, Operation> = {
  "padding.lengths": (input) => ({ padded_lengths: (input["lengths"] as readonly number[]).map(paddedLength) }),
  "padding.pad"(input) {
    const bytes = fromHex(text(input, "bytes"));
    const padded = pad(bytes);
    must(toHex(unpad(padded)) === toHex(bytes), "what was padded must unpad");
    return { padded: toHex(padded) };
  },
  "padding.unpad": (input) => ({ bytes: toHex(unpad(fromHex(text(input, "padded")))) }),
  "seal.seal"(input) {
    const sealed = sealParts({
      fields: fields(input, "fields") as never,
      messageKey: fromB64(text(input, "message_key")),
      plaintext: fromB64(text(input, "plaintext")),
      coins: fromB64(text(input, "coins")),
      nonce: fromB64(text(input, "nonce")),
    });
    return {
      key_id: sealed.keyId,
      ad: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(sealed.ad),
      encapsulation: toB64(sealed.encapsulation),
      shared: toB64(sealed.shared),
      prk: toB64(sealed.prk),
      ciphertext: toB64(sealed.ciphertext),
    };
  },
  "open.open"(input) {
    const { plaintext, prk } = openParts(fromB64(text(input, "message_key_seed"), 32), parseEnvelopeDocument(input["envelope"]));
    return { plaintext: toB64(plaintext), prk: toB64(prk) };
  },
  "open.with-prk": (input) => ({
    plaintext: toB64(openWithPrk(fromB64(text(input, "prk"), 64), parseEnvelopeDocument(input["envelope"]))),
  }),
  "envelope.message-id": (input) => ({ message_id: messageIdOf(statementIn(input)) }),
  "envelope.open"(input) {
    const statement = statementIn(input);
    const { from } = senderOf(statement);
    const sender = checkChain(parseAddress(recordAddress(input)), input["sender_history"] as readonly unknown[]);
    const opened = openEnvelope({ statement, me: recipientOf(fields(input, "me")), sender });
    must(opened.from === from, "the sender is the one whose chain was chosen");
    return {
      message_id: opened.messageId,
      from: opened.from,
      revoked_key: opened.revokedKey,
      plaintext: toB64(opened.plaintext),
    };
  },
};

/** The address whose history a client would have fetched: the one that the records are about. */
function recordAddress(input: Fields): unknown {
  const [record] = input["sender_history"] as readonly { readonly data: string }[];
  return (parseJsonBytes(utf8(record?.data ?? "")) as { readonly address?: unknown }).address;
}

function recipientOf(me: Fields) {
  const own = me["message_keys"] as readonly { seed: string; signed_by: PublicKey; used_by: Hex32 | null }[];
  const messageKeys = new Map<Hex32, OwnMessageKey>();
  for (const { seed, signed_by, used_by } of own) {
    const bytes = fromB64(seed, 32);
    messageKeys.set(keyIdOf(xWingPublicKey(bytes)), { kind: "ephemeral", seed: bytes, signedBy: signed_by, usedBy: used_by });
  }
  const chain = me["chain"] as readonly { link: Hex32; public_key: PublicKey }[];
  return {
    address: parseAddress(me["address"]),
    records: chain.map((one) => ({ link: one.link, publicKey: one.public_key })),
    messageKeys,
  };
}

const proofs: Record<string, Operation> = {
  "pow.check"(input) {
    const { challenge, works } = checkWork({
      ...(camelCased(input) as WorkCheck),
      parameters: parseShape(workParameters, input["parameters"]),
      pow: parseShape(work, input["pow"]),
    });
    return { challenge: toHex(challenge), works: works.map(toHex) };
  },
};

/** Every operation of vectors/README.md, by name. Free of platform imports: Node and browsers run the same code. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...addresses,
  ...encodings,
  ...statements,
  ...chains,
  ...keys,
  ...sealing,
  ...proofs,
  ...blobOperations,
  ...boxOperations,
  ...keystoreOperations,
};
