import { MINUTE, secondsBetween } from "@smimp/protocol";
import type { Chooser } from "../chooser.ts";
import type { Ended } from "../invariants/demands.ts";
import type { Device } from "./device.ts";
import type { Fault } from "./fuse.ts";
import { assure } from "../violation.ts";
import type { Person, World } from "./world.ts";

/** How long what did not answer is avoided at the most, seconds. */
const AVOIDED = 6 * MINUTE;

/** One thing that somebody does. Each stands in a file of its own in `operations/`, and in the table of `operations/all.ts`. */
export interface Operation {
  readonly name: string;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  /** Chooses what it is done with: numbers that mean something in any world, so that steps can be left out. */
  choose(chooser: Chooser): readonly number[];
  /** Does it, and tells the model. Throws a violation where something comes out that can't be. */
  run(world: World, args: readonly number[], circumstances: Circumstances): Promise<void>;
}

/** Under what an operation is done. */
export interface Circumstances {
  /** What befalls its program. */
  readonly fault: Fault | null;
  /** Whether something else happens at the same time. */
  readonly crowded: boolean;
}

/** A person's device. */
export interface Acting {
  readonly person: Person;
  readonly device: Device;
}

/** A person that a number stands for. */
export function personAt({ people }: World, number: number): Person {
  const person = people[number % people.length];
  if (person === undefined) throw new TypeError("a world has people");
  return person;
}

/** A device that a number stands for; each person's are as likely as another's. */
export function deviceAt(world: World, number: number): Acting {
  const person = personAt(world, number);
  const device = person.devices[Math.floor(number / world.people.length) % person.devices.length];
  if (device === undefined) throw new TypeError("a person has devices");
  return { person, device };
}

/** What `deviceAt` takes: enough for many people with many devices. */
export function chooseDevice(chooser: Chooser): number {
  return chooser.integer(1_000);
}

/**
 * Where nothing befell the program, nothing else happened and the account is in service, what its owner asks of their own server
 * is done.
 */
export function assureDone(world: World, ended: Ended<unknown>, what: string, { person }: Acting, { fault, crowded }: Circumstances): void {
  if (ended.how !== "refused" || fault !== null || crowded || person.disabled || person.shaken) return;
  const { code, message } = ended.error;
  const avoided = world.troubleAt !== null && secondsBetween(world.troubleAt, world.clock()) < AVOIDED;
  if (avoided && code === "temporarily_unavailable") return;
  assure(false, `${what} of ${person.address} was refused with ${code}, though nothing stood in the way: ${message}`);
}
