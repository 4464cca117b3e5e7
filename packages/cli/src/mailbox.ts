import type { Command } from "commander";
import type { Client } from "@smimp/client";
import type { SqliteStorage } from "@smimp/client/sqlite";
import { randomBytes, timestampOf, type Clock } from "@smimp/protocol";
import { accountTrouble } from "./account-trouble.ts";
import { removeAbandoned } from "./editor.ts";
import { CliError, EXIT } from "./failure.ts";
import { fetchOf, passphraseOf, readHome, type Home, type HomeOptions } from "./home.ts";
import { createOutput, type Output } from "./output.ts";
import { openShared, wrongPassphrase } from "./sharing/shared-mailbox.ts";

/** The machine's clock: this is the edge. */
export const systemClock: Clock = () => timestampOf(Date.now() / 1000);

/** What a mail command works with. */
export interface Mailbox {
  readonly home: Home;
  readonly client: Client;
  /** Writes a copy of the mailbox's file, as sealed as it is itself. */
  copyTo(file: string): Promise<void>;
  readonly output: Output;
  /** Aborts on ctrl-C, so that what is under way ends cleanly. */
  readonly signal: AbortSignal;
}

/** The options that stand before or behind a command's name. */
export function globalOptions(command: Command): HomeOptions & { readonly json: boolean } {
  const options: HomeOptions & { json?: boolean } = command.optsWithGlobals();
  return { ...options, json: options.json === true };
}

/** Opens the mailbox of this home, or joins the process that has it open, runs `work`, and closes it again whatever happens. */
export async function withMailbox(command: Command, work: (mailbox: Mailbox) => Promise<void>): Promise<void> {
  const options = globalOptions(command);
  const home = await readHome(options);
  if (home.config.address === undefined) {
    throw new CliError(`There is no account in ${home.directory} yet.`, {
      advice: "Run `smimp join` with the invite link that you were given.",
    });
  }
  const passphrase = await passphraseOf(home, options);
  await removeAbandoned();
  const stop = interruption();
  const fetch = await fetchOf(home);
  // Loaded where they are needed, so that help and the server's commands start at once.
  const { openClient } = await import("@smimp/client");
  const { createSqliteSearch } = await import("@smimp/client/sqlite-search");
  const deps = { fetch, clock: systemClock, random: randomBytes, search: createSqliteSearch() };
  try {
    const { client, copyTo, close } = await openShared({
      home,
      passphrase,
      open: async (storage) => await openClient({ storage, deps }),
    });
    try {
      await work({ home, client, copyTo, output: createOutput(options.json), signal: stop.signal });
    } catch (error) {
      throw (await accountTrouble(client, error)) ?? error;
    } finally {
      await close();
    }
  } finally {
    await fetch.close();
    stop.end();
  }
}

/** Opens the sealed database of a home, or makes it. Throws CliError for a wrong passphrase, or while another program uses it. */
export async function openStorage(home: Home, passphrase: string): Promise<SqliteStorage> {
  const { openSqliteStorage, StorageInUseError } = await import("@smimp/client/sqlite");
  try {
    return await openSqliteStorage({ file: home.databaseFile, passphrase });
  } catch (error) {
    if (!(error instanceof StorageInUseError)) throw wrongPassphrase(home, error);
    throw new CliError("Another smimp is using this mailbox.", {
      exitCode: EXIT.later,
      advice: "End it (`smimp watch`, perhaps), or wait.",
    });
  }
}

/** A signal that aborts on the first ctrl-C; the second one ends the process as usual. */
export function interruption(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new CliError("Stopped.", { exitCode: EXIT.stopped }));
  process.once("SIGINT", abort);
  process.once("SIGTERM", abort);
  return {
    signal: controller.signal,
    end() {
      process.removeListener("SIGINT", abort);
      process.removeListener("SIGTERM", abort);
    },
  };
}
