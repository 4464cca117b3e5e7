import type { Fetch } from "@smimp/identity";
import { createGuardedFetch } from "@smimp/identity/guarded-fetch";
import { randomBytes, timestampOf, type Clock, type RandomBytes } from "@smimp/protocol";
import { pino, type Logger } from "pino";
import { createChainCache } from "./accept/chain-cache.ts";
import { createRateCounter } from "./accept/rate-counter.ts";
import { createRemoteSenders } from "./accept/remote-senders.ts";
import { createTransfers } from "./accept/transfers.ts";
import { createUploadsUnderWay } from "./accept/uploads-under-way.ts";
import { checkConfig, type ServerConfig } from "./config.ts";
import { createHttpServer } from "./http/app.ts";
import { allHandlers } from "./http/endpoints/all.ts";
import { watchEndedAccess } from "./notify/ended-access.ts";
import { createStateBus } from "./notify/state-bus.ts";
import type { Services } from "./services.ts";
import { cleanStore } from "./store/cleaning.ts";
import { openStore } from "./store/sqlite.ts";
import type { Store } from "./store/store.ts";

/** Milliseconds between two cleanings of what has lapsed. */
const CLEANING_MILLISECONDS = 10 * 60 * 1000;

/** Where log lines go: one JSON object and a line feed each. */
export interface LogSink {
  write(line: string): void;
}

/** What a server takes from outside; the platform's own where left out. */
export interface ServerDependencies {
  readonly clock?: Clock;
  /** Fetches histories of other servers; the guarded fetch where left out (protocol section 5). */
  readonly fetch?: Fetch;
  readonly random?: RandomBytes;
  /** Standard error where left out. */
  readonly log?: LogSink;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Lets requests under way end, closes every connection and the store. Idempotent. */
  close(): Promise<void>;
}

/** The machine's own time. */
export const systemClock: Clock = () => timestampOf(Date.now() / 1000);

/** Starts a server; resolves once it listens. Throws `ConfigError` for a setting that can't be, and the system's error where it can't listen. */
export async function startServer(config: ServerConfig, dependencies: ServerDependencies = {}): Promise<RunningServer> {
  const settings = checkConfig(config);
  const { clock = systemClock, random = randomBytes } = dependencies;
  const log = createLog(settings.logLevel, dependencies.log);
  const ownFetch = dependencies.fetch === undefined ? createGuardedFetch() : null;
  const fetch = dependencies.fetch ?? ownFetch ?? createGuardedFetch();
  const store = await openStore({ dataDir: settings.dataDir });
  const services: Services = {
    settings,
    store,
    clock,
    random,
    log,
    bus: createStateBus(),
    remote: createRemoteSenders({ store, fetch, clock }),
    chains: createChainCache(),
    rates: createRateCounter(),
    uploads: createUploadsUnderWay(),
    transfers: createTransfers(settings.limits.transfers),
  };
  await store.transact((writer) => writer.departures.abandonArrivals());
  const http = createHttpServer(services, allHandlers(services));
  const release = async (): Promise<void> => {
    await store.close();
    await ownFetch?.close();
  };
  let port: number;
  try {
    port = await http.listen();
  } catch (error) {
    await http.close();
    await release();
    throw error;
  }
  const stopCleaning = startCleaning(store, clock, log);
  const stopWatching = await watchEndedAccess(services);
  log.info({ port, base_url: settings.baseUrl, domains: settings.domains }, "listening");

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await http.close();
    await Promise.all([stopCleaning(), stopWatching()]);
    await release();
    log.info("closed");
  };
  return { port, close: () => (closing ??= close()) };
}

function createLog(level: string, sink: LogSink | undefined): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, sink ?? pino.destination({ fd: 2, sync: false }));
}

/** Cleans at the start and from time to time. Returns what stops it and waits for a cleaning under way. */
function startCleaning(store: Store, clock: Clock, log: Logger): () => Promise<void> {
  const run = async (): Promise<void> => {
    try {
      await cleanStore(store, clock());
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : "unknown" }, "cleaning failed");
    }
  };
  const start = async (): Promise<void> => {
    try {
      const files = await store.recoverBlobs();
      if (files > 0) log.info({ files }, "unfinished blobs removed");
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : "unknown" }, "recovery of blobs failed");
    }
    await run();
  };
  let running = start();
  const timer = setInterval(() => void (running = running.then(run)), CLEANING_MILLISECONDS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
