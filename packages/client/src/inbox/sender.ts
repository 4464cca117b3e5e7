import { isSmimpError, recordAt, type Address, type Chain, type Hex32, type Pin, type RandomBytes } from "@smimp/protocol";
import { isPassing } from "../outbox/back-off.ts";
import type { People } from "../people.ts";

/** Longest wait before a stranger's history is fetched, milliseconds: when a message is opened shall not show to the minute. */
const JITTER = 256;

/** A sender's history, or that it can't be had now. */
export type Sender =
  | { readonly chain: Chain; readonly pinWhenSeen: Pin | null; readonly withheld: boolean }
  | { readonly chain: null; readonly pinWhenSeen: Pin | null };

/** What names a sender: not verified yet, good for nothing but to fetch and choose the history (protocol section 1). */
export interface ClaimedSender {
  readonly from: Address;
  readonly fromLink: Hex32;
  /** What was pinned when the message was first seen; undefined at that moment itself. */
  readonly pinWhenSeen: Pin | null | undefined;
}

/**
 * The history that verifies a sender (protocol section 6): pinned already, or fetched from their own server now, at sync time.
 * Throws what is finally wrong with it.
 */
export async function senderHistory(people: People, random: RandomBytes, claimed: ClaimedSender): Promise<Sender> {
  const { from, fromLink } = claimed;
  const pinWhenSeen = claimed.pinWhenSeen === undefined ? ((await people.document(from))?.pin ?? null) : claimed.pinWhenSeen;
  const known = await people.known(from);
  if (known !== null && recordAt(known.chain, fromLink) !== undefined) return { chain: known.chain, pinWhenSeen, withheld: false };
  const wait = (random(1)[0] ?? 0) % JITTER;
  await new Promise<void>((resolve) => void setTimeout(resolve, wait));
  try {
    const { chain } = await people.resolve(from);
    // A record beyond the pin that the server then doesn't show is one that is withheld (protocol section 3).
    return { chain, pinWhenSeen, withheld: pinWhenSeen !== null && recordAt(chain, fromLink) === undefined };
  } catch (error) {
    if (isSmimpError(error) && isPassing(error.code)) return { chain: null, pinWhenSeen };
    throw error;
  }
}
