import { expect, it } from "vitest";
import {
  checkShape,
  HEX,
  lineOf,
  moreThan,
  NO_COUNT,
  NO_HEX,
  NO_TIME,
  noBytes,
  noStatement,
  statementOf,
  TIME,
  times,
  zeros,
} from "../../test/shape-checks.ts";
import { parseShape } from "../schema.ts";
import * as mailbox from "./mailbox.ts";

const STATE = { takes: ["0", "9".repeat(64)], refuses: [1, "", "x", "-1", "1 ", "9".repeat(65)] };
const IDS = { takes: [[], times(1_000, HEX)], refuses: [null, HEX, ["ab"]] };
const BOOLEAN = { takes: [true, false], refuses: [null, "true", 1] };
const BY_ID = { id: { refuses: NO_HEX } };

it("has the endpoints of a mailbox", () => {
  expect(Object.fromEntries(Object.entries(mailbox).map(([name, endpoint]) => [name, lineOf(endpoint)]))).toEqual({
    getMessage: "GET message/{id}/{update_read} owner, nothing -> usual json, 65536",
    getMessages: "POST messages owner, json -> usual ndjson, 65536",
    deleteMessage: "DELETE message/{id} owner, nothing -> usual nothing, 65536",
    getMessageRead: "GET message_read/{id} owner, nothing -> usual json, 65536",
    setMessageRead: "POST message_read/{id} owner, json -> usual nothing, 65536",
    putMessageArchive: "PUT message_archive/{id} owner, json -> usual nothing, 65536",
    getBlob: "GET blob/{hash} owner, nothing -> usual bytes, 65536",
    getChanges: "GET changes? owner, nothing -> usual json, 65536",
    getEvents: "GET events owner, nothing -> usual events, 65536",
    getQuota: "GET quota owner, nothing -> usual json, 65536",
    getKeystore: "GET keystore? owner_or_recovery, nothing -> usual bytes, 65536",
    putKeystore: "PUT keystore? owner_or_recovery, bytes -> usual nothing, 8388608",
  });
});

it("shows messages", () => {
  checkShape(
    mailbox.getMessage.params,
    { id: HEX, update_read: "true" },
    {
      id: { refuses: NO_HEX },
      update_read: { takes: ["false"], refuses: ["", "yes", true] },
    },
  );
  const parameters = { algorithm: "blake2b", zero_bits: 0, count: 1, nonce: HEX, expires_at: TIME };
  const good = {
    message_id: HEX,
    envelope: statementOf(100_000),
    received_at: TIME,
    position: 1,
    received_via: "smimp_client",
    read: true,
    folder: "f",
    pow: { parameters, pow: { nonce: HEX, values: [HEX] } },
    archive: zeros(120),
    summary: zeros(1_080),
    extensions: "x".repeat(100_000),
    protocol_version: "1.0",
  };
  checkShape(mailbox.getMessage.answer, good, {
    message_id: { refuses: NO_HEX },
    envelope: { refuses: noStatement() },
    received_at: { refuses: NO_TIME },
    position: { refuses: NO_COUNT },
    received_via: { takes: ["smtp_bridge", "imap_bridge", "import_api"], refuses: ["", "smtp", null] },
    read: BOOLEAN,
    folder: { takes: [null, ""], refuses: [1] },
    pow: { takes: [null], refuses: [{}, 1, { parameters }, { pow: good.pow.pow }] },
    "pow.parameters": { refuses: [null, {}] },
    "pow.pow": { refuses: [null, {}] },
    archive: { takes: [null], refuses: noBytes(120).slice(1) },
    summary: { takes: [null, ""], refuses: moreThan(1_080) },
    extensions: { takes: [null, ""], refuses: [1] },
    protocol_version: { takes: [""], refuses: [1, null] },
  });
  checkShape(mailbox.getMessages.body, { ids: times(100, HEX) }, { ids: { takes: [[HEX]], refuses: [null, [], times(101, HEX), ["ab"]] } });
});

it("keeps what becomes of messages", () => {
  for (const { params } of [mailbox.deleteMessage, mailbox.getMessageRead, mailbox.setMessageRead, mailbox.putMessageArchive]) {
    checkShape(params, { id: HEX }, BY_ID);
  }
  checkShape(mailbox.getMessageRead.answer, { read: true }, { read: BOOLEAN });
  checkShape(mailbox.setMessageRead.body, { read: true }, { read: BOOLEAN });
  checkShape(
    mailbox.putMessageArchive.body,
    { archive: zeros(120), summary: zeros(1_080) },
    {
      archive: { refuses: noBytes(120) },
      summary: { takes: [""], refuses: [null, ...moreThan(1_080)] },
    },
  );
  checkShape(mailbox.getBlob.params, { hash: HEX }, { hash: { refuses: NO_HEX } });
});

it("tells what changed", () => {
  checkShape(
    mailbox.getChanges.query,
    { since: "0", listing: "true" },
    {
      since: STATE,
      listing: { optional: true, refuses: ["false", "", true] },
    },
  );
  checkShape(
    mailbox.getChanges.answer,
    { state: "0", created: [HEX], updated: [HEX], destroyed: [HEX], folders: true, more: false },
    {
      state: STATE,
      created: IDS,
      updated: IDS,
      destroyed: IDS,
      folders: { ...BOOLEAN, optional: true },
      more: BOOLEAN,
    },
  );
  checkShape(
    mailbox.getQuota.answer,
    { used: 0, total: -1 },
    {
      used: { refuses: NO_COUNT },
      total: { takes: [0, 2 ** 53 - 1], refuses: [-2, 0.5, 2 ** 53, "1", null] },
    },
  );
});

it("bounds what is asked of keystores", () => {
  for (const [version, number] of [
    ["0", 0],
    ["007", 7],
    ["9".repeat(15), 999_999_999_999_999],
  ] as const) {
    expect(parseShape(mailbox.getKeystore.query, { version })).toEqual({ version: number });
  }
  expect(parseShape(mailbox.getKeystore.query, {})).toEqual({});
  for (const version of ["", "-1", "1.5", "x1", "1x", "9".repeat(16), 1]) {
    expect(() => parseShape(mailbox.getKeystore.query, { version })).toThrow(expect.objectContaining({ code: "bad_request" }) as Error);
  }
  checkShape(
    mailbox.putKeystore.query,
    { keep: "1" },
    {
      keep: { optional: true, takes: ["2", "3", "4", "5", "6", "7", "8", "9", "10"], refuses: ["", "0", "11", 1] },
    },
  );
});
