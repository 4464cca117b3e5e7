import { newPhrase, normalizePhrase, parsePhrase } from "@smimp/protocol";

// The list of words is large and seldom needed: in a browser it is fetched by whoever imports this when it runs.

export { newPhrase };

/** The secret of a phrase as it was typed. Throws `bad_request`. */
export function secretOf(typed: string): Uint8Array {
  return parsePhrase(normalizePhrase(typed));
}
