import type { Fetch } from "@smimp/identity";
import { createGuardedFetch } from "@smimp/identity/guarded-fetch";
import { hostOf, randomBytes, timestampOf, type Clock, type RandomBytes } from "@smimp/protocol";
import { pino, type Logger } from "pino";
import { createChainCache } from "./accept/chain-cache.ts";
import { createRateCounter } from "./accept/rate-counter.ts";
import { createRemoteSenders } from "./accept/remote-senders.ts";
import { createTransfers } from "./accept/transfers.ts";
import { createUploadsUnderWay } from "./accept/uploads-under-way.ts";
import { checkConfig, type ServerConfig } from "./config.ts";
import type { Certificates } from "./certificates/certificates.ts";
import { createCertificates } from "./certificates/create.ts";
import { createHttpServer, type HttpServer } from "./http/app.ts";
import { allHandlers } from "./http/endpoints/all.ts";
import { watchEndedAccess } from "./notify/ended-access.ts";
import { createStateBus } from "./notify/state-bus.ts";
import type { Services } from "./services.ts";
import { lockToServe } from "./store/serving-lock.ts";
import { openStore } from "./store/sqlite.ts";
import { startUpkeep } from "./upkeep.ts";

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
  /** Looks at once for certificates that are new or due; new connections use them. */
  reloadCertificates(): Promise<void>;
  /** Lets requests under way end, closes every connection and the store. Idempotent. */
  close(): Promise<void>;
}

/** The machine's own time. */
export const systemClock: Clock = () => timestampOf(Date.now() / 1000);

/** Starts a server; resolves once it listens. Throws `ConfigError` for a setting that can't be, `DataInUseError` where a tool has the data for itself, and the system's error where it can't listen. */
export async function startServer(config: ServerConfig, dependencies: ServerDependencies = {}): Promise<RunningServer> {
  const settings = checkConfig(config);
  const { clock = systemClock, random = randomBytes } = dependencies;
  const log = createLog(settings.logLevel, dependencies.log);
  const ownFetch = dependencies.fetch === undefined ? createGuardedFetch() : null;
  const fetch = dependencies.fetch ?? ownFetch ?? createGuardedFetch();
  const lock = await lockToServe(settings.dataDir);
  const store = await openStore({ dataDir: settings.dataDir }).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  const rates = createRateCounter();
  const services: Services = {
    settings,
    store,
    clock,
    random,
    log,
    bus: createStateBus(),
    remote: createRemoteSenders({ store, fetch, clock, rates, settings }),
    chains: createChainCache(),
    rates,
    uploads: createUploadsUnderWay(),
    transfers: createTransfers({ all: settings.limits.transfers, prefix: settings.limits.transfersPerPrefix }),
  };
  const release = async (): Promise<void> => {
    await store.close();
    lock.release();
    await ownFetch?.close();
  };
  let port: number;
  let endedRuns: ReadonlySet<string> = new Set();
  const { certificates, http } = await prepare(services).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  try {
    // Beside a server that is to be followed by this one nothing is left over: what is half there may be what that one is at.
    if (lock.alone) {
      await store.transact((writer) => writer.departures.abandonArrivals());
      endedRuns = await store.blobRuns();
    }
    await lock.share();
    port = await http.listen();
  } catch (error) {
    await Promise.all([http.close(), certificates.close()]);
    await release();
    throw error;
  }
  const stopUpkeep = startUpkeep(services, endedRuns);
  const stopWatching = await watchEndedAccess(services);
  log.info({ port, base_url: settings.baseUrl, domains: settings.domains }, "listening");

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await http.close();
    await Promise.all([stopUpkeep(), stopWatching(), certificates.close()]);
    await release();
    log.info("closed");
  };
  return { port, reloadCertificates: certificates.look, close: () => (closing ??= close()) };
}

/** What answers, and the certificates it shows. */
async function prepare(services: Services): Promise<{ readonly certificates: Certificates; readonly http: HttpServer }> {
  const { settings, clock, random, log } = services;
  const { tls, dataDir, baseUrl } = settings;
  const certificates = await createCertificates(tls, { dataDir, host: hostOf(baseUrl), clock, random, log });
  return { certificates, http: createHttpServer(services, allHandlers(services), certificates) };
}

function createLog(level: string, sink: LogSink | undefined): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, sink ?? pino.destination({ fd: 2, sync: false }));
}
