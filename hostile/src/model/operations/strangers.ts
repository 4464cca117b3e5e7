import { hostOf, isSmimpError, type Hex32 } from "@smimp/protocol";
import { rawCaller } from "@smimp/testkit";
import { documentsOn } from "../disk.ts";
import { chooseDevice, deviceAt, personAt, type Operation } from "../operation.ts";
import { assure } from "../../violation.ts";

/** Asks one's own server for somebody else's message: the answer is that of a message that doesn't exist. */
export const lookElsewhere: Operation = {
  name: "look-elsewhere",
  weight: 2,
  choose: (chooser) => [chooseDevice(chooser), chooser.integer(1_000), chooser.integer(1_000)],
  run: async (world, [number = 0, whose = 0, which = 0], { crowded }) => {
    const { person } = deviceAt(world, number);
    const other = personAt(world, whose);
    const node = world.nodeOf(person.address);
    const token = world.wiretap.tokenOf(person.address, hostOf(node.baseUrl));
    const [disk] = other.devices.map((device) => device.disk);
    const ids = disk === undefined ? [] : [...documentsOn(disk, "messages").keys()];
    const id = ids[which % Math.max(1, ids.length)] as Hex32 | undefined;
    if (token === null || id === undefined || other === person) return;
    const call = rawCaller(world.deps.ask, node.baseUrl);
    const answers = await Promise.allSettled([
      call("getMessage", { token, params: { id, update_read: "true" } }),
      call("getMessageRead", { token, params: { id } }),
      call("deleteMessage", { token, params: { id } }),
      call("setMessageRead", { token, params: { id }, body: { read: true } }),
    ]);
    for (const answer of answers) {
      if (answer.status === "rejected") {
        // A server that is killed beside this answers nothing.
        if (crowded && isSmimpError(answer.reason)) continue;
        throw answer.reason;
      }
      const { code } = answer.value;
      // A session may be over by now, or the account out of service.
      const shown = code !== "not_found" && code !== "session_expired" && code !== "unauthenticated";
      assure(!shown, `${person.address} saw something of ${other.address}'s message: ${code}`);
    }
  },
};
