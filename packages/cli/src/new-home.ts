import { existsSync } from "node:fs";
import { CliError, EXIT } from "./failure.ts";
import { passphraseFile, passphraseOf, type Home, type HomeConfig, type HomeOptions } from "./home.ts";
import { askSecret, isInteractive } from "./terminal.ts";

/** Characters of the shortest passphrase: it guards the device only, and each guess costs 256 MiB of memory. */
const MIN_PASSPHRASE = 8;

/** Throws CliError where a home has an account already. */
export function assertNoAccount(home: Home): void {
  if (home.config.address === undefined) return;
  throw new CliError(`There is an account in ${home.directory} already: ${home.config.address}.`, {
    advice: "For a second one, choose another folder with --home.",
  });
}

/** The passphrase of a home that is new: chosen on the terminal, asked twice, or from a file. Throws CliError for one that is too short. */
export async function newPassphrase(home: Home, options: HomeOptions): Promise<string> {
  const tooShort = (text: string): string | undefined =>
    text.length < MIN_PASSPHRASE ? `The passphrase needs at least ${MIN_PASSPHRASE} characters` : undefined;
  if (passphraseFile(home, options) !== undefined || !isInteractive()) {
    const passphrase = await passphraseOf(home, options);
    const problem = tooShort(passphrase);
    if (problem !== undefined) throw new CliError(`${problem}.`, { exitCode: EXIT.usage });
    return passphrase;
  }
  if (existsSync(home.databaseFile)) return await passphraseOf(home, options);
  const first = await askSecret("Choose a passphrase: it locks your mail on this computer", tooShort);
  await askSecret("Once more", (text) => (text === first ? undefined : "That is not the same"));
  return first;
}

/** What a home remembers of where its passphrase stands: only if it was said for this account. */
export function passphraseSetting(home: Home, options: HomeOptions): Pick<HomeConfig, "passphrase_file"> {
  const file = options.passphraseFile === undefined ? undefined : passphraseFile(home, options);
  return file === undefined ? {} : { passphrase_file: file };
}
