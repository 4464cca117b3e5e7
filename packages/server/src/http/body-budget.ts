import { SmimpError } from "@smimp/protocol";
import { peerOf } from "../accept/ip-prefix.ts";

/** Seconds after which to send such a body again. */
const REFUSED_SECONDS = 5;

/** Bounds what bodies that are read whole take of the memory, however many come in at once and however slowly. */
export interface BodyBudget {
  /** Begins a body. `add` throws `rate_limited` (this peer) or `temporarily_unavailable` (all); `end` must be called, however it ends. */
  begin(remoteAddress: string): { add(bytes: number): void; end(): void };
}

/** Makes the budget of one server: bytes of bodies in memory at once, of all peers and of one. */
export function createBodyBudget(bounds: { readonly total: number; readonly peer: number }): BodyBudget {
  const byPeer = new Map<string, number>();
  let total = 0;
  return {
    begin(remoteAddress) {
      const peer = peerOf(remoteAddress);
      let taken = 0;
      const change = (bytes: number): void => {
        taken += bytes;
        total += bytes;
        const left = (byPeer.get(peer) ?? 0) + bytes;
        if (left === 0) byPeer.delete(peer);
        else byPeer.set(peer, left);
      };
      return {
        add(bytes) {
          change(bytes);
          const retryAfter = REFUSED_SECONDS;
          if ((byPeer.get(peer) ?? 0) > bounds.peer) throw new SmimpError("rate_limited", "too many requests at once", { retryAfter });
          if (total > bounds.total) throw new SmimpError("temporarily_unavailable", "too many requests at the moment", { retryAfter });
        },
        end: () => change(-taken),
      };
    },
  };
}
