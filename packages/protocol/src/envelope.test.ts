import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { toB64 } from "./bytes.ts";
import { MIN_CIPHERTEXT_BYTES, parseEnvelope } from "./envelope.ts";
import { MAX_BLOBS, MAX_REQUEST_VALUES } from "./limits.ts";

const hex = "0".repeat(64);
const b64 = (bytes: number): string => toB64(new Uint8Array(bytes));
const DOCUMENT = {
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
  ciphertext: b64(MIN_CIPHERTEXT_BYTES),
  blobs: [],
};

const parse = (change: object): unknown => parseEnvelope(JSON.stringify({ ...DOCUMENT, ...change }));

describe("an envelope's text", () => {
  it("keeps what is known of it and nothing else", () => {
    expect(parse({ unknown: 1 })).toEqual(DOCUMENT);
  });

  it("holds no more values than a request, so that a stranger's takes no time", () => {
    // The object, its members and the added list count too.
    const values = (count: number): object => ({ x: Array.from({ length: count - Object.keys(DOCUMENT).length - 2 }, () => 1) });
    expect(parse(values(MAX_REQUEST_VALUES))).toEqual(DOCUMENT);
    expect(codeOf(() => parse(values(MAX_REQUEST_VALUES + 1)))).toBe("bad_request");
  });

  it.each([
    ["another algorithm", { algorithm: "xwing-xchacha20poly1306" }],
    ["a ciphertext one byte short", { ciphertext: b64(MIN_CIPHERTEXT_BYTES - 1) }],
    ["an encapsulation one byte short", { encapsulation: b64(1_119) }],
    ["an encapsulation one byte long", { encapsulation: b64(1_121) }],
    ["a nonce one byte long", { nonce: b64(25) }],
    ["one blob too many", { blobs: Array.from({ length: MAX_BLOBS + 1 }, () => ({ hash: hex, size: 1 })) }],
    ["a blob of less than nothing", { blobs: [{ hash: hex, size: -1 }] }],
  ])("is refused with %s", (_what, change) => {
    expect(codeOf(() => parse(change))).toBe("bad_request");
  });

  it("is refused with an address that is not in normal form", () => {
    expect(codeOf(() => parse({ from: "Alice#alpha.example" }))).toBe("bad_address");
    expect(codeOf(() => parse({ to: "bob#beta.example." }))).toBe("bad_address");
  });

  it("may hold as many blobs as a message names", () => {
    const blobs = Array.from({ length: MAX_BLOBS }, () => ({ hash: hex, size: 0 }));
    expect(parse({ blobs })).toEqual({ ...DOCUMENT, blobs });
  });
});
