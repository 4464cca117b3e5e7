import { Command } from "commander";
import type { KeysStatus } from "@smimp/client";
import { withMailbox } from "../mailbox.ts";
import { style, table, timeText } from "../output.ts";
import { askPhrase, confirmPhrase, phraseSheet } from "../recovery-phrase.ts";
import { syncFirst } from "../sending.ts";
import { assertSure, YES, type SureOptions } from "../sure.ts";
import { progressLine } from "../terminal.ts";

/** `smimp keys`: how one's keys stand, and changing them. */
export function keysCommand(): Command {
  const keys = new Command("keys")
    .description("how your keys stand; replace them, or your recovery phrase")
    .action(async (_options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output, signal }) => {
        await syncFirst(client, output, signal);
        const status = await client.keys.status();
        output.result(statusJson(status), statusText(status));
      });
    });
  keys
    .command("rotate")
    .description("replace your master key and all message keys; your other devices go on by themselves")
    .option(...YES)
    .action(async (options: SureOptions, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const question = "Replace your keys? People who compared safety numbers with you are asked to do so again.";
        await assertSure(question, "No key was replaced.", options);
        const line = progressLine(!output.json);
        line.update("Changing your keys …");
        await client.keys.rotate().finally(() => line.end());
        const status = await client.keys.status();
        output.result(
          statusJson(status),
          `${style("green", "✓")} Your keys are new. People who compared safety numbers with you are asked to do so again.`,
        );
      });
    });
  keys
    .command("new-phrase")
    .description("replace your recovery phrase; the old one is worth nothing from then on")
    .option(...YES)
    .addHelpText("after", "\nWithout a terminal the old phrase is read from standard input.\n")
    .action(async (options: SureOptions, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const question = "Replace your recovery phrase? The present one is worth nothing from then on.";
        await assertSure(question, "The phrase stays as it is.", options);
        const oldPhrase = await askPhrase("Your present recovery phrase, all 24 words");
        const line = progressLine(!output.json);
        await client.keys
          .changePhrase({
            oldPhrase,
            keepPhrase: async (phrase) => {
              line.end();
              output.result(
                { recovery_phrase: phrase },
                [
                  style("bold", "Your new recovery phrase"),
                  "Write these 24 words on paper, in this order:",
                  "",
                  phraseSheet(phrase),
                  "",
                ].join("\n"),
              );
              await confirmPhrase(output, phrase);
              line.update("Changing your keys …");
            },
          })
          .finally(() => line.end());
        output.result({ changed: true }, `${style("green", "✓")} The new phrase counts now. Destroy the old sheet.`);
      });
    });
  return keys;
}

function statusJson(status: KeysStatus): Readonly<Record<string, unknown>> {
  return {
    public_key: status.publicKey,
    master_since: status.masterSince,
    recovery_since: status.recoverySince,
    records: status.records,
    single_use_keys: status.singleUseKeys,
    archive_months: status.archiveMonths,
    saved: status.saved,
    changing: status.changing,
  };
}

function statusText(status: KeysStatus): string {
  const months = status.archiveMonths;
  const archive = months.length === 0 ? "none yet" : months.length === 1 ? months[0] : `${months[0]} to ${months.at(-1)}`;
  const rows = [
    ["Master key", `since ${timeText(status.masterSince)}`],
    ["Recovery phrase", `since ${timeText(status.recoverySince)}`],
    ["Single-use keys", `${status.singleUseKeys} waiting to be used`],
    ["Archive", String(archive)],
    ["Copy on the server", status.saved ? style("green", "complete") : style("yellow", "not up to date: it is saved with the next sync")],
    ...(status.changing ? [["Under way", style("yellow", "a change of keys; it goes on with the next sync")]] : []),
  ];
  return table(rows);
}
