import { encodeEmail, encodeSecretKey, encodeShortMessage, fromB64, type Attachment } from "@smimp/protocol";
import type { Payload } from "./documents.ts";

/** The plaintext of what is sent. Throws `bad_request`, `bad_address` or `too_large` for what no recipient could read. */
export function encodePayload(payload: Payload, attachments: Attachment[]): Uint8Array {
  if ("email" in payload) return encodeEmail({ ...payload.email, attachments });
  if ("short" in payload) return encodeShortMessage({ ...payload.short, attachments });
  if ("secret" in payload) return encodeSecretKey(payload.secret);
  return fromB64(payload.custom);
}
