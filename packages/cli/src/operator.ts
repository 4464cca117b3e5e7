import { InvalidArgumentError, type Command } from "commander";
import type { Admin } from "@smimp/server";
import { serverConfig } from "./commands/serve.ts";
import { CliError } from "./failure.ts";
import { globalOptions } from "./mailbox.ts";
import { createOutput, type Output } from "./output.ts";

// What the commands for whoever runs a server share.

/** Adds the option that names the server's configuration. */
export function configured(command: Command): Command {
  return command.option("-c, --config <file>", "the server's configuration (also: SMIMP_CONFIG)", process.env["SMIMP_CONFIG"]);
}

/** Opens the data of the server on this machine, beside the running server or without one, and closes it again. */
export async function withAdmin(command: Command, work: (admin: Admin, output: Output) => Promise<void>): Promise<void> {
  const options: { readonly config?: string } = command.optsWithGlobals();
  const config = await serverConfig(options.config);
  const { DataInUseError, openAdmin } = await import("@smimp/server");
  const admin = await openAdmin(config);
  try {
    await work(admin, createOutput(globalOptions(command).json));
  } catch (error) {
    if (!(error instanceof DataInUseError)) throw error;
    throw new CliError("A server runs on this data.", { advice: "Stop it, run this command, and start it again." });
  } finally {
    await admin.close();
  }
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/** Bytes of a size such as 5GB, 1.5 GiB or 800000; -1 of `unlimited`, null of `default`. Throws what commander shows as wrong usage. */
export function quotaOf(text: string): number | null {
  if (text === "unlimited") return -1;
  if (text === "default") return null;
  const [, number = "", unit = ""] = /^([0-9]{1,15}(?:\.[0-9]{1,3})?) ?([A-Za-z]{0,3})$/.exec(text) ?? [];
  const factor = number === "" ? undefined : UNITS[unit.toUpperCase()];
  const bytes = factor === undefined ? Number.NaN : Math.round(Number(number) * factor);
  if (!Number.isSafeInteger(bytes)) throw new InvalidArgumentError("A size looks like 5GB or 500MiB; or unlimited, or default.");
  return bytes;
}
