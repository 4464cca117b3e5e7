import { chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** How long somebody stays connected, milliseconds: what passes in it is what happens beside. */
const WHILE = 40;

/** Stays connected for a moment, syncing and sending as events come. */
export const watch: Operation = {
  name: "watch",
  weight: 2,
  choose: (chooser) => [chooseDevice(chooser)],
  run: async (world, [number = 0], { fault }) => {
    const { device } = deviceAt(world, number);
    await device.act(async (client) => {
      const moment = AbortSignal.timeout(WHILE);
      for await (const _event of client.watch({ signal: moment })) continue;
    }, fault);
  },
};
