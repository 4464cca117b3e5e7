import {
  appendRecord,
  checkChain,
  checkChainInTurns,
  fromB64,
  fromBase32,
  fromHex,
  fromUtf8,
  groupBase32,
  newDeviceLink,
  newPhrase,
  normalizePhrase,
  parseAddress,
  parseArchiveKeyId,
  parseBaseUrl,
  parseAutoReplySetting,
  parseDeviceLinkCode,
  parseDomain,
  parseDraft,
  parseEmail,
  parseEnvelope,
  parseEnvelopeDocument,
  exportLine,
  ENDPOINTS,
  importHead,
  parseHex32,
  parseJson,
  parseJsonBytes,
  parseKeystoreDocument,
  parseLinkCode,
  parseListEntry,
  parseMessageType,
  parseNormalAddress,
  parsePhrase,
  parseProfile,
  parsePublicKey,
  parseRecordDocument,
  parseSecretKey,
  parseShape,
  parseShortMessage,
  parseSignatureSetting,
  parseTimestamp,
  parseTombstone,
  parseWellKnown,
  randomBytes,
  storedMessage,
  toB64,
  toHex,
  ungroupBase32,
  utf8,
  type Endpoint,
} from "@smimp/protocol";
import { createIdentity, type TestIdentity } from "../../identity.ts";
import { sampleOf } from "../input/schema.ts";
import { bytesParser, documentParser, textParser, valueParser, type Parser } from "./kinds.ts";

const hex = "0".repeat(64);
const b64 = (bytes: number): string => toB64(new Uint8Array(bytes));
const asText = (parse: (text: string) => unknown) => (bytes: Uint8Array) => parse(fromUtf8(bytes));

const ENVELOPE = {
  from: "alice#alpha.example",
  to: "bob#beta.example",
  message_type: "email",
  from_link: hex,
  to_link: hex,
  sender_key: b64(32),
  ticket: hex,
  algorithm: "xwing-xchacha20poly1305",
  key_id: hex,
  encapsulation: b64(1_120),
  nonce: b64(24),
  ciphertext: b64(304),
  blobs: [{ hash: hex, size: 1 }],
};
const ATTACHMENT = { name: "a.txt", media_type: "text/plain", size: 1, hash: hex, key: b64(32) };
const EMAIL = {
  ref: hex,
  to: ["bob#beta.example"],
  cc: ["carol#alpha.example"],
  subject: "Hello",
  thread_id: hex,
  in_reply_to: hex,
  date_sent: "2026-11-23T00:00:00Z",
  body: "Hello",
  signature_text: "A",
  attachments: [ATTACHMENT],
  extensions: { auto_reply: true, imported: { from: "a", to: ["b"], cc: [], date: null, message_id: null } },
  reply_to: "alice#alpha.example",
  auto_reply_address: "alice#alpha.example",
};
const SECRET = { ref: hex, name: "a", algorithm: "b", key: b64(32), note: "c" };
const PIN = {
  address: "bob#beta.example",
  first_link: hex,
  link: hex,
  sequence: 0,
  public_key: b64(32),
  verified: { key_link: hex, at: "2026-11-23T00:00:00Z" },
};
const KEYSTORE = {
  master_seed: b64(32),
  message_keys: [{ seed: b64(32), kind: "ephemeral", expires_at: "2026-11-23T00:00:00Z", signed_by: b64(32), used_by: null }],
  archive_keys: [{ id: "0".repeat(32), key: b64(32), month: "2026-11" }],
  pins: [PIN],
  devices: [{ id: "0".repeat(32), name: "a", public_key: b64(1_216), added_at: "2026-11-23T00:00:00Z" }],
  settings: { phrase_key: b64(1_216), shared: { a: { value: 1, at: "2026-11-23T00:00:00Z" } } },
  tombstones: [`archive-key:${"0".repeat(32)}`],
};
const PROFILE = {
  name: "Alice",
  website: "https://alice.example/",
  profiles: ["https://alice.example/"],
  avatar: { hash: hex, media_type: "image/png" },
  additional: {},
};
const EXPORT_LINE = { kind: "folder", name: "a", message_type: "email", parent: null, display_name: null };
const STORED = {
  message_id: hex,
  envelope: { data: "{}", signature: b64(64) },
  received_at: "2026-11-23T00:00:00Z",
  position: 1,
  received_via: "smimp_client",
  read: false,
  folder: null,
  pow: null,
  archive: null,
  summary: null,
  extensions: null,
  protocol_version: "1.0",
};

/** Parsers of texts and documents that are not signed, by the name under which the protocol exports them. */
export function textParsers(alice: TestIdentity): Readonly<Record<string, Parser>> {
  const link = newDeviceLink(randomBytes);
  const records = alice.history().records;
  const [first, second] = records;
  const chain = createChain(alice);
  return {
    parseAddress: textParser("Alice#Alpha.example", parseAddress),
    parseNormalAddress: textParser("alice#alpha.example", parseNormalAddress),
    parseDomain: textParser("alpha.example", parseDomain),
    parseBaseUrl: textParser("https://smimp.alpha.example:8443/a/", parseBaseUrl),
    parseTimestamp: textParser("2026-11-23T00:00:00Z", parseTimestamp),
    parseMessageType: textParser("x-custom-a", parseMessageType),
    parseHex32: textParser(hex, parseHex32),
    parseArchiveKeyId: textParser("0".repeat(32), parseArchiveKeyId),
    parsePublicKey: textParser(b64(32), parsePublicKey),
    parseDeviceLinkCode: textParser(link.code, parseDeviceLinkCode),
    parseLinkCode: textParser(groupBase32(link.linkCode), parseLinkCode),
    parseTombstone: textParser(`message-key:${hex} 2026-11-23T00:00:00Z`, parseTombstone),
    parseListEntry: textParser("#alpha.example", parseListEntry),
    parsePhrase: textParser(newPhrase(new Uint8Array(32)), parsePhrase),
    normalizePhrase: textParser("  Abandon ABOUT\n", normalizePhrase),
    ungroupBase32: textParser("ABCD EFGH", ungroupBase32),
    fromBase32: textParser("AAAAAAAA", (text) => fromBase32(text)),
    fromB64: textParser(b64(32), (text) => fromB64(text, 32)),
    fromHex: textParser(toHex(new Uint8Array(32)), (text) => fromHex(text, 32)),
    fromUtf8: bytesParser(utf8("h\u00e9llo \u{1d54f}"), fromUtf8),
    parseWellKnown: bytesParser(utf8("# a comment\nsmimp.alpha.example\n"), parseWellKnown),
    parseJson: documentParser({ a: [1, "x", null, { b: true }] }, asText(parseJson)),
    parseJsonBytes: documentParser({ a: [1, "x", null, { b: true }] }, (bytes) => parseJsonBytes(bytes, 1_000)),
    parseEnvelope: documentParser(ENVELOPE, asText(parseEnvelope)),
    parseEnvelopeDocument: valueParser(ENVELOPE, parseEnvelopeDocument),
    parseRecordDocument: documentParser(JSON.parse(alice.chain.head.statement.data), asText(parseRecordDocument)),
    parseProfile: documentParser(PROFILE, asText(parseProfile)),
    parseEmail: documentParser(EMAIL, parseEmail),
    parseDraft: documentParser({ ...EMAIL, bcc: ["dan#alpha.example"] }, parseDraft),
    parseShortMessage: documentParser({ ref: hex, to: ["bob#beta.example"], text: "Hello", attachments: [ATTACHMENT] }, parseShortMessage),
    parseSecretKey: documentParser(SECRET, parseSecretKey),
    parseAutoReplySetting: valueParser(
      { text: "Away.", since: "2026-11-23T00:00:00Z", from: "2026-11-23T00:00:00Z", until: "2026-12-23T00:00:00Z", every_days: 7 },
      parseAutoReplySetting,
    ),
    parseSignatureSetting: valueParser("Alice\n-- \n+49 30 1234", parseSignatureSetting),
    parseKeystoreDocument: documentParser(KEYSTORE, parseKeystoreDocument),
    parseShape: valueParser(STORED, (value) => parseShape(storedMessage, value)),
    exportLine: valueParser(EXPORT_LINE, (value) => parseShape(exportLine, value)),
    importHead: valueParser({ code: "A".repeat(32) }, (value) => parseShape(importHead, value)),
    ...answerParsers(),
    checkChain: valueParser(records, (value) => checkChain(alice.address, value as readonly unknown[])),
    checkChainInTurns: valueParser(records, async (value) => await checkChainInTurns(alice.address, value as readonly unknown[], noTurn)),
    appendRecord: valueParser(second ?? first, (value) => appendRecord(chain, alice.address, value)),
  };
}

/** Every JSON answer of the wire table. */
function answerParsers(): Readonly<Record<string, Parser>> {
  return Object.fromEntries(
    Object.entries(ENDPOINTS).flatMap(([name, { answer }]: [string, Endpoint]) =>
      typeof answer === "object"
        ? [[`the answer of ${name}`, valueParser(sampleOf(answer), (value) => parseShape(answer, value))] as const]
        : [],
    ),
  );
}

const noTurn = async (): Promise<void> => await Promise.resolve();

function createChain(alice: TestIdentity): ReturnType<typeof checkChain> {
  return checkChain(alice.address, alice.history().records.slice(0, 1));
}

/** Somebody whose chain has two records. */
export function somebody(): TestIdentity {
  return createIdentity(
    "alice#alpha.example",
    parseBaseUrl("https://smimp.alpha.example/"),
    parseTimestamp("2026-11-23T00:00:00Z"),
  ).append();
}
