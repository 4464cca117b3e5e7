import type { Client, ClientDeps, Storage } from "@smimp/client";
import type { Actor, Stage } from "./stage.ts";
import type { Order, Tell } from "./messages.ts";
import type { Outcome } from "./program.ts";

/**
 * What a deed may need to be there before it: `mail`: new messages for the actor; `queued`: messages in the actor's outbox; `week`:
 * a week that has passed; `read`: messages that the actor has opened; `month`: another month than that of what was done so far.
 */
export type Need = "mail" | "queued" | "week" | "read" | "month";

/** Something that a person's program does while it, or a server, is killed. One file each in `deeds/`, or for several that are alike. */
export interface Deed {
  readonly name: string;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  /** What has to be there before, in the order in which it comes about; left out: nothing. */
  readonly needs?: readonly Need[];
  /**
   * Called before the program starts, in the process that watches it: what the program is told beside the rest, and what must hold
   * afterwards beside what holds always.
   */
  watch?(stage: Stage, actor: Actor): Promise<Watch>;
  /** Done in the program that is killed. */
  run(client: Client, order: Order, tell: Tell, tools: Tools): Promise<void>;
}

/** What a deed is watched by. */
export interface Watch {
  readonly order?: Partial<Order>;
  /** Once all has come to rest: goes on where the program could not, and throws a violation where something is lost, or there twice. */
  after(outcome: Outcome): Promise<void>;
}

/** What a program has beside its client. */
export interface Tools {
  readonly deps: ClientDeps;
  /** Opens another storage than the client's, or makes it. */
  openStorage(file: string): Promise<Storage>;
}
