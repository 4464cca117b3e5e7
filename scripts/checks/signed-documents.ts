import {
  parseAddress,
  parseBaseUrl,
  parseTimestamp,
  randomBytes,
  signAssertion,
  signDeletion,
  signingKey,
  signMessageKey,
  signRecord,
  signSession,
  toB64,
  toHex32,
  type Statement,
} from "@smimp/protocol";

/** One type of signed document. */
interface SignedDocument {
  readonly type: string;
  /** The members that the code signs. */
  readonly names: readonly string[];
}

/** One document of each type, as the code makes it: their members are what the protocol's text must name. */
export function signedDocuments(): readonly SignedDocument[] {
  const key = signingKey(randomBytes(32));
  const address = parseAddress("alice#example.com");
  const server = parseBaseUrl("https://smimp.example.com/");
  const now = parseTimestamp("2026-11-23T00:00:00Z");
  const link = toHex32(randomBytes(32));
  const record = signRecord({
    address,
    previous: null,
    servers: [server],
    profileHash: null,
    changedAt: now,
    master: key,
    recovery: signingKey(randomBytes(32)),
    signer: key,
  });
  const messageKey = signMessageKey({ address, seed: randomBytes(32), kind: "ephemeral", createdAt: now, expiresAt: now, master: key });
  const session = signSession({ server, address, token: toB64(randomBytes(32)), role: "master", issuedAt: now, key });
  const deletion = signDeletion({ address, server, link, issuedAt: now, recovery: key });
  const assertion = signAssertion({
    audience: "https://site.example",
    address,
    nonce: "nonce",
    issuedAt: now,
    expiresAt: now,
    sequence: 0,
    master: key,
  });
  return [
    { type: "record", names: membersOf(record) },
    { type: "message-key", names: membersOf(messageKey) },
    { type: "session", names: membersOf(session) },
    { type: "deletion", names: membersOf(deletion) },
    { type: "assertion", names: membersOf(assertion) },
  ];
}

function membersOf({ data }: Pick<Statement, "data">): readonly string[] {
  return Object.keys(JSON.parse(data) as object);
}
