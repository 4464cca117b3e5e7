import type { EndpointName } from "@smimp/protocol";
import type { ClientWorld } from "./client-world.ts";

/** What somebody is about to do. */
export interface Attempt {
  /** Does it, whatever the server answers; throws errors of protocol section 10 and no others. */
  run(): Promise<void>;
  /** With an honest server again: says what was taken over that isn't true, and whether the same succeeds now; null where all is well. */
  afterwards?(): Promise<string | null>;
}

/** What somebody does with a client. */
export interface Operation {
  /** Endpoints whose answers this is there for: each must be met, or the case fails. */
  readonly endpoints: readonly EndpointName[];
  /** It is another client's: how that one fares is looked at `afterwards`, and not with a sync of the world's own client. */
  readonly isOthers?: true;
  /** Prepares it, with an honest server. */
  begin(world: ClientWorld): Promise<Attempt>;
}

/** Operations by name. */
export type Operations = Readonly<Record<string, Operation>>;

/** An operation of the client under test that leaves nothing behind to be looked at. */
export function simple(
  endpoints: readonly EndpointName[],
  run: (world: ClientWorld) => Promise<void>,
  prepare: (world: ClientWorld) => Promise<void> = async () => undefined,
): Operation {
  return {
    endpoints,
    begin: async (world) => {
      await prepare(world);
      return { run: async () => await run(world) };
    },
  };
}
