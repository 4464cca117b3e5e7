import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fetch } from "@smimp/identity";
import type { DevelopmentNetwork } from "@smimp/identity/guarded-fetch";
import type { Address, BaseUrl, Clock } from "@smimp/protocol";
import { openAdmin, startServer } from "@smimp/server";
import { createAuthority, type Authority } from "./authority.ts";
import { realClock } from "./clock.ts";
import { lazyFetch } from "./lazy-fetch.ts";
import { startServerProcess, type ServerProcess } from "./server-process.ts";
import { hostsOf, testServerConfig, type TestServerConfig } from "./server-config.ts";

/** What a network shall be like. */
export interface NetworkOptions {
  /** One server for each, e.g. `alpha.example`; it answers at `https://smimp.alpha.example/` and serves the domain's smimp.txt. */
  readonly domains: readonly string[];
  /** The servers' clock, where they run in this process. */
  readonly clock?: Clock;
  /** Clocks of single servers, where they run in this process; `clock` where left out. */
  readonly clockOf?: (domain: string) => Clock;
  /** Settings over the defaults, for all servers or by domain. */
  readonly config?: Partial<TestServerConfig> | ((domain: string) => Partial<TestServerConfig>);
  /** Where data goes, a folder for each domain; a temporary folder that `close` removes where left out. */
  readonly dataDir?: string;
  /** Runs each server in a process of its own, so that it can be killed. */
  readonly processes?: boolean;
  /** An authority to share with hostile peers; a new one where left out. */
  readonly authority?: Authority;
  /** Hosts beside the servers', e.g. of hostile peers: host name to `127.0.0.1:PORT`. */
  readonly hosts?: Readonly<Record<string, string>>;
}

/** One domain's server. */
export interface NetworkServer {
  readonly domain: string;
  readonly baseUrl: BaseUrl;
  readonly config: TestServerConfig;
  readonly port: number;
  /** The process it runs in; null where it runs in this one. */
  readonly process: ServerProcess | null;
  /** Everything it logged so far. */
  logs(): string;
}

/** Servers of several domains on loopback, behind real TLS, and everything needed to reach them. */
export interface Network {
  readonly authority: Authority;
  readonly clock: Clock;
  /** The folder that holds each server's data folder. */
  readonly dataDir: string;
  readonly servers: readonly NetworkServer[];
  /** The guarded fetch, with this network as its development network. */
  readonly fetch: Fetch;
  /** How a program finds the servers; grows with `addHost`. */
  developmentNetwork(): DevelopmentNetwork;
  /** Writes the development network where other programs can read it. */
  writeDevelopmentNetwork(file: string): Promise<void>;
  /** Starts one more domain's server. */
  addServer(domain: string): Promise<NetworkServer>;
  /** Adds a host or points a known one elsewhere (`127.0.0.1:PORT`), for clients and servers alike. */
  addHost(host: string, address: string): void;
  /** The server of a domain. Throws TypeError for a domain that is not of this network. */
  server(domain: string): NetworkServer;
  /** A one-time code for an account on a domain's server, for that address alone where one is given. */
  invite(domain: string, address?: Address): Promise<{ readonly baseUrl: BaseUrl; readonly code: string; readonly link: string }>;
  close(): Promise<void>;
}

/** Starts one server for each domain. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const authority = options.authority ?? createAuthority();
  const clock = options.clock ?? realClock;
  const clockOf = (domain: string): Clock => options.clockOf?.(domain) ?? clock;
  const temporary = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), "smimp-")) : null;
  const dataDir = options.dataDir ?? temporary ?? "";
  const hosts: Record<string, string> = { ...options.hosts };
  const developmentNetwork = (): DevelopmentNetwork => ({ ca: authority.certificate, hosts: { ...hosts } });
  const outgoing = lazyFetch(developmentNetwork());
  const servers: StartedServer[] = [];

  const networkChanged = (): void => {
    const now = developmentNetwork();
    outgoing.setNetwork(now);
    for (const each of servers) each.process?.setNetwork(now);
  };
  let closed = false;
  const starting = new Set<Promise<unknown>>();
  const close = async (): Promise<void> => {
    closed = true;
    // What still starts ends itself; until it has, its folder is in use.
    await Promise.allSettled(starting);
    await Promise.all(servers.map(async (each) => await each.close()));
    await outgoing.close();
    if (temporary !== null) await rm(temporary, { recursive: true, force: true });
  };

  const addServer = async (domain: string): Promise<NetworkServer> => {
    const started = startServerOf(domain);
    starting.add(started);
    return await started.finally(() => starting.delete(started));
  };
  const startServerOf = async (domain: string): Promise<NetworkServer> => {
    if (closed) throw new Error("the network was closed");
    const overrides = typeof options.config === "function" ? options.config(domain) : (options.config ?? {});
    const config = testServerConfig({ domain, authority, dataDir: join(dataDir, domain), overrides });
    const server = await startOne(
      domain,
      config,
      options.processes === true ? developmentNetwork() : { clock: clockOf(domain), fetch: outgoing.fetch },
    );
    // Closed meanwhile: nobody else would ever end this one.
    if (closed) {
      await server.close();
      throw new Error("the network was closed");
    }
    servers.push(server);
    for (const host of hostsOf(domain)) hosts[host] = `127.0.0.1:${server.port}`;
    networkChanged();
    return server;
  };

  try {
    // One after the other, so that a failure leaves none behind that nobody closes.
    // oxlint-disable-next-line no-await-in-loop
    for (const domain of options.domains) await addServer(domain);
  } catch (error) {
    await close();
    throw error;
  }

  const find = (domain: string): NetworkServer => {
    const found = servers.find((each) => each.domain === domain);
    if (found === undefined) throw new TypeError(`no server of this network serves ${domain}`);
    return found;
  };
  return {
    authority,
    clock,
    dataDir,
    servers,
    fetch: outgoing.fetch,
    developmentNetwork,
    writeDevelopmentNetwork: async (file) => await writeFile(file, `${JSON.stringify(developmentNetwork(), null, 2)}\n`),
    addServer,
    addHost: (host, address) => {
      hosts[host] = address;
      networkChanged();
    },
    server: find,
    invite: async (domain, address) => {
      const { config, baseUrl } = find(domain);
      const admin = await openAdmin(config, { clock: clockOf(domain) });
      try {
        const { code, link } = await admin.invite(address === undefined ? {} : { address });
        return { baseUrl, code, link };
      } finally {
        await admin.close();
      }
    },
    close,
  };
}

interface StartedServer extends NetworkServer {
  close(): Promise<void>;
}

async function startOne(
  domain: string,
  config: TestServerConfig,
  how: DevelopmentNetwork | { readonly clock: Clock; readonly fetch: Fetch },
): Promise<StartedServer> {
  const { baseUrl } = config;
  if ("ca" in how) {
    const process = await startServerProcess(config, how);
    return { domain, baseUrl, config, port: process.port, process, logs: process.logs, close: process.close };
  }
  let logs = "";
  const log = { write: (line: string): void => void (logs += line) };
  const running = await startServer(config, { ...how, log });
  return { domain, baseUrl, config, port: running.port, process: null, logs: () => logs, close: async () => await running.close() };
}
