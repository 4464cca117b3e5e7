import { hostOf, type MessageType } from "@smimp/protocol";
import { rawCaller } from "@smimp/testkit";
import { deviceAt, chooseDevice, personAt, type Operation } from "../operation.ts";

const EMAIL = "email" as MessageType;

/** Asks for many of somebody's keys and uses none, so that they run low. */
export const drain: Operation = {
  name: "drain",
  weight: 2,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.one([3, 30, 60, 110])],
  run: async (world, [number = 0, whose = 0, count = 0]) => {
    const { person } = deviceAt(world, number);
    const { address } = personAt(world, whose);
    const { baseUrl } = world.nodeOf(address);
    const token = world.wiretap.tokenOf(person.address, hostOf(baseUrl));
    if (token === null) return;
    const call = rawCaller(world.deps.ask, baseUrl);
    // The wiretap watches that no key comes twice.
    await Promise.all(
      Array.from({ length: count }, async () => await call("getMessageKey", { token, body: { address, message_type: EMAIL } })),
    ).catch(() => undefined);
  },
};
