import { readFile, writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import type { Client, PendingSecretKey } from "@smimp/client";
import { parseAddress } from "@smimp/protocol";
import { CliError, systemWords } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { printable, style, table } from "../output.ts";
import { copiesOf, reportCopies, sendOptions, syncFirst } from "../sending.ts";
import { assertSure, YES, type SureOptions } from "../sure.ts";
import { progressLine } from "../terminal.ts";

const KINDS = ["signing", "message", "symmetric"] as const;

/** `smimp secrets`: keys that people hand over to each other. */
export function secretsCommand(): Command {
  const secrets = new Command("secrets")
    .description("keys that people handed over to you, and those that wait for your word")
    .action(async (_options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output, signal }) => {
        await syncFirst(client, output, signal);
        const waiting = await client.secretKeys.pending();
        const accepted = await client.secretKeys.list();
        const rows = [
          ...waiting.map((key) => ({ key, state: "waiting" as const })),
          ...accepted.map((key) => ({ key, state: "accepted" as const })),
        ];
        if (output.json) for (const { key, state } of rows) output.result(keyJson(key, state), "");
        else if (rows.length === 0) output.result({}, "No keys were handed over to you.");
        else output.result({}, table(rows.map(({ key, state }) => keyRow(key, state))));
      });
    });
  secrets
    .command("accept")
    .description("import a key that somebody handed over")
    .argument("<key>", "the beginning of its id")
    .option(...YES)
    .action(async (choice: string, options: SureOptions, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const key = await find(client, choice);
        const question = `Import ${printable(key.name)} (${printable(key.algorithm)}) from ${key.from}?`;
        await assertSure(question, "Nothing was imported.", options);
        await client.secretKeys.accept(key.messageId);
        output.result(keyJson(key, "accepted"), `Imported ${printable(key.name)}.`);
      });
    });
  secrets
    .command("decline")
    .description("delete a key unseen")
    .argument("<key>", "the beginning of its id")
    .option(...YES)
    .action(async (choice: string, options: SureOptions, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const key = await find(client, choice);
        await assertSure(`Delete ${printable(key.name)} from ${key.from} unseen?`, "Nothing was deleted.", options);
        await client.secretKeys.decline(key.messageId);
        output.result({ message_id: key.messageId, declined: true }, "Deleted.");
      });
    });
  secrets
    .command("save")
    .description("write an accepted key into a file that only you can read")
    .argument("<key>", "the beginning of its id")
    .argument("<file>")
    .action(async (choice: string, file: string, _options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const found = (await client.secretKeys.list()).filter(({ messageId }) => messageId.startsWith(choice));
        const [key] = found;
        if (key === undefined || found.length > 1) throw new CliError(`There is no single accepted key ${choice}.`);
        await writeFile(file, key.key, { mode: 0o600, flag: "wx" }).catch((cause: NodeJS.ErrnoException) => {
          throw new CliError(`${file}: ${systemWords(cause.code)}`);
        });
        output.result({ message_id: key.messageId, file }, `Saved ${file}.`);
      });
    });
  secrets
    .command("send")
    .description("hand a key over to somebody")
    .argument("<address>")
    .argument("<file>", "holds the key, 1 to 8,192 bytes")
    .addOption(new Option("--kind <kind>", "what it is for").choices(KINDS).default("symmetric"))
    .requiredOption("--name <text>", "what it is called")
    .requiredOption("--algorithm <text>", "e.g. ed25519")
    .option("--note <text>", "a word with it")
    .action(
      async (
        address: string,
        file: string,
        options: { readonly kind: (typeof KINDS)[number]; readonly name: string; readonly algorithm: string; readonly note?: string },
        command: Command,
      ) => {
        const to = parseAddress(address);
        const key = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
          throw new CliError(`${file}: can't be read (${systemWords(cause.code)})`);
        });
        await withMailbox(command, async (mailbox) => {
          const line = progressLine(!mailbox.output.json);
          const transfer = { ...options, key: new Uint8Array(key) };
          const entry = await mailbox.client.secretKeys.send(to, transfer, sendOptions(mailbox, line)).finally(() => line.end());
          reportCopies(
            mailbox.output,
            copiesOf(entry).map((copy) => ({ entry, copy })),
          );
        });
      },
    );
  return secrets;
}

async function find(client: Client, choice: string): Promise<PendingSecretKey> {
  const found = (await client.secretKeys.pending()).filter(({ messageId }) => messageId.startsWith(choice));
  const [key] = found;
  if (key === undefined || found.length > 1) {
    throw new CliError(`There is no single key ${choice} that waits.`, { advice: "`smimp secrets` lists them." });
  }
  return key;
}

function keyJson(key: PendingSecretKey, state: string): Readonly<Record<string, unknown>> {
  const { messageId, from, kind, name, algorithm, note, receivedAt } = key;
  return { message_id: messageId, state, from, kind, name, algorithm, note, received_at: receivedAt };
}

function keyRow({ messageId, from, name, algorithm, kind }: PendingSecretKey, state: "waiting" | "accepted"): string[] {
  const shown = state === "waiting" ? style("yellow", state) : style("green", state);
  return [style("dim", messageId.slice(0, 8)), shown, from, printable(name), `${printable(algorithm)}, ${kind}`];
}
