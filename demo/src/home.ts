import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Storage } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { randomBytes, toHex, type Address } from "@smimp/protocol";

const PASSPHRASE_BYTES = 16;
/** Only its owner may look into a home. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

/**
 * Makes a home that the command line opens with `--home`: configuration, sealed database, and the passphrase in a file, which
 * a person would keep in their head instead.
 */
export async function createHome(folder: string, address: Address, networkFile: string): Promise<Storage> {
  const passphrase = toHex(randomBytes(PASSPHRASE_BYTES));
  await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  const config = { address, passphrase_file: "passphrase.txt", development_network: relative(folder, networkFile) };
  await writeFile(join(folder, "config.json"), `${JSON.stringify(config, null, 2)}\n`, { mode: PRIVATE_FILE });
  await writeFile(join(folder, "passphrase.txt"), `${passphrase}\n`, { mode: PRIVATE_FILE });
  return await openSqliteStorage({ file: join(folder, "mail.db"), passphrase });
}
