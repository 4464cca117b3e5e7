import type { Clock, RandomBytes } from "@smimp/protocol";
import type { Logger } from "pino";
import type { ChainCache } from "./accept/chain-cache.ts";
import type { RateCounter } from "./accept/rate-counter.ts";
import type { RemoteSenders } from "./accept/remote-senders.ts";
import type { Transfers } from "./accept/transfers.ts";
import type { UploadsUnderWay } from "./accept/uploads-under-way.ts";
import type { Settings } from "./config.ts";
import type { StateBus } from "./notify/state-bus.ts";
import type { Store } from "./store/store.ts";

/**
 * What a running server consists of, made once in `server.ts`. Nothing takes this whole: each function names the two
 * or three members that it uses (`Pick<Services, "store" | "clock">`).
 */
export interface Services {
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  readonly bus: StateBus;
  readonly remote: RemoteSenders;
  readonly chains: ChainCache;
  readonly rates: RateCounter;
  readonly uploads: UploadsUnderWay;
  readonly transfers: Transfers;
}
