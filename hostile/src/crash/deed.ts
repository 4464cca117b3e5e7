import type { Client } from "@smimp/client";
import type { Order, Tell } from "./messages.ts";

/** Something that a person's program does while it, or a server, is killed. One file each in `deeds/`. */
export interface Deed {
  readonly name: string;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  /** What has to be there before; left out: nothing. `mail`: new messages for the actor. `queued`: messages in the actor's outbox. `week`: a week that has passed. */
  readonly needs?: readonly ("mail" | "queued" | "week")[];
  /** Done in the program that is killed. */
  run(client: Client, order: Order, tell: Tell): Promise<void>;
}
