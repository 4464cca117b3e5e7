import * as v from "valibot";
import { MAX_ADDRESS_LENGTH, parseAddress, parseNormalAddress, type Address } from "./address.ts";
import { MAX_BASE_URL_LENGTH, parseBaseUrl, type BaseUrl } from "./base-url.ts";
import type { Brand } from "./brand.ts";
import { b64Length, fromB64, parseHex32, type Hex32 } from "./bytes.ts";
import { isProblemCode, SmimpError, type ProblemCode } from "./problem.ts";
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type PublicKey } from "./statement.ts";
import { parseTimestamp, type Timestamp } from "./time.ts";
import { unlessRefused } from "./unless-refused.ts";

/** A message type of protocol section 9. */
export type MessageType = Brand<string, "MessageType">;

/** Characters of the longest message type. */
export const MAX_MESSAGE_TYPE_LENGTH = 64;

const MESSAGE_TYPE = /^(?:email|draft|short-message|secret-signing-key|secret-message-key|secret-symmetric-key|x-custom-[a-z0-9-]+)$/;

/** Parses a message type. Throws `bad_request`. */
export function parseMessageType(text: unknown): MessageType {
  if (typeof text !== "string" || text.length > MAX_MESSAGE_TYPE_LENGTH || !MESSAGE_TYPE.test(text)) {
    throw new SmimpError("bad_request", "not a message type");
  }
  return text as MessageType;
}

/**
 * Parses a value from outside by a schema: unknown members are dropped, what is left has the schema's type.
 * Throws `bad_request`, or the code that the schema names for that place (`bad_address`).
 */
export function parseShape<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true, abortPipeEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const code = isProblemCode(issue.message) ? issue.message : "bad_request";
  const place = v.getDotPath(issue) ?? "the document";
  throw new SmimpError(code, `${place} is missing or malformed`);
}

/** A schema for text that `parse` accepts as it stands; `parse` throws a SmimpError, usually of `code`, for anything else. */
function text<Output extends string>(
  parse: (text: unknown) => Output,
  longest: number,
  pattern: RegExp,
  code: ProblemCode = "bad_request",
) {
  return v.pipe(
    v.string(),
    v.maxLength(longest, code),
    v.regex(pattern, code),
    v.rawTransform<string, Output>(({ dataset, addIssue, NEVER }) =>
      unlessRefused(
        () => parse(dataset.value),
        ({ code }) => {
          addIssue({ message: code });
          return NEVER;
        },
      ),
    ),
  );
}

/** An address in normal form, as in everything signed. */
export const normalAddress = text<Address>(parseNormalAddress, MAX_ADDRESS_LENGTH, /#/, "bad_address");
/** An address as a person wrote it: the output is its normal form. */
export const anyAddress = text<Address>(parseAddress, MAX_ADDRESS_LENGTH, /#/, "bad_address");
/** A base URL in normal form. */
export const baseUrl = text<BaseUrl>(parseBaseUrl, MAX_BASE_URL_LENGTH, /^https:\/\//);
/** A time in whole seconds UTC. */
export const timestamp = text<Timestamp>(parseTimestamp, 20, /^[0-9T:-]+Z$/);
/** A message type. */
export const messageType = text<MessageType>(parseMessageType, MAX_MESSAGE_TYPE_LENGTH, MESSAGE_TYPE);
/** `hex` of 32 bytes. */
export const hex32 = text<Hex32>(parseHex32, 64, /^[0-9a-f]{64}$/);
/** An Ed25519 public key, as `b64` text. */
export const publicKey = b64<PublicKey>(PUBLIC_KEY_BYTES);
/** An Ed25519 signature, as `b64` text. */
export const signature = b64(SIGNATURE_BYTES);
/** A record's sequence number. */
export const sequence = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(999));
/** A count of bytes or things. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** `b64` of exactly so many bytes, kept as text. */
export function b64<Output extends string = string>(bytes: number) {
  const parse = (value: unknown): Output => {
    fromB64(value as string, bytes);
    return value as Output;
  };
  return text<Output>(parse, b64Length(bytes), new RegExp(`^[A-Za-z0-9_-]{${b64Length(bytes)}}$`));
}

/** `b64` of at most so many bytes, kept as text. */
export function b64UpTo(bytes: number) {
  const parse = (value: unknown): string => {
    fromB64(value as string);
    return value as string;
  };
  return text<string>(parse, b64Length(bytes), /^[A-Za-z0-9_-]*$/);
}

/** A signed statement (protocol section 1); its data is text and at most so many characters. */
export function statement(longestData: number) {
  return v.object({ data: v.pipe(v.string(), v.maxLength(longestData)), signature });
}
