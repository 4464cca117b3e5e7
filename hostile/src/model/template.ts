import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, Timestamp } from "@smimp/protocol";
import { createAuthority, fakeClock, realClock, type Authority, type FakeClock, type TestServerConfig } from "@smimp/testkit";
import { copyDisk, type Disk } from "./disk.ts";
import { createServerNode, type ServerNode } from "./server-node.ts";
import { createWorld, fetchAmong, personOn, type Betrayal, type World } from "./world.ts";

/** Who is there from the start; both domains have somebody, and one more. */
const PEOPLE = ["alice#alpha.example", "bob#beta.example", "carol#alpha.example", "dave#beta.example"] as const;
const DOMAINS = ["alpha.example", "beta.example"] as const;
/** Bytes of a mailbox at beta: some attachments fill it. */
const SMALL_MAILBOX = 600_000;
const MANY = 1_000_000;

/** Everything as it is when people have just joined: made once, copied for each run, since joining is what takes longest. */
export interface Template {
  readonly authority: Authority;
  readonly folder: string;
  readonly startedAt: Timestamp;
  /** Each server's data, as it was left when it closed. */
  readonly dataDirs: ReadonlyMap<string, string>;
  readonly people: readonly { readonly address: Address; readonly phrase: string; readonly disks: readonly Disk[] }[];
  remove(): void;
}

/** Lets the people join. */
export async function makeTemplate(): Promise<Template> {
  const authority = createAuthority();
  // In memory where there is such a folder: nothing here is about what a disk takes.
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "smimp-model-"));
  const startedAt = realClock();
  const clock = fakeClock(startedAt);
  const nodes = nodesOf(authority, folder, clock);
  try {
    for (const node of nodes) await node.begin(null);
    const world = createWorld(clock, nodes);
    for (const address of PEOPLE) await world.join(address);
    const dirs = nodes.map((node) => [node.domain, node.dataDir()] as const);
    for (const node of nodes) await node.close();
    const dataDirs = new Map(
      dirs.map(([domain, from]) => {
        const to = join(folder, `template-${domain}`);
        cpSync(from, to, { recursive: true });
        return [domain, to];
      }),
    );
    const people = world.people.map(({ address, phrases: [phrase = ""], devices }) => ({
      address,
      phrase,
      disks: devices.map(({ disk }) => disk),
    }));
    return { authority, folder, startedAt, dataDirs, people, remove: () => rmSync(folder, { recursive: true, force: true }) };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Makes a world out of copies; `betray` stands between clients and servers. `leave` ends it and takes its folders away. */
export async function enter(
  template: Template,
  clock: FakeClock,
  betray?: Betrayal,
): Promise<{ readonly world: World; leave(): Promise<void> }> {
  const folder = mkdtempSync(join(template.folder, "run-"));
  const nodes = nodesOf(template.authority, folder, clock);
  for (const node of nodes) await node.begin(template.dataDirs.get(node.domain) ?? null);
  const world = createWorld(clock, nodes, betray);
  for (const { address, phrase, disks } of template.people) world.people.push(personOn(address, phrase, disks.map(copyDisk), world.deps));
  return {
    world,
    leave: async () => {
      for (const { devices } of world.people) for (const device of devices) device.kill();
      await Promise.all(nodes.map(async (node) => await node.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function nodesOf(authority: Authority, folder: string, clock: FakeClock): readonly ServerNode[] {
  const nodes: ServerNode[] = [];
  const fetch = fetchAmong(() => nodes);
  for (const domain of DOMAINS) nodes.push(createServerNode({ domain, authority, clock, folder, fetch, overrides: settingsOf(domain) }));
  return nodes;
}

/** One server is generous, so that single-use keys are what is used; the other has the usual shares, a price, and small mailboxes. */
function settingsOf(domain: string): Partial<TestServerConfig> {
  const calls = { ticketsPerHour: MANY, challengesPerMinute: MANY, deviceLinksPerHour: MANY };
  const free = { firstContactsPerSender: MANY, firstContactsPerDomain: MANY, firstContactsPerPrefix: MANY, strangerInflow: MANY };
  const work = { count: 1, messagesPerCorrespondent: MANY, ...free };
  return domain === "alpha.example"
    ? {
        logLevel: "warn",
        quotas: { ...calls, keysPerRequester: MANY, keysForFirstContacts: MANY },
        workPolicy: { ...work, strangerBits: 0, establishedBits: 0 },
      }
    : { logLevel: "warn", quotas: { ...calls, accountBytes: SMALL_MAILBOX }, workPolicy: { ...work, strangerBits: 4, establishedBits: 2 } };
}
