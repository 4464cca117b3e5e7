import type { Address, Hex32 } from "@smimp/protocol";
import type { ApplicationMessage, OutboxEntry, SendOptions } from "../model.ts";
import type { PageOptions } from "./inbox.ts";

/** Messages of applications: types that begin with `x-custom-`, bytes of any kind (protocol section 9). */
export interface Applications {
  /** Sends bytes to one or more programs of people; no copy is kept. Throws `bad_request` for another type. */
  send(to: Address | readonly Address[], type: string, bytes: Uint8Array, options?: SendOptions): Promise<OutboxEntry>;
  /** Messages of a type, newest first; 100 where no limit is given. */
  list(type: string, options?: PageOptions): Promise<readonly ApplicationMessage[]>;
  /** Deletes it here and on the server. */
  remove(messageId: Hex32): Promise<void>;
}
