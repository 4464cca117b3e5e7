import { isSmimpError, SmimpError, type ProblemCode } from "@smimp/protocol";

/** What may be found out about another server's address, and how it is told here. */
const WORDS: Readonly<Partial<Record<ProblemCode, string>>> = {
  unknown_user: "the server of this address doesn't know it",
  unsupported_version: "the server of this address speaks no version that this one knows",
  history_invalid: "the history of this address does not check out",
  history_rewritten: "the history of this address is not the one that was seen before",
  server_mismatch: "the history of this address does not name the server that shows it",
  key_reused: "this address uses the key of another address",
};

/**
 * An error of resolving as this server tells it to others: a code that says something of the address or that its server can't be asked
 * now, in words of this server. Whatever the other server answered, a stranger's document is not passed on as one's own, and from what
 * names lead to nobody learns of this server's network.
 */
export function inOwnWords(error: unknown): unknown {
  if (!isSmimpError(error)) return error;
  const { code, cause, retryAfter } = error;
  const words = WORDS[code];
  if (words !== undefined) return new SmimpError(code, words, { cause: error });
  return new SmimpError("temporarily_unavailable", "the server of this address can't be asked at the moment", {
    retryAfter,
    ...(cause === undefined ? {} : { cause }),
  });
}
