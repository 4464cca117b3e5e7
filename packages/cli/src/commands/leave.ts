import { Command } from "commander";
import { isSmimpError } from "@smimp/protocol";
import { CliError } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { style } from "../output.ts";
import { askPhrase } from "../recovery-phrase.ts";
import { assertSure, YES, type SureOptions } from "../sure.ts";
import { askText, isInteractive } from "../terminal.ts";

/** `smimp leave`: deletes one's account for good. */
export function leaveCommand(): Command {
  return new Command("leave")
    .description("delete your account for good; it takes your recovery phrase")
    .option(...YES)
    .addHelpText(
      "after",
      `
Everything that the server holds of you is deleted. Your address is never given to anybody again. What is on this
computer stays; \`smimp export\` and \`smimp takeout\` save it before. The phrase is typed, or read from standard input.
`,
    )
    .action(async (options: SureOptions, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        await assertLeaving(client.address, options);
        const phrase = await askPhrase("Your recovery phrase, all 24 words");
        await client.account.remove({ phrase }).catch((error: unknown) => {
          if (!isSmimpError(error, "bad_signature") && !isSmimpError(error, "unauthenticated")) throw error;
          throw new CliError("These words are not the recovery phrase of your account: nothing was deleted.");
        });
        output.result({ address: client.address, deleted: true }, `${style("green", "✓")} ${client.address} is gone.`);
      });
    });
}

/** More is asked than yes or no: this is the one thing that nothing brings back. */
async function assertLeaving(address: string, options: SureOptions): Promise<void> {
  if (!isInteractive()) return await assertSure(`Delete ${address} for good?`, "Nothing was deleted.", options);
  if (options.yes === true) return;
  const check = (text: string): string | undefined => (text.trim() === address ? undefined : "That is not your address");
  await askText(`This can't be taken back. Type your address, ${address}, to go on`, check);
}
