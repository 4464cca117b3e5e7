import { SmimpError, type Address } from "@smimp/protocol";
import { ipPrefix } from "./ip-prefix.ts";

/** Seconds after which to ask again where too many accounts are on their way. */
const BUSY_SECONDS = 30;

/** An export or import of a whole account. */
export interface Transfer {
  readonly kind: "export" | "import";
  readonly address: Address;
  /** Where the request comes from. */
  readonly remoteAddress: string;
}

/** Exports and imports of whole accounts that are under way in this process: one of a kind for an account, so many from one network, and so many in all. */
export interface Transfers {
  /**
   * Whether another may begin. Throws `rate_limited` for the account's second of this kind and where its network has its share, so that a few who are
   * slow on purpose don't hold everybody up; `temporarily_unavailable` where there are too many.
   */
  assertFree(transfer: Transfer): void;
  /** Begins one; the returned function ends it. Throws as `assertFree`. */
  begin(transfer: Transfer): () => void;
}

/** Makes the count of a server with at most so many at once, of all and from one network. */
export function createTransfers(most: { readonly all: number; readonly prefix: number }): Transfers {
  const running = new Set<Transfer>();
  const assertFree: Transfers["assertFree"] = ({ kind, address, remoteAddress }) => {
    const retryAfter = BUSY_SECONDS;
    const others = [...running];
    if (others.some((other) => other.kind === kind && other.address === address)) {
      throw new SmimpError("rate_limited", `an ${kind} of this account is under way`, { retryAfter });
    }
    const prefix = ipPrefix(remoteAddress);
    if (others.filter((other) => ipPrefix(other.remoteAddress) === prefix).length >= most.prefix) {
      throw new SmimpError("rate_limited", "too many accounts are on their way from or to this network", { retryAfter });
    }
    if (running.size >= most.all) {
      throw new SmimpError("temporarily_unavailable", "too many accounts are on their way at the moment", { retryAfter });
    }
  };
  return {
    assertFree,
    begin(transfer) {
      assertFree(transfer);
      // Its own, also where the same one is begun again once it is over.
      const own = { ...transfer };
      running.add(own);
      return () => void running.delete(own);
    },
  };
}
