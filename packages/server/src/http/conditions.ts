import { SmimpError } from "@smimp/protocol";
import type { ByteRange } from "../accept/blobs.ts";

interface ConditionalCall {
  header(name: "if-match" | "if-none-match" | "if-range" | "range"): string | undefined;
}

/** An ETag as a header shows it. */
export function quoted(etag: string): string {
  return `"${etag}"`;
}

/**
 * The condition of a write: `If-Match` with one ETag, or `If-None-Match: *` for the first (protocol section 8). Throws
 * `precondition_required` without, `bad_request` for another form.
 */
export function writeCondition(call: ConditionalCall): { readonly etag: string } | "none" {
  const match = call.header("if-match");
  const noneMatch = call.header("if-none-match");
  if (match === undefined && noneMatch === undefined) {
    throw new SmimpError("precondition_required", "send If-Match, or If-None-Match: * for the first");
  }
  if (match === undefined && noneMatch?.trim() === "*") return "none";
  const etag = /^\s*"([^"\\]{1,128})"\s*$/.exec(match ?? "")?.[1];
  if (etag === undefined || noneMatch !== undefined) throw new SmimpError("bad_request", "If-Match with one ETag, or If-None-Match: *");
  return { etag };
}

/** The condition of a write that needs none: null without. Throws `bad_request` for another form. */
export function optionalCondition(call: ConditionalCall): { readonly etag: string } | "none" | null {
  if (call.header("if-match") === undefined && call.header("if-none-match") === undefined) return null;
  return writeCondition(call);
}

/** Whether a reader holds this version already: answer 304. */
export function isHeld(call: ConditionalCall, etag: string): boolean {
  const held = call.header("if-none-match");
  if (held === undefined) return false;
  return held.trim() === "*" || held.split(",").some((each) => each.trim().replace(/^W\//, "") === quoted(etag));
}

/**
 * The one range that is asked for: null for all, `unsatisfiable` where it lies outside. Other forms of Range, several at once among them, are
 * ignored, as HTTP allows; so is one that is asked of another version (`If-Range`) than the one with this ETag.
 */
export function rangeOf(call: ConditionalCall, size: number, etag: string): ByteRange | "unsatisfiable" | null {
  const version = call.header("if-range");
  if (version !== undefined && version.trim() !== quoted(etag)) return null;
  const [, first, last] = /^bytes=[ \t]*([0-9]{0,40})-([0-9]{0,40})[ \t]*$/i.exec(call.header("range") ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return null;
  const suffix = first === "";
  const start = suffix ? Math.max(0, size - Number(last)) : Number(first);
  const end = suffix || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (!suffix && last !== "" && Number(last) < Number(first)) return null;
  return start > end ? "unsatisfiable" : { start, end };
}
