import { expect, it } from "vitest";
import {
  ADDRESS,
  checkShape,
  HEX,
  lineOf,
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
import * as sending from "./sending.ts";

const key = statementOf(4_096);
const ADDRESSED = { refuses: ["alice", "Alice#example.com", 1] };
const TYPED = { takes: ["short-message"], refuses: [1, "", "mail"] };

it("has the endpoints of protocol sections 4, 6 and 7", () => {
  expect(Object.fromEntries(Object.entries(sending).map(([name, endpoint]) => [name, lineOf(endpoint)]))).toEqual({
    getEphemeralKeys: "GET ephemeral_keys owner, nothing -> usual json, 65536",
    addEphemeralKeys: "POST ephemeral_keys owner, json -> usual json, 1048576",
    replaceEphemeralKeys: "PUT ephemeral_keys owner, json -> usual json, 1048576",
    getNonephemeralKey: "GET nonephemeral_key owner, nothing -> usual json, 65536",
    putNonephemeralKey: "PUT nonephemeral_key owner, json -> usual nothing, 65536",
    getMessageKey: "POST get_message_key session, json -> usual json, 65536",
    getPowParams: "GET get_pow_params/{address}/{message_type} session, nothing -> usual json, 65536",
    putBlob: "PUT blob/{hash}? session, bytes -> 201 nothing, 65536",
    sendMessage: "POST send_message/{address}? session, json -> usual json, 65536",
  });
});

it("takes message keys and counts them", () => {
  checkShape(
    sending.getEphemeralKeys.answer,
    { count: 0, key_ids: times(200, HEX) },
    {
      count: { refuses: NO_COUNT },
      key_ids: { takes: [[]], refuses: [null, times(201, HEX), ["ab"]] },
    },
  );
  for (const { body, answer } of [sending.addEphemeralKeys, sending.replaceEphemeralKeys]) {
    checkShape(body, { keys: times(200, key) }, { keys: { takes: [[]], refuses: [null, times(201, key), [statementOf(4_097)]] } });
    checkShape(answer, { count: 0 }, { count: { refuses: NO_COUNT } });
  }
  for (const shape of [sending.getNonephemeralKey.answer, sending.putNonephemeralKey.body]) {
    checkShape(shape, key, { data: { refuses: [1, "x".repeat(4_097)] }, signature: { refuses: noBytes(64) } });
  }
});

it("gives out message keys", () => {
  checkShape(
    sending.getMessageKey.body,
    { address: ADDRESS, message_type: "email", pow: { nonce: HEX, values: [HEX] } },
    {
      address: ADDRESSED,
      message_type: TYPED,
      pow: { optional: true, refuses: [null, {}, { nonce: HEX, values: [] }] },
    },
  );
  const good = { ticket: HEX, expires_at: TIME, public_key: zeros(32), sequence: 999, link: HEX, message_key: key };
  checkShape(sending.getMessageKey.answer, good, {
    ticket: { refuses: NO_HEX },
    expires_at: { refuses: NO_TIME },
    public_key: { refuses: noBytes(32) },
    sequence: { refuses: [...NO_COUNT, 1_000] },
    link: { refuses: NO_HEX },
    message_key: { refuses: noStatement(4_096) },
  });
});

it("says what work is due", () => {
  checkShape(
    sending.getPowParams.params,
    { address: ADDRESS, message_type: "email" },
    { address: { refuses: ["alice", 1] }, message_type: TYPED },
  );
  const good = { algorithm: "blake2b", zero_bits: 64, count: 64, nonce: HEX, expires_at: TIME };
  checkShape(sending.getPowParams.answer, good, {
    algorithm: { refuses: ["", "blake2s", null] },
    zero_bits: { takes: [0], refuses: [...NO_COUNT, 65] },
    count: { takes: [1], refuses: [...NO_COUNT, 0, 65] },
    nonce: { refuses: NO_HEX },
    expires_at: { refuses: NO_TIME },
  });
});

it("takes blobs and messages", () => {
  checkShape(sending.putBlob.params, { hash: HEX }, { hash: { refuses: NO_HEX } });
  checkShape(sending.putBlob.query, { ticket: HEX }, { ticket: { refuses: NO_HEX } });
  checkShape(sending.sendMessage.params, { address: ADDRESS }, { address: { refuses: ["alice", 1] } });
  checkShape(
    sending.sendMessage.query,
    { received_via: "import_api" },
    { received_via: { optional: true, refuses: ["", "smimp_client", 1] } },
  );
  checkShape(sending.sendMessage.body, statementOf(100_000), { data: { takes: [""], refuses: [1] }, signature: { refuses: noBytes(64) } });
  checkShape(sending.sendMessage.answer, { message_id: HEX }, { message_id: { refuses: NO_HEX } });
});
