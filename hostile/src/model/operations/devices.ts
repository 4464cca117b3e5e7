import { accountState, linkDevice, recoverAccount } from "@smimp/client";
import { isSmimpError, randomBytes } from "@smimp/protocol";
import { IMPATIENT, brokenFetch, createDevice } from "../device.ts";
import { emptyDisk, mountDisk, type Disk } from "../disk.ts";
import { createFuse, type Fault, type Fuse } from "../fuse.ts";
import { assureDone, chooseDevice, deviceAt, personAt, type Operation } from "../operation.ts";
import type { Person, World } from "../world.ts";

/** Devices of one person. */
const DEVICES = 3;

/** A program on an empty disk that wants to become a device of somebody's. */
interface Newcomer {
  readonly name: string;
  readonly disk: Disk;
  readonly fuse: Fuse;
}

let count = 0;

function newcomerOf({ address }: Person, fault: Fault | null): Newcomer {
  const fuse = createFuse();
  fuse.lay(fault);
  return { name: `${address}/n${++count}`, disk: emptyDisk(randomBytes(32)), fuse };
}

/** Once the account stands on its disk it is a device, whatever befell its program then. */
async function settleIn(world: World, person: Person, { name, disk, fuse }: Newcomer, joining: Promise<unknown>): Promise<boolean> {
  const ended = await Promise.race([
    joining.then(
      () => null,
      (error: unknown) => error,
    ),
    fuse.death.then(() => null),
  ]);
  if (ended !== null && !isSmimpError(ended)) throw ended;
  fuse.kill();
  const opened = (await accountState(mountDisk(disk, createFuse()))) === "open";
  if (opened) person.devices.push(createDevice(name, disk, world.deps));
  return opened;
}

/** Links a new device, with the code that it shows. */
export const link: Operation = {
  name: "link",
  weight: 3,
  choose: (chooser) => [chooseDevice(chooser)],
  run: async (world, [number = 0], { fault }) => {
    const { person, device } = deviceAt(world, number);
    if (person.devices.length >= DEVICES) return;
    const newcomer = newcomerOf(person, fault);
    const { disk, fuse } = newcomer;
    const deps = { ...IMPATIENT, fetch: brokenFetch(world.deps, fuse), clock: world.clock, random: world.deps.random };
    const linking = async (): Promise<void> => {
      const waiting = await linkDevice({ storage: mountDisk(disk, fuse), address: person.address, deps, name: newcomer.name });
      const let_in = await device.act(async (client) => await client.devices.link(waiting.linkCode));
      if (let_in.how === "done") await waiting.finish();
      else waiting.cancel();
    };
    const opened = await settleIn(world, person, newcomer, linking());
    // Killed before it could tell the others of itself, it is handed nothing where they change the keys meanwhile.
    if (opened && fault !== null) person.shaken = true;
  },
};

/** Comes back on an empty disk with nothing but the phrase. */
export const recover: Operation = {
  name: "recover",
  weight: 1,
  choose: (chooser) => [chooser.integer(1_000), chooser.integer(2)],
  run: async (world, [number = 0, rotate = 0], { fault, crowded }) => {
    const person = personAt(world, number);
    const [phrase] = person.phrases;
    if (phrase === undefined || person.phrases.length > 1 || person.devices.length >= DEVICES || crowded) return;
    // One that is interrupted may leave a keystore behind that the others can't open: they wait until they replace it.
    if (rotate === 1 || fault !== null) person.shaken = true;
    if (rotate === 0) person.freshKey = true;
    await comeBack(world, person, phrase, { fault, rotate: rotate === 1 });
  },
};

/** Restores the account on an empty disk; true: the person has one device more. */
export async function comeBack(
  world: World,
  person: Person,
  phrase: string,
  { fault, rotate }: { readonly fault: Fault | null; readonly rotate: boolean },
): Promise<boolean> {
  const newcomer = newcomerOf(person, fault);
  const { disk, fuse, name: deviceName } = newcomer;
  const deps = { ...IMPATIENT, fetch: brokenFetch(world.deps, fuse), clock: world.clock, random: world.deps.random };
  const { address } = person;
  return await settleIn(
    world,
    person,
    newcomer,
    recoverAccount({ storage: mountDisk(disk, fuse), phrase, address, deps, deviceName, rotate }),
  );
}

/** Shuts another device out. */
export const removeDevice: Operation = {
  name: "remove-device",
  weight: 1,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000)],
  run: async (world, [number = 0, which = 0], circumstances) => {
    const { person, device } = deviceAt(world, number);
    person.shaken = true;
    await device.act(async (client) => {
      const others = (await client.devices.list()).filter(({ thisOne }) => !thisOne);
      const other = others[which % Math.max(1, others.length)];
      if (other !== undefined) await client.devices.remove(other.id);
    }, circumstances.fault);
  },
};

/** Replaces the master key. */
export const rotate: Operation = {
  name: "rotate",
  weight: 2,
  choose: (chooser) => [chooseDevice(chooser)],
  run: async (world, [number = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const { fault, crowded } = circumstances;
    if (fault !== null || crowded) acting.person.shaken = true;
    const ended = await acting.device.act(async (client) => await client.keys.rotate(), fault);
    // There are only so many records a day.
    if (ended.how === "refused" && ended.error.code === "rate_limited") return;
    assureDone(world, ended, "replacing the master key", acting, circumstances);
  },
};

/** Replaces the recovery phrase. */
export const changePhrase: Operation = {
  name: "change-phrase",
  weight: 1,
  choose: (chooser) => [chooseDevice(chooser)],
  run: async (world, [number = 0], circumstances) => {
    const { person, device } = deviceAt(world, number);
    const { fault, crowded } = circumstances;
    const [oldPhrase] = person.phrases;
    if (oldPhrase === undefined || person.phrases.length > 1 || crowded) return;
    if (fault !== null) person.shaken = true;
    const ended = await device.act(async (client) => {
      const keepPhrase = async (phrase: string): Promise<void> => {
        // Both sheets are kept until it is certain which one counts.
        person.phrases = [phrase, oldPhrase];
        await Promise.resolve();
      };
      return await client.keys.changePhrase({ oldPhrase, keepPhrase });
    }, fault);
    if (ended.how === "done") person.phrases = [ended.result];
  },
};
