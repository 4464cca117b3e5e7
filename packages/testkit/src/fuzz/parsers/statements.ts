import {
  checkAssertion,
  checkDeletion,
  checkMessageKey,
  checkSession,
  checkWork,
  claimedDeletion,
  claimedToken,
  createWorkSolver,
  fromUtf8,
  linkOf,
  messageIdOf,
  openEnvelope,
  openParts,
  openWithPrk,
  parseBaseUrl,
  parseEnvelope,
  parseHex32,
  parseMessageType,
  parseShape,
  randomBytes,
  restoreSealed,
  seal,
  senderOf,
  signAssertion,
  signDeletion,
  signSession,
  signStatement,
  toB64,
  toHex32,
  utf8,
  verifyStatement,
  work,
  type Statement,
  type StatementType,
  type SigningKey,
} from "@smimp/protocol";
import type { TestIdentity } from "../../identity.ts";
import { documentParser, valueParser, type Parser } from "./kinds.ts";

const NOW = "2026-11-23T00:00:00Z";
const SERVER = parseBaseUrl("https://smimp.alpha.example/");

/** A statement whose text is changed and then signed as it should be. */
function signed(valid: Statement, type: StatementType, key: SigningKey, parse: (statement: Statement) => unknown): Parser {
  return documentParser(JSON.parse(valid.data), (text) => parse(sign(type, key, Buffer.from(text).toString("utf8"))));
}

/** A text that can't be signed goes as it stands, with no signature to speak of. */
function sign(type: StatementType, key: SigningKey, data: string): Statement {
  return data.isWellFormed() ? signStatement(type, key, data) : { data, signature: toB64(new Uint8Array(64)) };
}

/** A statement that comes from a peer as JSON of any kind; the types only say what it should be. */
function unsigned(valid: Statement, parse: (statement: Statement) => unknown): Parser {
  return valueParser(valid, (value) => parse(asStatement(value)));
}

/** What a wire schema lets through as a statement. */
function asStatement(value: unknown): Statement {
  const { data, signature } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  return { data: typeof data === "string" ? data : "", signature: typeof signature === "string" ? signature : "" };
}

function wellFormed({ data, signature }: Statement): Statement {
  return { data: data.toWellFormed(), signature };
}

/** Parsers of statements: signed as they should be over any document, and any bytes under any signature. */
export function statementParsers(alice: TestIdentity): Readonly<Record<string, Parser>> {
  const { master, recovery, address, chain } = alice;
  const now = chain.head.document.changed_at;
  const token = toB64(new Uint8Array(32));
  const session = signSession({ server: SERVER, address, token, role: "master", issuedAt: now, key: master });
  const deletion = signDeletion({ address, server: SERVER, link: chain.head.link, issuedAt: now, recovery });
  const assertion = signAssertion({
    audience: "https://site.example",
    address,
    nonce: "n",
    issuedAt: now,
    expiresAt: NOW.replace("00:00Z", "04:00Z") as typeof now,
    sequence: 1,
    master,
  });
  const key = alice.messageKey("ephemeral", now).statement;
  const keys = { publicKey: master.publicKey, recoveryKey: recovery.publicKey };
  const checkAll: Readonly<Record<string, (statement: Statement) => unknown>> = {
    checkSession: (statement) => checkSession({ statement, server: SERVER, address, token, now, ...keys }),
    checkDeletion: (statement) =>
      checkDeletion({ statement, address, server: SERVER, link: chain.head.link, now, recoveryKey: recovery.publicKey }),
    checkAssertion: (statement) =>
      checkAssertion({ statement, audience: "https://site.example", address, nonce: "n", now, head: chain.head.document }),
    checkMessageKey: (statement) => checkMessageKey({ statement, address, publicKey: master.publicKey, now }),
  };
  const check = (name: string) => checkAll[name] ?? (() => undefined);
  return {
    checkSession: signed(session, "session", master, check("checkSession")),
    "checkSession, unsigned": unsigned(session, check("checkSession")),
    claimedToken: unsigned(session, claimedToken),
    checkDeletion: signed(deletion, "deletion", recovery, check("checkDeletion")),
    "checkDeletion, unsigned": unsigned(deletion, check("checkDeletion")),
    claimedDeletion: unsigned(deletion, claimedDeletion),
    checkAssertion: signed(assertion, "assertion", master, check("checkAssertion")),
    "checkAssertion, unsigned": unsigned(assertion, check("checkAssertion")),
    checkMessageKey: signed(key, "message-key", master, check("checkMessageKey")),
    "checkMessageKey, unsigned": unsigned(key, check("checkMessageKey")),
    verifyStatement: unsigned(session, (statement) => verifyStatement("session", master.publicKey, statement)),
    // JSON of SMIMP holds no lone surrogates: what comes this far can be hashed.
    linkOf: valueParser(chain.head.statement, (value) => linkOf(wellFormed(asStatement(value)))),
    ...envelopeParsers(alice),
    ...workParsers(),
  };
}

function envelopeParsers(alice: TestIdentity): Readonly<Record<string, Parser>> {
  const { chain, address, master } = alice;
  const mine = alice.messageKey("ephemeral", chain.head.document.changed_at);
  const messageKey = checkMessageKey({
    statement: mine.statement,
    address,
    publicKey: master.publicKey,
    now: chain.head.document.changed_at,
  });
  const { head } = chain;
  const sealed = seal({
    from: address,
    to: address,
    messageType: parseMessageType("email"),
    fromLink: head.link,
    toLink: head.link,
    messageKey,
    plaintext: utf8("{}"),
    blobs: [],
    ticket: toHex32(new Uint8Array(32)),
    master,
    random: randomBytes,
  });
  const me = {
    address,
    records: [{ link: head.link, publicKey: master.publicKey }],
    messageKeys: new Map([[mine.keyId, { kind: "ephemeral" as const, seed: mine.seed, signedBy: master.publicKey, usedBy: null }]]),
  };
  const { statement, document } = sealed;
  const { prk } = openParts(mine.seed, document);
  return {
    openEnvelope: signed(statement, "envelope", master, (each) => openEnvelope({ statement: each, me, sender: chain })),
    "openEnvelope, unsigned": unsigned(statement, (each) => openEnvelope({ statement: each, me, sender: chain })),
    senderOf: unsigned(statement, senderOf),
    messageIdOf: unsigned(statement, (each) => messageIdOf(wellFormed(each))),
    restoreSealed: signed(statement, "envelope", master, (each) => restoreSealed(each, master.publicKey)),
    // What came this far has the shape of an envelope.
    openParts: documentParser(document, (text) => openParts(mine.seed, parseEnvelope(fromUtf8(text)))),
    openWithPrk: documentParser(document, (text) => openWithPrk(prk, parseEnvelope(fromUtf8(text)))),
  };
}

function workParsers(): Readonly<Record<string, Parser>> {
  const parameters = {
    algorithm: "blake2b" as const,
    zero_bits: 4,
    count: 2,
    nonce: parseHex32("0".repeat(64)),
    expires_at: NOW as TestIdentity["chain"]["head"]["document"]["changed_at"],
  };
  const someone = "alice#alpha.example" as TestIdentity["address"];
  const subject = { server: SERVER, from: someone, to: someone, messageType: "registration" as const };
  const pow = createWorkSolver(subject, parameters, randomBytes).step(100_000);
  const now = "2026-11-22T00:00:00Z" as typeof parameters.expires_at;
  return {
    checkWork: valueParser(pow, (value) => checkWork({ ...subject, parameters, pow: parseShape(work, value), now })),
  };
}
