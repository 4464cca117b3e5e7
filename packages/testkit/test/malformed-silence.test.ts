import { describe, expect, it } from "vitest";
import { ACCOUNT_OPERATIONS, NEW_DEVICE_OPERATIONS } from "../src/fuzz/answers/account-operations.ts";
import { slowCases } from "../src/fuzz/answers/client-cases.ts";
import { startClientWorld } from "../src/fuzz/answers/client-world.ts";
import { MAILBOX_OPERATIONS } from "../src/fuzz/answers/mailbox-operations.ts";

// Answers that don't come, stop in the middle, or come a byte at a time for ever: each of a client's operations ends by its own bounds, which
// are short here, and with an honest server everything works again.

/** Seconds that the client waits for an answer, in place of a minute. */
const PATIENCE = 2;

const GROUPS = [
  ["reads, writes and tidies up", MAILBOX_OPERATIONS],
  ["opens, links or restores an account", NEW_DEVICE_OPERATIONS],
  ["changes, moves and ends an account", ACCOUNT_OPERATIONS],
] as const;

// Side by side: most of it is waiting.
describe.concurrent("a server keeps who waiting", () => {
  it.each(GROUPS)("%s", { timeout: 300_000 }, async (_who, operations) => {
    const world = await startClientWorld({ patience: PATIENCE });
    try {
      const found: string[] = [];
      for (const { name, run } of slowCases(operations)) {
        // oxlint-disable-next-line no-await-in-loop
        found.push(...(await run(world, () => undefined)).map((fault) => `${name}: ${fault}`));
      }
      expect(found).toEqual([]);
    } finally {
      await world.close();
    }
  });
});
