import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client, Draft } from "@smimp/client";
import { fromB64, keyIdOf, xWingPublicKey, type Hex32 } from "@smimp/protocol";
import { expect } from "vitest";
import { newPerson, startNetwork, type Network, type NetworkServer, type Person } from "../src/index.ts";
import { generous } from "./generous.ts";

// Two servers that run as processes of their own, and people whose data are put back as they once were.

/** Alice writes to bob, who is somebody new in each test. */
export interface BackupWorld {
  /** Where copies are kept. */
  readonly folder: string;
  readonly network: Network;
  readonly alice: Person;
  readonly bob: Person;
  /** Which test this is: names of its own for those who take part. */
  readonly count: number;
  /** The server of bob. */
  readonly beta: NetworkServer;
  /** Begins and ends a test. */
  begin(): Promise<void>;
  end(): Promise<void>;
  /** What alice writes to bob unless said otherwise. */
  draft(subject: string, more?: Partial<Draft>): Draft;
  /** Sends it. */
  write(subject: string, more?: Partial<Draft>): Promise<void>;
  close(): Promise<void>;
}

/** Starts the world. */
export async function startBackups(): Promise<BackupWorld> {
  const folder = mkdtempSync(join(tmpdir(), "smimp-backup-"));
  const network = await startNetwork({ domains: ["alpha.example", "beta.example"], config: generous, processes: true });
  const alice = await newPerson(network, "alice#alpha.example");
  let bob: Person | null = null;
  let count = 0;
  const theBob = (): Person => {
    if (bob === null) throw new TypeError("no test has begun");
    return bob;
  };
  const draft = (subject: string, more: Partial<Draft> = {}): Draft => {
    return { to: [theBob().address], subject, body: subject, keepCopy: false, ...more };
  };
  return {
    folder,
    network,
    alice,
    get bob() {
      return theBob();
    },
    get count() {
      return count;
    },
    get beta() {
      return network.server("beta.example");
    },
    begin: async () => {
      bob = await newPerson(network, `bob${++count}#beta.example`);
    },
    end: async () => {
      for (const { id } of await alice.client.outbox.list()) await alice.client.outbox.remove(id);
      await theBob().client.close();
    },
    draft,
    write: async (subject, more) => {
      const { copies } = await alice.client.send(draft(subject, more));
      expect(copies.map(({ state, reason }) => [state, reason])).toEqual([["sent", null]]);
    },
    close: async () => {
      await alice.client.close();
      await network.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Subjects of what somebody's inbox shows, by name. */
export async function subjects(client: Client): Promise<readonly string[]> {
  return (await client.inbox.list()).map(({ subject }) => subject).sort();
}

/** The id of the message key that a seed makes. */
export function keyIdOfSeed(seed: string): Hex32 {
  return keyIdOf(xWingPublicKey(fromB64(seed)));
}
