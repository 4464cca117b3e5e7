import { createAccount } from "@smimp/client";
import type { Fetch, FetchInit, FetchResponse } from "@smimp/identity";
import { domainOf, parseAddress, randomBytes, type Address, type Clock, type RandomBytes, type Timestamp } from "@smimp/protocol";
import { hostsOf, type FakeClock } from "@smimp/testkit";
import { createDevice, IMPATIENT, type Device, type DeviceDeps } from "./device.ts";
import { emptyDisk, mountDisk, type Disk } from "./disk.ts";
import { createFuse } from "./fuse.ts";
import { createLedger, type Ledger } from "../ledger.ts";
import type { ServerNode } from "./server-node.ts";
import { createWiretap, type Wiretap } from "./wiretap.ts";

/** Somebody with an account. */
export interface Person {
  readonly address: Address;
  /** The 24 words; several while it is not certain which of them are in force. */
  phrases: readonly string[];
  readonly devices: Device[];
  /** Whether the operator has the account out of service; and whether that was ever so. */
  disabled: boolean;
  everDisabled: boolean;
  /** Whether they ever kept somebody out. */
  everBlocked: boolean;
  /** Whether a change of keys or devices was interrupted or crossed by another: a device may have to wait, or be out. */
  shaken: boolean;
  /** Whether somebody came back with the phrase and drew a fresh K, of which not all devices may know. */
  freshKey: boolean;
}

/** Everything there is in a run: real servers, real clients, a clock, and the model of what people did. */
export interface World {
  readonly clock: FakeClock;
  /** The latest time that it has shown. */
  readonly latest: Clock;
  readonly nodes: readonly ServerNode[];
  readonly people: Person[];
  readonly ledger: Ledger;
  readonly wiretap: Wiretap;
  /** When something last went wrong on a line or with a server: for some minutes it is avoided. */
  troubleAt: Timestamp | null;
  readonly deps: DeviceDeps;
  /** The server of an address. */
  nodeOf(address: Address): ServerNode;
  /** Opens an account with an invite of the operator. */
  join(address: string): Promise<Person>;
}

/** What stands between clients and servers, to see that the model finds it out. */
export type Betrayal = (ask: Fetch) => Fetch;

/** Puts a world together on servers that run. */
export function createWorld(given: FakeClock, nodes: readonly ServerNode[], betray: Betrayal = (ask) => ask): World {
  let latest = given();
  const clock: FakeClock = Object.assign(() => given(), {
    set: given.set,
    advance: (seconds: number): void => {
      given.advance(seconds);
      if (given() > latest) latest = given();
    },
  });
  const wiretap = createWiretap();
  const nodeAt = (url: string): ServerNode => {
    const { host } = new URL(url);
    const found = nodes.find(({ domain }) => hostsOf(domain).includes(host));
    if (found === undefined) throw new TypeError(`no server of this world answers to ${host}`);
    return found;
  };
  const reach = betray(async (url, init) => await nodeAt(url).ask(url, init));
  const deps: DeviceDeps = {
    clock,
    random: withoutWaiting,
    ask: async (url, init) => await wiretap.listen(url, init, await reach(url, init)),
    crash: async (url) => await nodeAt(url).crash(),
  };
  const people: Person[] = [];
  const nodeOf = (address: Address): ServerNode => nodeAt(`https://${domainOf(address)}/`);

  return {
    clock,
    latest: () => latest,
    nodes,
    people,
    ledger: createLedger(),
    wiretap,
    troubleAt: null,
    deps,
    nodeOf,
    join: async (text) => {
      const address = parseAddress(text);
      const node = nodeOf(address);
      const { code } = await node.asAdmin(async (admin) => await admin.invite({ address }));
      const disk = emptyDisk(randomBytes(32));
      const storage = mountDisk(disk, createFuse());
      const invite = { baseUrl: node.baseUrl, code };
      const joined = await createAccount({
        storage,
        invite,
        address,
        deps: { ...IMPATIENT, fetch: deps.ask, clock, random: withoutWaiting },
      });
      await joined.client.close();
      const person = personOn(address, joined.phrase, [disk], deps);
      people.push(person);
      return person;
    },
  };
}

/** Somebody whose devices have these disks. */
export function personOn(address: Address, phrase: string, disks: readonly Disk[], deps: DeviceDeps): Person {
  const devices = disks.map((disk, index) => createDevice(`${address}/${index}`, disk, deps));
  return { address, phrases: [phrase], devices, disabled: false, everDisabled: false, everBlocked: false, shaken: false, freshKey: false };
}

/** Real randomness, but for the single bytes that only tell how long to wait: nothing here waits. */
const withoutWaiting: RandomBytes = (length) => (length === 1 ? new Uint8Array(1) : randomBytes(length));

/** A fetch that finds the servers of a world, for servers among themselves. */
export function fetchAmong(nodes: () => readonly ServerNode[]): Fetch {
  return async (url: string, init: FetchInit): Promise<FetchResponse> => {
    const { host } = new URL(url);
    const node = nodes().find(({ domain }) => hostsOf(domain).includes(host));
    if (node === undefined) throw new TypeError(`no server of this world answers to ${host}`);
    return await node.ask(url, init);
  };
}
