import * as v from "valibot";
import { MAX_SIGNATURE_TEXT_LENGTH } from "./message.ts";
import { parseShape, timestamp } from "./schema.ts";
import { unlessRefused } from "./unless-refused.ts";

// What settings mean that a person's devices share (protocol section 8, `settings.shared`): any of their clients may have set them.

/** Characters of an automatic answer; days in which somebody is answered once, at the most. */
export const MAX_AUTO_REPLY_LENGTH = 10_000;
export const MAX_AUTO_REPLY_DAYS = 365;

/** The members of the shared setting `auto_reply` (protocol section 8). */
export const autoReplyDocument = v.object({
  text: v.pipe(v.string(), v.maxLength(MAX_AUTO_REPLY_LENGTH)),
  /** When it was set: nothing that came before is answered. */
  since: timestamp,
  from: v.optional(timestamp),
  until: v.optional(timestamp),
  every_days: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MAX_AUTO_REPLY_DAYS)),
});

/** The shared setting `auto_reply` (protocol section 8). */
export type AutoReplySetting = v.InferOutput<typeof autoReplyDocument>;

/** The name of the setting. */
export const AUTO_REPLY_SETTING = "auto_reply";

/** The shared setting `auto_reply`; null where there is none, or one that can't be read. */
export function readAutoReplySetting(value: unknown): AutoReplySetting | null {
  if (value === undefined || value === null) return null;
  return unlessRefused(
    () => parseShape(autoReplyDocument, value),
    () => null,
  );
}

/** Checks a setting before it is shared. Throws `bad_request`. */
export function parseAutoReplySetting(value: unknown): AutoReplySetting {
  return parseShape(autoReplyDocument, value);
}

const signature = v.nullable(v.pipe(v.string(), v.maxLength(MAX_SIGNATURE_TEXT_LENGTH)));

/** The name of the setting that holds the text which its owner ends messages with (protocol section 8). */
export const SIGNATURE_SETTING = "signature";

/** The shared setting `signature`; null where there is none, or one that can't be read. */
export function readSignatureSetting(value: unknown): string | null {
  if (value === undefined) return null;
  return unlessRefused(
    () => parseShape(signature, value),
    () => null,
  );
}

/** Checks a signature before it is shared. Throws `bad_request`. */
export function parseSignatureSetting(value: unknown): string | null {
  return parseShape(signature, value);
}
