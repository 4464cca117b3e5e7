import { chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** Kills a client's program between two operations. */
export const killProgram: Operation = {
  name: "kill-program",
  weight: 3,
  choose: (chooser) => [chooseDevice(chooser)],
  run: async (world, [number = 0]) => {
    deviceAt(world, number).device.kill();
    await Promise.resolve();
  },
};

/** Ends a client's program in good order. */
export const closeProgram: Operation = {
  name: "close-program",
  weight: 3,
  choose: (chooser) => [chooseDevice(chooser)],
  run: async (world, [number = 0]) => await deviceAt(world, number).device.close(),
};
