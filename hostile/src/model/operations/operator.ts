import { isSmimpError } from "@smimp/protocol";
import { personAt, type Operation } from "../operation.ts";

/** The operator takes an account out of service, or puts it back. */
export const disable: Operation = {
  name: "disable",
  weight: 3,
  choose: (chooser) => [chooser.integer(1_000)],
  run: async (world, [number = 0]) => {
    const person = personAt(world, number);
    const disabled = !person.disabled;
    person.everDisabled = true;
    person.disabled = disabled;
    await world.nodeOf(person.address).asAdmin(async (admin) => {
      await (disabled ? admin.disableAccount(person.address) : admin.enableAccount(person.address));
    });
  },
};

/** Names of people who join while others write. */
const NEWCOMERS = 2;

/** Somebody new joins with an invite. */
export const join: Operation = {
  name: "join",
  weight: 1,
  choose: (chooser) => [chooser.integer(2)],
  run: async (world, [number = 0], { crowded }) => {
    const node = world.nodes[number % world.nodes.length];
    const count = world.people.filter(({ address }) => address.startsWith("new")).length;
    if (node === undefined || count >= NEWCOMERS) return;
    try {
      await world.join(`new${count}#${node.domain}`);
    } catch (error) {
      // The server was killed meanwhile: what is half there is nobody's.
      if (!crowded || !isSmimpError(error)) throw error;
    }
  },
};
