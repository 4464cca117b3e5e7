import type { Operation } from "../operation.ts";
import type { ServerNode } from "../server-node.ts";
import type { World } from "../world.ts";

/** Ends a server in good order and starts it again. */
export const restartServer: Operation = {
  name: "restart-server",
  weight: 2,
  choose: (chooser) => [chooser.integer(2)],
  run: async (world, [number = 0]) => await nodeAt(world, number).restart(),
};

/** Kills a server and starts it again. */
export const crashServer: Operation = {
  name: "crash-server",
  weight: 3,
  choose: (chooser) => [chooser.integer(2)],
  run: async (world, [number = 0]) => await nodeAt(world, number).crash(),
};

function nodeAt({ nodes }: World, number: number): ServerNode {
  const node = nodes[number % nodes.length];
  if (node === undefined) throw new TypeError("a world has servers");
  return node;
}
