import { SmimpError } from "@smimp/protocol";
import { peerOf } from "../accept/ip-prefix.ts";

/** Seconds after which to send such a request again. */
const REFUSED_SECONDS = 5;

/** Counts requests under way by whom they come from: behind a proxy nobody's connections tell one from another. */
export interface UnderWay {
  /** One more of this address; the returned function ends it. Throws `rate_limited` where there are too many. */
  begin(remoteAddress: string): () => void;
}

/** At most so many of one IPv4 address, or IPv6 /64. */
export function countUnderWay(most: number): UnderWay {
  const byPeer = new Map<string, number>();
  return {
    begin(remoteAddress) {
      const peer = peerOf(remoteAddress);
      const count = byPeer.get(peer) ?? 0;
      if (count >= most) throw new SmimpError("rate_limited", "too many requests at once", { retryAfter: REFUSED_SECONDS });
      byPeer.set(peer, count + 1);
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        const left = (byPeer.get(peer) ?? 1) - 1;
        if (left === 0) byPeer.delete(peer);
        else byPeer.set(peer, left);
      };
    },
  };
}
