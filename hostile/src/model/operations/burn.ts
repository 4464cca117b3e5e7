import { chooseDevice, deviceAt, type Operation } from "../operation.ts";

/** Burns everything that was opened before this month. */
export const burn: Operation = {
  name: "burn",
  weight: 1,
  choose: (chooser) => [chooseDevice(chooser)],
  run: async (world, [number = 0], { fault }) => {
    const { person, device } = deviceAt(world, number);
    const facts = world.ledger.mailbox(person.address);
    const month = world.clock().slice(0, "2026-03".length);
    // From the moment on that it is tried it may be so; what was acknowledged is, once all devices have synced.
    if (facts.mayBeBurned === null || facts.mayBeBurned < month) facts.mayBeBurned = month;
    const ended = await device.act(async (client) => await client.keys.burnBefore(month), fault);
    if (ended.how === "done" && (facts.isBurned === null || facts.isBurned < month)) facts.isBurned = month;
  },
};
