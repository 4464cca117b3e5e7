import { Command, InvalidArgumentError } from "commander";
import { CliError } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { style } from "../output.ts";
import { askYes, isInteractive, progressLine } from "../terminal.ts";

/** `smimp burn`: makes old mail unreadable, for good and for everybody. */
export function burnCommand(): Command {
  return new Command("burn")
    .description("make everything before a month unreadable, for good: the keys are destroyed")
    .requiredOption("--before <month>", "the first month that stays, e.g. 2026-03", month)
    .option("-y, --yes", "don't ask")
    .addHelpText(
      "after",
      `
The messages stay in the list, empty. Nobody can read them again: not you on any device, not your server, not whoever
finds your recovery phrase later. Whoever copied them while they could be read keeps what they copied.
`,
    )
    .action(async (options: { readonly before: string; readonly yes?: true }, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const question = `Make everything before ${options.before} unreadable, for good?`;
        if (options.yes === undefined && (!isInteractive() || !(await askYes(question)))) {
          throw new CliError("Nothing was burned.", { advice: "Without a terminal, agree with --yes." });
        }
        const line = progressLine(!output.json);
        line.update("Destroying keys …");
        const { messages } = await client.keys.burnBefore(options.before).finally(() => line.end());
        const what = messages === 1 ? "1 message is" : `${messages} messages are`;
        output.result({ before: options.before, messages }, `${style("green", "✓")} ${what} unreadable from now on.`);
      });
    });
}

function month(text: string): string {
  if (!/^[0-9]{4}-(?:0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError("A month looks like 2026-03.");
  return text;
}
