import { SmimpError } from "@smimp/protocol";
import { peerOf } from "../accept/ip-prefix.ts";

/** Seconds after which to send such a request again. */
const REFUSED_SECONDS = 5;

/** What one request takes of the budget. */
export interface BudgetShare {
  /** Takes so many bytes more, or with a negative number gives them back. Throws `rate_limited` (this peer) or `temporarily_unavailable` (all). */
  add(bytes: number): void;
  /** Gives all back. Whatever follows counts no more. */
  end(): void;
}

/** Bounds what requests under way take of the memory, however many there are, however slowly bodies come in and answers are taken. */
export interface BodyBudget {
  /** Begins a share; `end` must be called, however it ends. */
  begin(remoteAddress: string): BudgetShare;
}

/**
 * Makes the budget of one server: bytes of requests and answers in memory at once, of all peers and of one. Where all is taken, it is
 * those who hold more than others that are refused, so that a few can't keep everybody out; `least` bytes anybody may hold.
 */
export function createBodyBudget(bounds: { readonly total: number; readonly peer: number; readonly least: number }): BodyBudget {
  const byPeer = new Map<string, number>();
  let total = 0;
  return {
    begin(remoteAddress) {
      const peer = peerOf(remoteAddress);
      let taken = 0;
      let ended = false;
      const change = (bytes: number): number => {
        taken += bytes;
        total += bytes;
        const held = (byPeer.get(peer) ?? 0) + bytes;
        if (held === 0) byPeer.delete(peer);
        else byPeer.set(peer, held);
        return held;
      };
      return {
        add(bytes) {
          if (ended) return;
          const held = change(bytes);
          if (bytes <= 0) return;
          const retryAfter = REFUSED_SECONDS;
          if (held > bounds.peer) throw new SmimpError("rate_limited", "too many requests at once", { retryAfter });
          if (total <= bounds.total || held <= Math.max(bounds.least, bounds.total / byPeer.size)) return;
          throw new SmimpError("temporarily_unavailable", "too many requests at the moment", { retryAfter });
        },
        end() {
          if (!ended) change(-taken);
          ended = true;
        },
      };
    },
  };
}
