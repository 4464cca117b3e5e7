import { Command } from "commander";
import { isSmimpError } from "@smimp/protocol";
import { CliError } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { style } from "../output.ts";
import { askPhrase } from "../recovery-phrase.ts";
import { askText, isInteractive } from "../terminal.ts";

/** `smimp leave`: deletes one's account for good. */
export function leaveCommand(): Command {
  return new Command("leave")
    .description("delete your account for good; it takes your recovery phrase")
    .addHelpText(
      "after",
      `
Everything that the server holds of you is deleted. Your address is never given to anybody again. What is on this
computer stays; \`smimp export\` and \`smimp takeout\` save it before. Without a terminal the phrase is read from
standard input.
`,
    )
    .action(async (_options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        if (isInteractive() && process.stdin.isTTY === true) {
          const check = (text: string): string | undefined => (text.trim() === client.address ? undefined : "That is not your address");
          await askText(`This can't be taken back. Type your address, ${client.address}, to go on`, check);
        }
        const phrase = await askPhrase("Your recovery phrase, all 24 words");
        await client.account.remove({ phrase }).catch((error: unknown) => {
          if (!isSmimpError(error, "bad_signature") && !isSmimpError(error, "unauthenticated")) throw error;
          throw new CliError("These words are not the recovery phrase of your account: nothing was deleted.");
        });
        output.result({ address: client.address, deleted: true }, `${style("green", "✓")} ${client.address} is gone.`);
      });
    });
}
