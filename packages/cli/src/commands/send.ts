import { Command } from "commander";
import { withMailbox } from "../mailbox.ts";
import { draftOf, takesMessage, type MessageOptions } from "../message-options.ts";
import { sendDraft } from "../sending.ts";

interface SendCommandOptions extends MessageOptions {
  readonly copy: boolean;
}

/** `smimp send`: writes to one or several people. */
export function sendCommand(): Command {
  const send = new Command("send").description("write to somebody").argument("<addresses...>", "who gets it, e.g. 'bob#example.org'");
  return takesMessage(send)
    .option("--no-copy", "keep no copy in your own mailbox")
    .addHelpText(
      "after",
      `
Without --text and --file the message is read from standard input, or written in your editor.

Examples:
  smimp send 'bob#example.org' -s Lunch -t 'Today at one?'
  smimp send 'bob#example.org' 'carol#example.net' -s Report -a report.pdf < letter.txt
`,
    )
    .action(async (addresses: readonly string[], options: SendCommandOptions, command: Command) => {
      const draft = { ...(await draftOf(addresses, options)), keepCopy: options.copy };
      await withMailbox(command, async (mailbox) => await sendDraft(mailbox, draft));
    });
}
