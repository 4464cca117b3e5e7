import type { EngineError } from "../../engine/connect.ts";
import type { Messages } from "../../messages/messages.tsx";
import { faultText } from "../../ui/fault.ts";

/** Addresses that nobody has are named one by one up to so many: nobody reads a hundred lines. */
const NAMED = 3;

/** What is said of addresses that nobody has, before a message goes out to them. */
export function unknownAmong(texts: Messages["compose"]["recipients"], unknown: readonly string[]): readonly string[] {
  if (unknown.length <= NAMED) return unknown.map(texts.unknown);
  return [texts.unknownMany(unknown.length, unknown.slice(0, NAMED).join(", "))];
}

/** Why what is written can't be kept, and so not sent either. */
export function unkeptText(messages: Messages, fault: EngineError): string {
  const isTooLong = fault.code === "bad_request" || fault.code === "too_large";
  return isTooLong ? messages.compose.tooLong : faultText(messages, fault);
}
