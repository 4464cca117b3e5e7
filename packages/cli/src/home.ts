import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createGuardedFetch, readDevelopmentNetwork, type GuardedFetch } from "@smimp/identity/guarded-fetch";
import { isSmimpError, parseAddress, type Address } from "@smimp/protocol";
import { CliError } from "./failure.ts";
import { askSecret, isInteractive, readSecretFile } from "./terminal.ts";

/** What `config.json` of a home says. Paths in it are relative to the home. */
export interface HomeConfig {
  readonly address?: Address;
  /** A file whose first line is the passphrase. */
  readonly passphrase_file?: string;
  /** A development network, for servers on this machine. */
  readonly development_network?: string;
}

/** Where one person's mail lives on this computer. */
export interface Home {
  readonly directory: string;
  readonly config: HomeConfig;
  /** The sealed client database. */
  readonly databaseFile: string;
}

/** Options that every mail command shares. */
export interface HomeOptions {
  readonly home?: string;
  readonly passphraseFile?: string;
  readonly developmentNetwork?: string;
}

/** Where the home is: `--home`, `SMIMP_HOME`, or `~/.smimp`. */
export function homeDirectory(options: HomeOptions): string {
  return resolve(options.home ?? process.env["SMIMP_HOME"] ?? join(homedir(), ".smimp"));
}

/** Reads a home; one that doesn't exist yet has an empty configuration. */
export async function readHome(options: HomeOptions): Promise<Home> {
  const directory = homeDirectory(options);
  const config = await readConfig(join(directory, "config.json"));
  const network = options.developmentNetwork;
  return {
    directory,
    config: network === undefined ? config : { ...config, development_network: resolve(network) },
    databaseFile: join(directory, "mail.db"),
  };
}

async function readConfig(file: string): Promise<HomeConfig> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new CliError(`${file}: can't be read`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new SyntaxError("not an object");
    const { address, passphrase_file, development_network } = value as Readonly<Record<string, unknown>>;
    return {
      ...(address === undefined ? {} : { address: parseAddress(address) }),
      ...(typeof passphrase_file === "string" ? { passphrase_file } : {}),
      ...(typeof development_network === "string" ? { development_network } : {}),
    };
  } catch (error) {
    if (!(error instanceof SyntaxError) && !isSmimpError(error)) throw error;
    throw new CliError(`${file}: is not a valid configuration`);
  }
}

/** Writes the configuration of a home, whole or not at all; only its owner may read it. */
export async function writeHomeConfig(home: Home, config: HomeConfig): Promise<void> {
  await mkdir(home.directory, { recursive: true, mode: 0o700 });
  const file = join(home.directory, "config.json");
  await writeFile(`${file}.new`, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Makes the directory of a home, for its owner alone. */
export async function createHome(home: Home): Promise<void> {
  await mkdir(dirname(home.databaseFile), { recursive: true, mode: 0o700 });
}

/** The guarded fetch of a home; with a development network, servers on this machine are found too. */
export async function fetchOf(home: Home): Promise<GuardedFetch> {
  const file = home.config.development_network;
  if (file === undefined) return createGuardedFetch();
  return createGuardedFetch({ developmentNetwork: await readDevelopmentNetwork(resolve(home.directory, file)) });
}

/** Where the passphrase stands, if in a file: `--passphrase-file`, `SMIMP_PASSPHRASE_FILE`, or the configuration. */
export function passphraseFile(home: Home, options: HomeOptions): string | undefined {
  if (options.passphraseFile !== undefined) return resolve(options.passphraseFile);
  const fromEnvironment = process.env["SMIMP_PASSPHRASE_FILE"];
  if (fromEnvironment !== undefined) return resolve(fromEnvironment);
  return home.config.passphrase_file === undefined ? undefined : resolve(home.directory, home.config.passphrase_file);
}

/** The passphrase: from a file, or asked for on the terminal. */
export async function passphraseOf(home: Home, options: HomeOptions): Promise<string> {
  const file = passphraseFile(home, options);
  if (file !== undefined) return await readSecretFile(file);
  if (isInteractive()) return await askSecret("Passphrase");
  throw new CliError("There is no terminal to ask for the passphrase on.", {
    advice: "Put it in a file that only you can read, and name the file with --passphrase-file or SMIMP_PASSPHRASE_FILE.",
  });
}
