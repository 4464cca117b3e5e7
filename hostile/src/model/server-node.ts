import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Fetch, FetchInit, FetchResponse } from "@smimp/identity";
import { createGuardedFetch, type GuardedFetch } from "@smimp/identity/guarded-fetch";
import type { BaseUrl, Clock } from "@smimp/protocol";
import { openAdmin, startServer, type Admin, type RunningServer, type ServerConfig } from "@smimp/server";
import type { ServerFolder } from "../facts.ts";
import { hostsOf, testServerConfig, type Authority, type TestServerConfig } from "@smimp/testkit";

/** What a server node is given. */
export interface ServerNodeOptions {
  readonly domain: string;
  readonly authority: Authority;
  readonly clock: Clock;
  /** Where it may make data folders. */
  readonly folder: string;
  /** Settings over the defaults. */
  readonly overrides: Partial<TestServerConfig>;
  /** How it reaches other servers. */
  readonly fetch: Fetch;
}

/** One domain's server in this process, which can be closed, or killed at any moment, and started again. */
export interface ServerNode extends ServerFolder {
  readonly baseUrl: BaseUrl;
  /** Starts it on a copy of a folder. */
  begin(template: string | null): Promise<void>;
  /** A request to it. Once it is killed, no answer of its run at that time gets out. */
  readonly ask: Fetch;
  /** Ends it in good order and starts it again. */
  restart(): Promise<void>;
  /** Kills it: what it had written by now stays, what it was about to say is never heard. Then starts it again. */
  crash(): Promise<void>;
  /** What an operator does beside it. */
  asAdmin<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result>;
  /** Everything it logged since `begin`. */
  logs(): string;
  close(): Promise<void>;
}

interface Run {
  readonly server: RunningServer;
  readonly reach: GuardedFetch;
  readonly dataDir: string;
  killed: boolean;
}

/** Makes a node; it serves from `begin` on. */
export function createServerNode(options: ServerNodeOptions): ServerNode {
  const { domain, authority, clock, folder, overrides, fetch } = options;
  const hosts = hostsOf(domain);
  const base = testServerConfig({ domain, authority, dataDir: folder, overrides });
  let run: Run | null = null;
  let runs = 0;
  let logs = "";
  const ending: Promise<unknown>[] = [];
  // One after the other: what is killed twice at once is started once and killed again.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return await mine;
  };

  const current = (): Run => {
    if (run === null) throw new TypeError("the server was not started");
    return run;
  };
  const configOf = (dataDir: string): ServerConfig => ({ ...base, dataDir });

  /** A folder of its own for each run: the one before may still be closing. */
  function copied(from: string | null): string {
    const dataDir = join(folder, `${domain}-${++runs}`);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    // Not a moment passes between two files: all of it is as a power cut would leave it.
    if (from !== null) cpSync(from, dataDir, { recursive: true, filter: (path) => !path.endsWith("-shm") });
    return dataDir;
  }

  async function start(dataDir: string): Promise<void> {
    const log = { write: (line: string): void => void (logs += line) };
    const server = await startServer(configOf(dataDir), { clock, fetch, log });
    const target = `127.0.0.1:${server.port}`;
    const network = { ca: authority.certificate, hosts: Object.fromEntries(hosts.map((host) => [host, target])) };
    run = { server, reach: createGuardedFetch({ developmentNetwork: network }), dataDir, killed: false };
  }

  async function asAdmin<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
    const admin = await openAdmin(configOf(current().dataDir), { clock });
    try {
      return await work(admin);
    } finally {
      await admin.close();
    }
  }

  async function end({ server, reach }: Run): Promise<void> {
    await reach.close();
    await server.close();
  }

  return {
    domain,
    baseUrl: base.baseUrl,
    dataDir: () => current().dataDir,
    begin: async (template) => {
      logs = "";
      await start(copied(template));
    },
    ask: async (url, init) => await throughRun(current(), url, init),
    restart: async () =>
      await inTurn(async () => {
        const { dataDir } = current();
        await end(current());
        await start(dataDir);
      }),
    crash: async () =>
      await inTurn(async () => {
        const before = current();
        before.killed = true;
        const dataDir = copied(before.dataDir);
        ending.push(end(before));
        await start(dataDir);
      }),
    // What an operator was told is done is not in the copy that a crash leaves if it was made a moment before.
    asAdmin: async (work) => await inTurn(async () => await asAdmin(work)),
    check: async () => await asAdmin(async (admin) => await admin.check()),
    logs: () => logs,
    close: async () => {
      await last;
      if (run !== null) ending.push(end(run));
      run = null;
      await Promise.all(ending.splice(0));
    },
  };
}

/** The whole exchange, so that what a killed server had not said to the end is not heard. */
async function throughRun(run: Run, url: string, init: FetchInit): Promise<FetchResponse> {
  const response = await run.reach(url, init);
  // A stream of events has no end to wait for.
  if (response.headers.get("content-type")?.startsWith("text/event-stream") === true) return response;
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body ?? []) pieces.push(piece);
  if (run.killed) throw new TypeError("the server was killed");
  const { status, headers } = response;
  return { status, headers, body: once(Buffer.concat(pieces)) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
