import { constants } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { randomBytes } from "@smimp/protocol";
import { CliError, systemWords } from "../failure.ts";
import { createHome, fetchOf, passphraseOf, readHome, writeHomeConfig, type HomeOptions } from "../home.ts";
import { globalOptions, openStorage, systemClock, withMailbox } from "../mailbox.ts";
import { assertNoAccount, passphraseSetting } from "../new-home.ts";
import { createOutput, style } from "../output.ts";

/** `smimp backup`: a copy of this computer's mailbox, as sealed as the mailbox itself. */
export function backupCommand(): Command {
  return new Command("backup")
    .description("copy this computer's mailbox into a file, locked with your passphrase like the mailbox itself")
    .argument("<file>", "a file that is not there yet")
    .addHelpText(
      "after",
      "\n`smimp restore` brings it back. Your recovery phrase brings back everything that is on the server without it.\n",
    )
    .action(async (file: string, _options: unknown, command: Command) => {
      await withMailbox(command, async ({ copyTo, output }) => {
        // Another process may do it, whose folder is another.
        await copyTo(resolve(file)).catch((cause: NodeJS.ErrnoException) => {
          throw cause.code === "EEXIST" ? new CliError(`${file} is there already: nothing was written.`) : cause;
        });
        output.result({ file }, `${style("green", "✓")} Saved ${file}.`);
      });
    });
}

/** `smimp restore`: puts such a copy back, into a home that is empty. */
export function restoreCommand(): Command {
  return new Command("restore")
    .description("bring a mailbox back from a file that `smimp backup` made")
    .argument("<file>")
    .option("--development-network <file>", "servers on this machine, for development")
    .action(async (file: string, _options: unknown, command: Command) => {
      const options = { ...command.opts<HomeOptions>(), ...globalOptions(command) };
      const output = createOutput(options.json);
      const home = await readHome(options);
      assertNoAccount(home);
      await createHome(home);
      await copyFile(file, home.databaseFile, constants.COPYFILE_EXCL).catch((cause: NodeJS.ErrnoException) => {
        throw new CliError(`${cause.code === "EEXIST" ? home.databaseFile : file}: ${systemWords(cause.code)}`);
      });
      const fetch = await fetchOf(home);
      const { openClient } = await import("@smimp/client");
      try {
        const storage = await openStorage(home, await passphraseOf(home, options));
        const client = await openClient({ storage, deps: { fetch, clock: systemClock, random: randomBytes } });
        const { address } = client;
        await client.close();
        await writeHomeConfig(home, { ...home.config, ...passphraseSetting(home, options), address });
        output.result(
          { address, restored: true },
          `${style("green", "✓")} The mailbox of ${style("bold", address)} is back. \`smimp inbox\` brings it up to date.`,
        );
      } catch (error) {
        await Promise.all(["", "-wal", "-shm"].map(async (suffix) => await rm(`${home.databaseFile}${suffix}`, { force: true })));
        throw error;
      } finally {
        await fetch.close();
      }
    });
}
