import { Command, InvalidArgumentError } from "commander";
import { CliError, EXIT } from "../failure.ts";
import { systemClock, withMailbox } from "../mailbox.ts";
import { style } from "../output.ts";
import { assertSure, YES, type SureOptions } from "../sure.ts";
import { progressLine } from "../terminal.ts";

/** `smimp burn`: makes old mail unreadable, for good and for everybody. */
export function burnCommand(): Command {
  return new Command("burn")
    .description("make everything that you got, sent or imported before a month unreadable, for good: the keys are destroyed")
    .requiredOption("--before <month>", "the first month that stays, e.g. 2026-03; this month at the latest", month)
    .option(...YES)
    .addHelpText(
      "after",
      `
What counts is the month in which a message was first opened on one of your devices, or imported, and not the date that it
bears: mail from 2019 that you imported this month burns with this month. What stays for that reason is counted at the end.

The messages stay in the list, empty. Nobody can read them again: not you on any device, not your server, not whoever
finds your recovery phrase later. Whoever copied them while they could be read keeps what they copied.
`,
    )
    .action(async ({ before, ...sure }: SureOptions & { readonly before: string }, command: Command) => {
      const now = systemClock().slice(0, before.length);
      if (before > now) {
        throw new CliError(`${before} has not begun yet: everything would burn, even what came in today. Nothing was burned.`, {
          exitCode: EXIT.usage,
          advice: `The latest month is this one, --before ${now}: then all burns but what came in or was imported since it began.`,
        });
      }
      await withMailbox(command, async ({ client, output }) => {
        await assertSure(questionOf(before, now), "Nothing was burned.", sure);
        const line = progressLine(!output.json);
        line.update("Destroying keys …");
        const { messages, stay } = await client.keys.burnBefore(before).finally(() => line.end());
        const what = messages === 1 ? "1 message is" : `${messages} messages are`;
        output.result({ before, messages, stay }, `${style("green", "✓")} ${what} unreadable from now on.${stayText(before, stay)}`);
      });
    });
}

function questionOf(before: string, now: string): string {
  const what = `everything that you got, sent or imported before ${before}`;
  return `Make ${what} unreadable, for good${before === now ? ": all but this month's" : ""}?`;
}

function stayText(before: string, stay: number): string {
  if (stay === 0) return "";
  const [those, them] = stay === 1 ? ["1 message dated earlier stays", "it was"] : [`${stay} messages dated earlier stay`, "they were"];
  return `\n  ${those}: ${them} opened or imported in ${before} or later, and can be burned with that month once it is over.`;
}

function month(text: string): string {
  if (!/^[0-9]{4}-(?:0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError("A month looks like 2026-03.");
  return text;
}
