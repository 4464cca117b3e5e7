import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { Command } from "commander";
import { CliError, systemWords } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { addressesOf } from "../message-input.ts";
import { printable, timeText } from "../output.ts";
import { copiesOf, reportCopies, sendOptions, syncFirst } from "../sending.ts";
import { progressLine } from "../terminal.ts";
import { positive } from "./inbox.ts";

/** `smimp app`: messages of programs, of types that begin with `x-custom-`. */
export function appCommand(): Command {
  const app = new Command("app").description("messages between programs: types that begin with x-custom-, any bytes");
  app
    .command("send")
    .description("send bytes, from a file or standard input")
    .argument("<type>", "e.g. x-custom-thermometer")
    .argument("<addresses...>")
    .option("-f, --file <file>", "what to send")
    .action(async (type: string, addresses: readonly string[], options: { readonly file?: string }, command: Command) => {
      const to = addressesOf(addresses);
      const bytes = options.file === undefined ? await buffer(process.stdin) : await readWhole(options.file);
      await withMailbox(command, async (mailbox) => {
        const line = progressLine(!mailbox.output.json);
        const sending = mailbox.client.applications.send(to, type, new Uint8Array(bytes), sendOptions(mailbox, line));
        const entry = await sending.finally(() => line.end());
        reportCopies(
          mailbox.output,
          copiesOf(entry).map((copy) => ({ entry, copy })),
        );
      });
    });
  app
    .command("list")
    .description("list messages of a type, newest first")
    .argument("<type>")
    .option("-n, --limit <number>", "how many", positive, 20)
    .action(async (type: string, options: { readonly limit: number }, command: Command) => {
      await withMailbox(command, async ({ client, output, signal }) => {
        await syncFirst(client, output, signal);
        const messages = await client.applications.list(type, { limit: options.limit });
        if (messages.length === 0 && !output.json) output.result({}, "Nothing of this type.");
        for (const { messageId, from, receivedAt, bytes } of messages) {
          const base64 = Buffer.from(bytes).toString("base64");
          const text = `${timeText(receivedAt)}  ${from}  ${bytes.length} bytes  ${printable(Buffer.from(bytes).toString("utf8")).slice(0, 60)}`;
          output.result({ message_id: messageId, from, received_at: receivedAt, bytes: base64 }, text);
        }
      });
    });
  return app;
}

async function readWhole(file: string): Promise<Uint8Array> {
  return await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new CliError(`${file}: can't be read (${systemWords(cause.code)})`);
  });
}
