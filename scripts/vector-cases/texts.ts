import type { Fields } from "../../packages/protocol/test/vector-format.ts";
import { seededB64, seededHex, textB64, type Case } from "./case.ts";

const bad = { error: "bad_request" } as const;
const badAddress = { error: "bad_address" } as const;

/** Base32, list entries, and plaintext documents. */
export function textCases(): Case[] {
  return [...base32(), ...listEntries(), ...messages()];
}

function base32(): Case[] {
  const encode = (name: string, shows: string, bytes: string): Case => ({
    format: "base32",
    name,
    shows,
    operation: "base32.encode",
    input: { bytes },
  });
  const decode = (name: string, shows: string, text: string, length?: number): Case => ({
    format: "base32",
    name,
    shows,
    operation: "base32.decode",
    input: { text, ...(length === undefined ? {} : { length }) },
    refused: bad,
  });
  return [
    encode("empty", "no bytes", ""),
    encode("1-byte", "two characters", "66"),
    encode("2-bytes", "four characters", "666f"),
    encode("3-bytes", "five characters", "666f6f"),
    encode("4-bytes", "seven characters", "666f6f62"),
    encode("5-bytes", "eight characters, two groups", "666f6f6261"),
    encode("code-of-20-bytes", "a one-time code", seededHex("code", 20)),
    encode("16-bytes", "the random half of a link code", seededHex("link secret", 16)),
    decode("lower-case", "upper case only", "mzxw6ytb"),
    decode("padding", "no padding", "MY======"),
    decode("group-spaces", "groups are for showing only", "MZXW 6YTB"),
    decode("digit-1", "1 is not in the alphabet", "MZXW6YT1"),
    decode("digit-8", "8 is not in the alphabet", "MZXW6YT8"),
    decode("trailing-bits", "bits that belong to no byte are zero", "MZ"),
    decode("1-character", "no bytes have one character", "M"),
    decode("3-characters", "no bytes have three characters", "MZX"),
    decode("6-characters", "no bytes have six characters", "MZXW6Y"),
    decode("other-length", "20 bytes are due", "MZXW6YTB", 20),
  ];
}

function listEntries(): Case[] {
  const entry = (name: string, shows: string, text: string, refused?: Case["refused"]): Case => ({
    format: "list-entry",
    name,
    shows,
    operation: "list-entry.hash",
    input: { list_key: seededB64("list key"), entry: text },
    ...(refused === undefined ? {} : { refused }),
  });
  return [
    entry("address", "an address", "bob#example.org"),
    entry("address-in-upper-case", "the normal form is hashed", "BOB#Example.ORG"),
    entry("domain", "all of a domain", "#example.org"),
    entry("domain-in-upper-case", "the normal form is hashed", "#Example.ORG"),
    entry("without-number-sign", "a domain starts with #", "example.org", badAddress),
    entry("single-label", "a domain has two labels", "#localhost", badAddress),
    entry("only-number-sign", "no domain", "#", badAddress),
    entry("empty", "nothing", "", badAddress),
  ];
}

const email = {
  ref: seededHex("ref"),
  to: ["bob#example.org"],
  cc: [],
  subject: "Hello",
  date_sent: "2026-11-23T00:00:00Z",
  body: "Hello *Bob*",
  attachments: [],
};
const attachment = {
  name: "Zürich.jpg",
  media_type: "image/jpeg",
  size: 200_000,
  hash: seededHex("blob"),
  key: seededB64("blob key"),
};
const shortMessage = { ref: seededHex("ref"), text: "On my way 🚲", attachments: [] };

function messages(): Case[] {
  const parse =
    (message_type: string) =>
    (name: string, shows: string, document: Fields | string, refused?: Case["refused"]): Case => ({
      format: "message",
      name,
      shows,
      operation: "message.parse",
      input: { message_type, plaintext: textB64(typeof document === "string" ? document : JSON.stringify(document)) },
      ...(refused === undefined ? {} : { refused }),
    });
  const mail = parse("email");
  const short = parse("short-message");
  const { ref: _, ...withoutRef } = email;
  return [
    mail("email", "only what must be there", email),
    mail("email-in-full", "everything there is", {
      ...email,
      cc: ["carol#example.net"],
      thread_id: seededHex("thread"),
      in_reply_to: seededHex("another ref"),
      signature_text: "Alice",
      attachments: [attachment],
      extensions: { mood: "good" },
      reply_to: "alice#example.com",
      auto_reply_address: "robot#example.com",
    }),
    mail("email-unknown-member", "unknown members are ignored", { ...email, priority: 1 }),
    short("short-message", "a short message", shortMessage),
    short("short-message-attachment", "with an attachment", { ...shortMessage, attachments: [attachment] }),
    short("short-message-automatic", "written by a program", { ...shortMessage, extensions: { auto_reply: true } }),
    mail("email-without-ref", "ref is missing", withoutRef, bad),
    mail("email-ref-in-upper-case", "hex is lower case", { ...email, ref: email.ref.toUpperCase() }, bad),
    mail("email-to-not-normal", "addresses are in normal form", { ...email, to: ["Bob#example.org"] }, badAddress),
    mail("email-to-is-text", "to is a list", { ...email, to: "bob#example.org" }, bad),
    mail("email-date-with-offset", "times are UTC", { ...email, date_sent: "2026-11-23T00:00:00+01:00" }, bad),
    mail("email-fraction", "numbers are integers", { ...email, attachments: [{ ...attachment, size: 1.5 }] }, bad),
    mail("email-negative-size", "a size counts bytes", { ...email, attachments: [{ ...attachment, size: -1 }] }, bad),
    mail("email-duplicate-name", "a name stands twice", `{"subject":"a",${JSON.stringify(email).slice(1)}`, bad),
    mail("email-not-json", "not JSON", "Hello Bob", bad),
    mail("attachment-name-is-a-path", "a name is no path", { ...email, attachments: [{ ...attachment, name: "../.profile" }] }, bad),
    mail(
      "attachment-name-turns-around",
      "U+202E shows the end of a name elsewhere",
      {
        ...email,
        attachments: [{ ...attachment, name: "gpj.\u202eexe" }],
      },
      bad,
    ),
    mail(
      "attachment-key-of-31-bytes",
      "a blob's key has 32 bytes",
      {
        ...email,
        attachments: [{ ...attachment, key: seededB64("blob key", 31) }],
      },
      bad,
    ),
    mail("attachment-media-type", "a media type has two parts", { ...email, attachments: [{ ...attachment, media_type: "image" }] }, bad),
    short("short-message-without-text", "text is missing", { ref: shortMessage.ref, attachments: [] }, bad),
  ];
}
