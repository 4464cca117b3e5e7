import { assureKeystore } from "../../invariants/keystore.ts";
import { personAt, type Operation } from "../operation.ts";

/** Opens what the server holds of somebody's keystore with nothing but the recovery phrase. */
export const lookAtKeystore: Operation = {
  name: "look-at-keystore",
  weight: 2,
  choose: (chooser) => [chooser.integer(1_000)],
  run: async (world, [number = 0]) => {
    assureKeystore(world, personAt(world, number));
    await Promise.resolve();
  },
};
