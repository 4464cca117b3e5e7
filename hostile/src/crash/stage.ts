import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAccount, openClient, type Client, type ClientDeps } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { createSqliteSearch } from "@smimp/client/sqlite-search";
import {
  addSeconds,
  domainOf,
  isSmimpError,
  MIN_PASSPHRASE_MEMORY,
  parseAddress,
  randomBytes,
  type Address,
  type Clock,
} from "@smimp/protocol";
import { openAdmin } from "@smimp/server";
import { realClock, startNetwork, type Network, type ServerProcess, type TestServerConfig } from "@smimp/testkit";
import type { ServerFolder } from "../facts.ts";
import type { Asked, Inspected, Resting } from "../invariants/demands.ts";
import { createLedger } from "../ledger.ts";
import { PASSPHRASE } from "./program.ts";

/** A device whose program runs in this process while nobody else has its file. */
export interface FileDevice extends Asked {
  readonly file: string;
  /** Lets go of the file. */
  close(): Promise<void>;
}

/** Somebody on the stage. */
export interface Actor extends Inspected {
  readonly device: FileDevice;
}

/** Two servers in processes of their own, people with files, and the model of what they did. */
export interface Stage extends Resting {
  readonly network: Network;
  readonly people: Actor[];
  /** What programs of this process work with. */
  readonly deps: ClientDeps;
  readonly clock: Clock;
  /** How many times somebody was killed, and how many of these fell inside a deed. */
  readonly strikes: { all: number; inside: number };
  /** Seconds that all clocks here are ahead of the machine's. */
  ahead(): number;
  /** Sets all clocks on. */
  advance(seconds: number): void;
  processOf(address: Address): ServerProcess;
  /** A file for somebody's device. */
  fileOf(name: string): string;
  /** Somebody whose account is in a file. */
  enter(address: Address, phrase: string, file: string): Actor;
  close(): Promise<void>;
}

const MANY = 1_000_000;
/** Shares so high, and no work, that nothing but what is killed stands in the way. */
const SETTINGS: Partial<TestServerConfig> = {
  logLevel: "warn",
  quotas: { keysPerRequester: MANY, keysForFirstContacts: MANY, ticketsPerHour: MANY, challengesPerMinute: MANY },
  workPolicy: {
    count: 1,
    strangerBits: 0,
    establishedBits: 0,
    firstContactsPerSender: MANY,
    firstContactsPerDomain: MANY,
    firstContactsPerPrefix: MANY,
    messagesPerCorrespondent: MANY,
    strangerInflow: MANY,
  },
};
const DOMAINS = ["alpha.example", "beta.example"] as const;
const PEOPLE = ["alice#alpha.example", "bob#beta.example", "carol#alpha.example"] as const;

/** Starts the servers and lets the people join. */
export async function setStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "smimp-crash-"));
  let ahead = 0;
  const clock: Clock = () => addSeconds(realClock(), ahead);
  const network = await startNetwork({ domains: DOMAINS, config: SETTINGS, processes: true, dataDir: folder, clock });
  const processOfDomain = (domain: string): ServerProcess => {
    const { process } = network.server(domain);
    if (process === null) throw new TypeError("the servers must be processes");
    return process;
  };
  const folderOf = (domain: string): ServerFolder => ({
    domain,
    dataDir: () => network.server(domain).config.dataDir,
    check: async () => {
      const admin = await openAdmin(network.server(domain).config, { clock });
      try {
        return await admin.check();
      } finally {
        await admin.close();
      }
    },
  });
  const people: Actor[] = [];
  const search = createSqliteSearch();
  const deps: ClientDeps = { fetch: network.fetch, clock, random: randomBytes, jitter: 0, work: { threads: 0 }, search };

  const stage: Stage = {
    network,
    people,
    deps,
    clock,
    latest: clock,
    ledger: createLedger(),
    strikes: { all: 0, inside: 0 },
    nodes: DOMAINS.map(folderOf),
    nodeOf: (address) => folderOf(domainOf(address)),
    ahead: () => ahead,
    advance: (seconds) => {
      ahead += seconds;
      for (const domain of DOMAINS) processOfDomain(domain).setClock(ahead);
    },
    processOf: (address) => processOfDomain(domainOf(address)),
    fileOf: (name) => join(folder, `${name}.db`),
    enter: (address, phrase, file) => {
      const device = fileDevice(address, file, deps);
      const actor = { address, phrases: [phrase], device, devices: [device], everDisabled: false, everBlocked: false };
      people.push(actor);
      return actor;
    },
    close: async () => {
      const { all, inside } = stage.strikes;
      if (all > 0) process.stdout.write(`${inside} of ${all} kills fell inside a deed\n`);
      for (const { device } of people) await device.close();
      await network.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    for (const text of PEOPLE) {
      const address = parseAddress(text);
      const file = stage.fileOf(text.slice(0, text.indexOf("#")));
      const storage = await openSqliteStorage({ file, passphrase: PASSPHRASE, cost: { memory: MIN_PASSPHRASE_MEMORY } });
      const invite = await network.invite(domainOf(address), address);
      const { client, phrase } = await createAccount({ storage, invite, address, deps });
      await client.close();
      stage.enter(address, phrase, file);
    }
    return stage;
  } catch (error) {
    await stage.close();
    throw error;
  }
}

function fileDevice(name: string, file: string, deps: ClientDeps): FileDevice {
  let running: Promise<Client> | null = null;
  const open = async (): Promise<Client> => await openClient({ storage: await openSqliteStorage({ file, passphrase: PASSPHRASE }), deps });
  return {
    name,
    file,
    act: async (work) => {
      const client = await (running ??= open());
      try {
        return { how: "done", result: await work(client) };
      } catch (error) {
        if (!isSmimpError(error)) throw error;
        return { how: "refused", error };
      }
    },
    close: async () => {
      const client = await running;
      running = null;
      await client?.close();
    },
  };
}
