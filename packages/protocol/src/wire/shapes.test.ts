import type * as v from "valibot";
import { expect, it } from "vitest";
import {
  ADDRESS,
  checkShape,
  HEX,
  moreThan,
  NO_COUNT,
  NO_HEX,
  NO_TIME,
  noBytes,
  statementOf,
  TIME,
  times,
  zeros,
} from "../../test/shape-checks.ts";
import { parseShape } from "../schema.ts";
import * as shapes from "./shapes.ts";

const parameters = { algorithm: "blake2b", zero_bits: 64, count: 64, nonce: HEX, expires_at: TIME };
const signed = (schema: v.GenericSchema, longest: number, data: readonly unknown[]): void =>
  checkShape(schema, statementOf(longest), { data: { takes: [""], refuses: [null, 1, ...data] }, signature: { refuses: noBytes(64) } });
/** What a text's shape takes and refuses. */
function texts(schema: v.GenericSchema, takes: readonly string[], refuses: readonly unknown[]): void {
  for (const text of takes) expect(parseShape(schema, text)).toBe(text);
  for (const text of refuses) {
    expect(() => parseShape(schema, text)).toThrow(expect.objectContaining({ code: "bad_request" }) as Error);
  }
}

it("bounds statements", () => {
  signed(shapes.smallStatement, 4_096, ["x".repeat(4_097)]);
  signed(shapes.messageKeyStatement, 4_096, ["x".repeat(4_097)]);
  signed(shapes.envelopeStatement, 1_000_000, []);
  checkShape(
    shapes.recordStatement,
    { ...statementOf(4_096), new_key_signature: zeros(64), recovery_signature: zeros(64) },
    {
      data: { takes: [""], refuses: [1, "x".repeat(4_097)] },
      signature: { refuses: noBytes(64) },
      new_key_signature: { optional: true, refuses: noBytes(64) },
      recovery_signature: { optional: true, refuses: noBytes(64) },
    },
  );
});

it("bounds texts", () => {
  texts(shapes.profileText, ["", "p".repeat(16_384)], [1, null, "p".repeat(16_385)]);
  texts(shapes.folderName, ["a", "A-z_09", "f".repeat(64)], [1, "", "f".repeat(65), "a b", " a", "a ", "a/b", "ä"]);
  texts(shapes.bit, ["true", "false"], ["", "1", true]);
  texts(shapes.state, ["0", "9".repeat(64)], [1, "", "a1", "1a", "9".repeat(65)]);
  texts(shapes.messageId, [HEX], NO_HEX);
});

it("bounds work", () => {
  checkShape(shapes.workParameters, parameters, {
    algorithm: { refuses: ["", "blake2s", null] },
    zero_bits: { takes: [0], refuses: [...NO_COUNT, 65] },
    count: { takes: [1], refuses: [...NO_COUNT, 0, 65] },
    nonce: { refuses: NO_HEX },
    expires_at: { refuses: NO_TIME },
  });
  checkShape(
    shapes.work,
    { nonce: HEX, values: times(64, HEX) },
    {
      nonce: { refuses: NO_HEX },
      values: { takes: [[HEX]], refuses: [null, [], times(65, HEX), ["ab"]] },
    },
  );
  checkShape(shapes.powRequired, { pow: parameters }, { pow: { refuses: [null, {}, { ...parameters, count: 65 }] } });
});

it("bounds messages", () => {
  checkShape(
    shapes.storedMessage,
    {
      message_id: HEX,
      envelope: statementOf(1),
      received_at: TIME,
      position: 1,
      received_via: "smtp_bridge",
      read: false,
      folder: null,
      pow: { parameters, pow: { nonce: HEX, values: [HEX] } },
      archive: zeros(120),
      summary: zeros(1_080),
      extensions: "",
      protocol_version: "",
    },
    {
      message_id: { refuses: NO_HEX },
      envelope: { refuses: [null, {}] },
      received_at: { refuses: NO_TIME },
      position: { refuses: NO_COUNT },
      received_via: { takes: ["smimp_client", "imap_bridge", "import_api"], refuses: ["", "smtp", null] },
      read: { takes: [true], refuses: ["true", null] },
      folder: { takes: ["f"], refuses: [1] },
      pow: { takes: [null], refuses: [{}, 1] },
      "pow.parameters": { refuses: [null, {}] },
      "pow.pow": { refuses: [null, {}] },
      archive: { takes: [null], refuses: noBytes(120).slice(1) },
      summary: { takes: [null, ""], refuses: moreThan(1_080) },
      extensions: { takes: [null], refuses: [1] },
      protocol_version: { refuses: [1, null] },
    },
  );
  checkShape(
    shapes.messageListing,
    { message_id: HEX, received_at: TIME, position: 1, read: false, from: ADDRESS, size: 0, archive: zeros(120), summary: zeros(1_080) },
    {
      message_id: { refuses: NO_HEX },
      received_at: { refuses: NO_TIME },
      position: { refuses: NO_COUNT },
      read: { takes: [true], refuses: ["true", null] },
      from: { refuses: ["alice", "Alice#example.com"] },
      size: { refuses: NO_COUNT },
      archive: { takes: [null], refuses: noBytes(120).slice(1) },
      summary: { takes: [null, ""], refuses: moreThan(1_080) },
    },
  );
});

it("bounds what is said of chains, keys and places", () => {
  checkShape(shapes.addressPath, { address: ADDRESS }, { address: { refuses: ["alice", 1] } });
  expect(parseShape(shapes.addressPath, { address: "Alice#Example.com" })).toEqual({ address: ADDRESS });
  checkShape(shapes.idPath, { id: HEX }, { id: { refuses: NO_HEX } });
  checkShape(shapes.headAnswer, { sequence: 999, link: HEX }, { sequence: { refuses: [...NO_COUNT, 1_000] }, link: { refuses: NO_HEX } });
  checkShape(shapes.keyCount, { count: 0 }, { count: { refuses: NO_COUNT } });
  const key = statementOf(1);
  checkShape(shapes.keysBody, { keys: times(200, key) }, { keys: { takes: [[]], refuses: [null, times(201, key), [1]] } });
  checkShape(shapes.keystoreVersions, { versions: times(10, 0) }, { versions: { takes: [[]], refuses: [null, times(11, 0), [-1]] } });
});

it("reads problem documents, whatever else they say", () => {
  const good = { type: "t", code: "c".repeat(64), detail: "d".repeat(1_024) };
  expect(parseShape(shapes.problemDocument, { ...good, more: 1 })).toEqual({ ...good, more: 1 });
  expect(parseShape(shapes.problemDocument, { code: "" })).toEqual({ code: "" });
  for (const wrong of [
    {},
    { ...good, type: 1 },
    { ...good, code: 1 },
    { ...good, code: "c".repeat(65) },
    { ...good, detail: 1 },
    { ...good, detail: "d".repeat(1_025) },
  ]) {
    expect(() => parseShape(shapes.problemDocument, wrong)).toThrow(expect.objectContaining({ code: "bad_request" }) as Error);
  }
});

it("bounds bodies, each by itself or all alike", () => {
  const endpoint = shapes.endpoint({ method: "GET", path: "p", caller: "anyone", summary: "S." });
  expect(endpoint).toEqual({ method: "GET", path: "p", caller: "anyone", summary: "S." });
  expect(shapes.maxBodyOf(endpoint)).toBe(65_536);
  expect(shapes.maxBodyOf({ ...endpoint, maxBody: 0 })).toBe(0);
});
