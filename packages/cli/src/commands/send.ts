import { Command } from "commander";
import { withMailbox } from "../mailbox.ts";
import { addressesOf, attachmentsOf, messageText } from "../message-input.ts";
import { sendDraft } from "../sending.ts";

/** Collects an option that may stand several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

interface SendCommandOptions {
  readonly subject?: string;
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly text?: string;
  readonly file?: string;
  readonly attach?: readonly string[];
  readonly copy: boolean;
}

/** `smimp send`: writes to one or several people. */
export function sendCommand(): Command {
  return new Command("send")
    .description("write to somebody")
    .argument("<addresses...>", "who gets it, e.g. 'bob#example.org'")
    .option("-s, --subject <text>", "what it is about")
    .option("--cc <address>", "who gets a copy (may be repeated)", collect)
    .option("--bcc <address>", "who gets a copy that the others don't see (may be repeated)", collect)
    .option("-t, --text <text>", "the message itself")
    .option("-f, --file <file>", "a file with the message")
    .option("-a, --attach <file>", "a file to go with it (may be repeated)", collect)
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
      // All that can be wrong on the command line shows before anything is asked for.
      const to = addressesOf(addresses);
      const cc = addressesOf(options.cc ?? []);
      const bcc = addressesOf(options.bcc ?? []);
      const attachments = await attachmentsOf(options.attach ?? []);
      const body = await messageText(options, { files: attachments.length });
      const draft = { to, cc, bcc, subject: options.subject ?? "", body, attachments, keepCopy: options.copy };
      await withMailbox(command, async (mailbox) => await sendDraft(mailbox, draft));
    });
}
