import { Command } from "commander";
import { CliError } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { copyJson, outboxTable, progressText, reportEntry } from "../sending.ts";
import { progressLine } from "../terminal.ts";

/** `smimp outbox`: what waits to be sent, and what failed. */
export function outboxCommand(): Command {
  return new Command("outbox")
    .description("show what waits to be sent and what failed")
    .option("--retry", "try everything that waits now")
    .option("--remove <id>", "give one up")
    .action(async (options: { readonly retry?: true; readonly remove?: string }, command: Command) => {
      await withMailbox(command, async ({ client, output, signal }) => {
        if (options.remove !== undefined) {
          const beginning = options.remove;
          const [entry, second] = (await client.outbox.list()).filter(({ id }) => id.startsWith(beginning));
          if (entry === undefined || second !== undefined) throw new CliError(`There is no single entry ${beginning} in the outbox.`);
          await client.outbox.remove(entry.id);
          return output.result({ id: entry.id, removed: true }, "Removed.");
        }
        if (options.retry === true) {
          const line = progressLine(!output.json);
          const entries = await client.outbox
            .flush({ force: true, signal, onProgress: (progress) => line.update(progressText(progress)) })
            .finally(() => line.end());
          for (const entry of entries) reportEntry(output, entry);
          if (entries.length === 0) output.say("Nothing waits to be sent.");
          return;
        }
        const entries = await client.outbox.list();
        const waiting = entries.filter((entry) => entry.copies.some((copy) => !copy.own && copy.state !== "sent"));
        if (output.json) {
          for (const entry of waiting) for (const copy of entry.copies) if (!copy.own) output.result(copyJson(entry, copy), "");
        } else output.result({}, waiting.length === 0 ? "Nothing waits to be sent." : outboxTable(waiting));
      });
    });
}
