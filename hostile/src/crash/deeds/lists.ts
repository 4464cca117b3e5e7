import type { Client, ListedEntry } from "@smimp/client";
import { rested } from "../../invariants/demands.ts";
import { assure } from "../../violation.ts";
import type { Deed } from "../deed.ts";

const NOTE = "met at a fair";

/** Lets a domain in, keeps another one out, and takes the first one away again. */
export const lists: Deed = {
  name: "lists",
  weight: 1,
  watch: async (stage, actor) => {
    const subject = stage.ledger.newSubject();
    const [welcome, unwanted] = entriesOf(subject);
    return await Promise.resolve({
      order: { subject },
      after: async ({ kind }) => {
        const [allowed, blocked] = await rested(
          actor.device,
          "looking",
          async (client) => [found(await client.lists.allow.list(), welcome), found(await client.lists.block.list(), unwanted)] as const,
        );
        assure(allowed.length <= (kind === "done" ? 0 : 1), `${welcome} is let in ${allowed.length} times after ${kind}`);
        assure(
          blocked.length === 1 || (blocked.length === 0 && kind !== "done"),
          `${unwanted} is kept out ${blocked.length} times after ${kind}`,
        );
        assure(
          [...allowed, ...blocked].every(({ text }) => text === NOTE),
          `what was noted of ${welcome} or ${unwanted} can't be read`,
        );
      },
    });
  },
  run: async (client: Client, { subject }) => {
    const [welcome, unwanted] = entriesOf(subject);
    await client.lists.allow.add(welcome, NOTE);
    await client.lists.block.add(unwanted, NOTE);
    await client.lists.allow.remove(welcome);
  },
};

function entriesOf(subject: string): readonly [string, string] {
  const name = subject
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return [`#${name}.welcome.example`, `#${name}.unwanted.example`];
}

function found(entries: readonly ListedEntry[], entry: string): readonly ListedEntry[] {
  return entries.filter((each) => each.entry === entry);
}
