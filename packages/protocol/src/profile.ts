import * as v from "valibot";
import { hash, toHex32, utf8, type Hex32 } from "./bytes.ts";
import { parseJson } from "./json.ts";
import { MAX_PROFILE_BYTES } from "./limits.ts";
import { SmimpError } from "./problem.ts";
import { hex32, parseShape } from "./schema.ts";

const shortText = v.pipe(v.string(), v.maxLength(1_024));
const httpsUrl = v.pipe(v.string(), v.maxLength(2_048), v.regex(/^https:\/\/[^\s]+$/));

/** The members of a profile (protocol section 3). */
export const profileDocument = v.object({
  name: v.optional(shortText),
  website: v.optional(httpsUrl),
  profiles: v.optional(v.pipe(v.array(httpsUrl), v.maxLength(64))),
  avatar: v.optional(v.nullable(v.object({ hash: hex32, media_type: v.picklist(["image/png", "image/jpeg"]) }))),
  additional: v.optional(v.unknown()),
});

/** What somebody says of themselves (protocol section 3). */
export type Profile = v.InferOutput<typeof profileDocument>;

/** `profile_hash` of a profile's text (protocol section 3). */
export function profileHash(text: string): Hex32 {
  return toHex32(hash(utf8(text)));
}

/** Whether a profile's text, or its absence, goes with the hash in the chain. Throws `history_invalid` (protocol section 3). */
export function checkProfileText(text: string | null, hashInChain: Hex32 | null): void {
  // A deleted profile leaves its hash behind: null is valid beside any hash.
  if (text === null) return;
  if (!text.isWellFormed() || utf8(text).length > MAX_PROFILE_BYTES)
    throw new SmimpError("history_invalid", "the profile is too large or no text");
  if (profileHash(text) !== hashInChain) throw new SmimpError("history_invalid", "the profile is not the one in the history");
}

/** Reads a profile whose hash was checked. Throws `bad_request`. */
export function parseProfile(text: string): Profile {
  const value = parseJson(text);
  // No member is due, so that a list would pass for a profile that says nothing.
  if (Array.isArray(value)) throw new SmimpError("bad_request", "a profile is no list");
  return parseShape(profileDocument, value);
}
