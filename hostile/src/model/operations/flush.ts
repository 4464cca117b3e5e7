import { chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** Tries again what waits in the outbox: what is due, or all of it. */
export const flush: Operation = {
  name: "flush",
  weight: 8,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(2)],
  run: async (world, [number = 0, force = 0], { fault }) => {
    const { device } = deviceAt(world, number);
    await device.act(async (client) => await client.outbox.flush({ force: force === 1 }), fault);
  },
};
