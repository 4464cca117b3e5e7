import { SmimpError, type Address } from "@smimp/protocol";

/** Seconds after which to ask again where too many accounts are on their way. */
const BUSY_SECONDS = 30;

/** Exports and imports of whole accounts that are under way in this process: one of a kind for an account, and so many in all. */
export interface Transfers {
  /** Whether another may begin. Throws `rate_limited` for the account's second of this kind, `temporarily_unavailable` where there are too many. */
  assertFree(kind: "export" | "import", address: Address): void;
  /** Begins one; the returned function ends it. Throws as `assertFree`. */
  begin(kind: "export" | "import", address: Address): () => void;
}

/** Makes the count of a server with at most so many at once. */
export function createTransfers(most: number): Transfers {
  const running = new Set<string>();
  const assertFree: Transfers["assertFree"] = (kind, address) => {
    if (running.has(`${kind} ${address}`)) {
      throw new SmimpError("rate_limited", `an ${kind} of this account is under way`, { retryAfter: BUSY_SECONDS });
    }
    if (running.size >= most) {
      throw new SmimpError("temporarily_unavailable", "too many accounts are on their way at the moment", { retryAfter: BUSY_SECONDS });
    }
  };
  return {
    assertFree,
    begin(kind, address) {
      assertFree(kind, address);
      running.add(`${kind} ${address}`);
      return () => void running.delete(`${kind} ${address}`);
    },
  };
}
