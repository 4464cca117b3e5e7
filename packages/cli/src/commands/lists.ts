import { Command } from "commander";
import type { AccessList } from "@smimp/client";
import { parseListEntry } from "@smimp/protocol";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { printable, table, timeText } from "../output.ts";

/** `smimp allow`: whom one's server lets in without any work. */
export function allowCommand(): Command {
  return listCommand("allow", "let somebody in without any work, or a whole domain; without an argument: who is");
}

/** `smimp block`: whom one's server answers as if there were no mailbox. */
export function blockCommand(): Command {
  return listCommand("block", "keep somebody out, or a whole domain; without an argument: who is");
}

function listCommand(which: "allow" | "block", description: string): Command {
  return new Command(which)
    .description(description)
    .argument("[who]", "an address, or '#domain' for everybody there")
    .option("--remove", "take it off the list")
    .option("--note <text>", "why, for yourself")
    .action(async (who: string | undefined, options: { readonly remove?: true; readonly note?: string }, command: Command) => {
      const entry = who === undefined ? undefined : parseListEntry(who);
      await withMailbox(command, async (mailbox) => {
        const list = mailbox.client.lists[which];
        if (entry === undefined) return await show(mailbox, list, which);
        if (options.remove === true) await list.remove(entry);
        else await list.add(entry, options.note);
        const done = options.remove === true ? "is off the list" : which === "allow" ? "is let in" : "is kept out";
        mailbox.output.result({ entry, list: which, removed: options.remove === true }, `${entry} ${done}.`);
      });
    });
}

async function show({ output }: Mailbox, list: AccessList, which: "allow" | "block"): Promise<void> {
  const entries = await list.list();
  if (output.json) for (const { entry, text, createdAt } of entries) output.result({ entry, note: text, created_at: createdAt }, "");
  else if (entries.length === 0)
    output.result({}, which === "allow" ? "Nobody yet; people you write to are added by themselves." : "Nobody is kept out.");
  else
    output.result(
      {},
      table(
        entries.map(({ entry, text, createdAt }) => [printable(entry ?? "(not readable)"), timeText(createdAt), printable(text ?? "")]),
      ),
    );
}
