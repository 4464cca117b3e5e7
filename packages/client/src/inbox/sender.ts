import { recordAt, type Address, type Chain, type Hex32, type Pin } from "@smimp/protocol";
import type { People } from "../people.ts";
import type { Waited } from "./take-in.ts";

/** A sender's history that is at hand. */
export interface KnownSender {
  readonly chain: Chain;
  readonly pinWhenSeen: Pin | null;
  /** The message names a record beyond the pin that the sender's server doesn't show (protocol section 3). */
  readonly withheld: boolean;
}

/** What names a sender: not verified yet, good for nothing but to choose the history (protocol section 1). */
export interface ClaimedSender {
  readonly from: Address;
  readonly fromLink: Hex32;
  readonly waited: Waited | undefined;
}

/** The history that verifies a sender, where it is here and holds the record that the message names; null: it has to be fetched. */
export async function knownSender(people: People, { from, fromLink, waited }: ClaimedSender): Promise<KnownSender | null> {
  const pinWhenSeen = waited === undefined ? ((await people.document(from))?.pin ?? null) : waited.pinWhenSeen;
  const known = await people.known(from);
  if (known === null) return null;
  const shown = recordAt(known.chain, fromLink) !== undefined;
  // Fetched a moment ago and still not there: that is for opening to refuse.
  if (!shown && waited === undefined) return null;
  return { chain: known.chain, pinWhenSeen, withheld: !shown && pinWhenSeen !== null };
}
