import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/refusal.ts";
import { parseAddress } from "./address.ts";
import { randomBytes, toB64, toHex32, utf8 } from "./bytes.ts";
import { MAX_RECIPIENTS, MAX_SUBJECT_LENGTH } from "./limits.ts";
import {
  encodeDraft,
  encodeEmail,
  encodeSecretKey,
  encodeShortMessage,
  MAX_BODY_LENGTH,
  MAX_PLAINTEXT_BYTES,
  MAX_SECRET_KEY_BYTES,
  parseDraft,
  parseEmail,
  parseSecretKey,
  parseShortMessage,
  type Attachment,
  type Email,
} from "./message.ts";
import { parseTimestamp } from "./time.ts";

const bob = parseAddress("bob#beta.example");

function email(change: Partial<Email> = {}): Email {
  const date_sent = parseTimestamp("2026-11-23T12:00:00Z");
  return { ref: toHex32(randomBytes(32)), to: [bob], cc: [], subject: "Hello", date_sent, body: "Hello *Bob*", attachments: [], ...change };
}

function attachment(change: Partial<Attachment> = {}): Attachment {
  const hash = toHex32(randomBytes(32));
  return { name: "Zürich.jpg", media_type: "image/jpeg", size: 7, hash, key: toB64(randomBytes(32)), ...change };
}

describe("email", () => {
  it("reads back what was written", () => {
    const whole = email({
      cc: [bob],
      thread_id: toHex32(randomBytes(32)),
      in_reply_to: toHex32(randomBytes(32)),
      signature_text: "Alice",
      attachments: [attachment()],
      extensions: { mood: { good: true } },
      reply_to: bob,
      auto_reply_address: bob,
    });
    expect(parseEmail(encodeEmail(whole))).toEqual(whole);
  });

  it("carries any text that I-JSON can, and refuses to write what no peer would read", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (body) => {
        const readable = body.isWellFormed() && !/\p{Noncharacter_Code_Point}/u.test(body);
        const code = codeOf(() => expect(parseEmail(encodeEmail(email({ body }))).body).toBe(body));
        expect(code).toBe(readable ? null : "bad_request");
      }),
    );
    expect(codeOf(() => encodeEmail(email({ body: "\ud800" })))).toBe("bad_request");
    expect(codeOf(() => encodeEmail(email({ extensions: { half: 0.5 } })))).toBe("bad_request");
  });

  it("drops what it doesn't know", () => {
    const plaintext = utf8(JSON.stringify({ ...email(), html: "<script>", attachments: [{ ...attachment(), path: "/etc" }] }));
    const parsed = parseEmail(plaintext);
    expect(parsed).not.toHaveProperty("html");
    expect(parsed.attachments[0]).not.toHaveProperty("path");
  });

  it.each([
    ["a subject", { subject: "a".repeat(MAX_SUBJECT_LENGTH + 1) }],
    ["a body", { body: "a".repeat(MAX_BODY_LENGTH + 1) }],
    ["a list of recipients", { to: Array.from({ length: MAX_RECIPIENTS + 1 }, () => bob) }],
    ["a list of attachments", { attachments: Array.from({ length: 65 }, () => attachment()) }],
  ] satisfies [string, Partial<Email>][])("refuses %s beyond the bounds", (_, change) => {
    expect(codeOf(() => encodeEmail(email(change)))).toBe("bad_request");
  });

  it("refuses a document that is too large before it is parsed", () => {
    expect(codeOf(() => parseEmail(new Uint8Array(MAX_PLAINTEXT_BYTES + 1)))).toBe("too_large");
  });
});

describe("attachments", () => {
  it.each(["", ".", "..", "a/b", "a\\b", "a\u0000", "a\nb", "gpj.\u202eexe", "a".repeat(256)])("refuse the name %j", (name) => {
    expect(codeOf(() => encodeEmail(email({ attachments: [attachment({ name })] })))).toBe("bad_request");
  });

  it.each(["a", ".profile", "..a", "👩‍🚒.png", "Übersicht 2026 (final).ods"])("take the name %j", (name) => {
    expect(parseEmail(encodeEmail(email({ attachments: [attachment({ name })] }))).attachments[0]?.name).toBe(name);
  });

  it.each(["image", "image/", "/png", "Image/PNG", "text/plain; charset=utf-8", "a/b/c"])("refuse the media type %j", (media_type) => {
    expect(codeOf(() => encodeEmail(email({ attachments: [attachment({ media_type })] })))).toBe("bad_request");
  });
});

describe("short message", () => {
  it("reads back what was written", () => {
    const message = { ref: toHex32(randomBytes(32)), text: "On my way 🚲", attachments: [attachment()] };
    expect(parseShortMessage(encodeShortMessage(message))).toEqual(message);
    const automatic = { ...message, extensions: { auto_reply: true } };
    expect(parseShortMessage(encodeShortMessage(automatic))).toEqual(automatic);
    // What nobody can understand under that name makes no message unreadable.
    expect(
      parseShortMessage(utf8(JSON.stringify({ ...message, extensions: { auto_reply: "yes" } }))).extensions?.auto_reply,
    ).toBeUndefined();
    expect(codeOf(() => parseShortMessage(utf8("{}")))).toBe("bad_request");
    expect(codeOf(() => parseShortMessage(utf8("On my way")))).toBe("bad_request");
  });
});

describe("draft", () => {
  it("is an email with the recipients that no copy names", () => {
    const draft = { ...email({ subject: "" }), bcc: [parseAddress("carol#gamma.example")] };
    expect(parseDraft(encodeDraft(draft))).toEqual(draft);
    expect(codeOf(() => parseDraft(encodeEmail(email())))).toBe("bad_request");
  });
});

describe("secret keys that are handed over", () => {
  const transfer = { ref: toHex32(randomBytes(32)), name: "deploy key", algorithm: "ed25519", key: toB64(randomBytes(32)), note: "for CI" };

  it("read back what was written", () => {
    expect(parseSecretKey(encodeSecretKey(transfer))).toEqual(transfer);
  });

  it("have a name, an algorithm and a key of bounded size", () => {
    expect(codeOf(() => encodeSecretKey({ ...transfer, key: "" }))).toBe("bad_request");
    expect(codeOf(() => encodeSecretKey({ ...transfer, name: "" }))).toBe("bad_request");
    expect(codeOf(() => encodeSecretKey({ ...transfer, algorithm: "" }))).toBe("bad_request");
    expect(codeOf(() => encodeSecretKey({ ...transfer, key: toB64(new Uint8Array(MAX_SECRET_KEY_BYTES + 1)) }))).toBe("bad_request");
    expect(encodeSecretKey({ ...transfer, key: toB64(new Uint8Array(MAX_SECRET_KEY_BYTES)) }).length).toBeGreaterThan(MAX_SECRET_KEY_BYTES);
  });
});
