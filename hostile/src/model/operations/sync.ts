import { assureDone, chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** Fetches what is new, opens and archives it, and keeps keys in order. */
export const sync: Operation = {
  name: "sync",
  weight: 30,
  choose: (chooser) => [chooseDevice(chooser)],
  run: async (world, [number = 0], circumstances) => {
    const acting = deviceAt(world, number);
    const ended = await acting.device.act(async (client) => await client.sync(), circumstances.fault);
    assureDone(world, ended, "a sync", acting, circumstances);
  },
};
