import { Command, InvalidArgumentError } from "commander";
import { parseAddress } from "@smimp/protocol";
import type { AccountOverview, Admin } from "@smimp/server";
import { globalOptions } from "../mailbox.ts";
import { createOutput, sizeText, style, table, timeText, type Output } from "../output.ts";
import { positive } from "./inbox.ts";
import { serverConfig } from "./serve.ts";

const INVITE_DAYS = 7;
const MAX_INVITE_DAYS = 365;

/** `smimp account`: the accounts of the server on this machine. */
export function accountCommand(): Command {
  const account = new Command("account")
    .description("the accounts of the server on this machine")
    .option("-c, --config <file>", "the server's configuration (also: SMIMP_CONFIG)", process.env["SMIMP_CONFIG"]);
  account
    .command("invite")
    .description("make an invite link for one new account")
    .argument("[address]", "only for this address")
    .option("--days <number>", "how long it is good for", days, INVITE_DAYS)
    .action(async (address: string | undefined, options: { readonly days: number }, command: Command) => {
      const reserved = address === undefined ? {} : { address: parseAddress(address) };
      await withAdmin(command, async (admin, output) => {
        const { link, code, expiresAt } = await admin.invite({ ...reserved, days: options.days });
        output.result({ link, code, expires_at: expiresAt, ...reserved }, link);
        output.say(`Good for one account, until ${timeText(expiresAt)}. Give it to one person, by a way that you trust.`);
      });
    });
  account
    .command("list")
    .description("list the accounts")
    .action(async (_options: unknown, command: Command) => {
      await withAdmin(command, async (admin, output) => {
        const accounts = await admin.listAccounts();
        if (output.json) for (const one of accounts) output.result(accountJson(one), "");
        else if (accounts.length === 0) output.result({}, "No accounts yet. `smimp account invite` makes an invite link.");
        else {
          const rows = accounts.map((one) => [
            one.address,
            timeText(one.createdAt),
            sizeText(one.usedBytes),
            one.disabledAt === null ? "" : style("red", `disabled ${timeText(one.disabledAt)}`),
          ]);
          output.result({}, table([["ADDRESS", "SINCE", "USED", ""], ...rows]));
        }
      });
    });
  account
    .command("disable")
    .description("close an account: no mail in, no log-in; nothing is deleted")
    .argument("<address>", "which one")
    .action(async (address: string, _options: unknown, command: Command) => await setDisabled(command, address, true));
  account
    .command("enable")
    .description("open a disabled account again")
    .argument("<address>", "which one")
    .action(async (address: string, _options: unknown, command: Command) => await setDisabled(command, address, false));
  return account;
}

async function setDisabled(command: Command, text: string, disabled: boolean): Promise<void> {
  const address = parseAddress(text);
  await withAdmin(command, async (admin, output) => {
    await (disabled ? admin.disableAccount(address) : admin.enableAccount(address));
    output.result({ address, disabled }, `${address} is ${disabled ? "disabled" : "enabled"}.`);
  });
}

function accountJson(one: AccountOverview): Readonly<Record<string, unknown>> {
  const { address, createdAt, disabledAt, sequence, usedBytes } = one;
  return { address, created_at: createdAt, disabled_at: disabledAt, sequence, used_bytes: usedBytes };
}

function days(text: string): number {
  const number = positive(text);
  if (number > MAX_INVITE_DAYS) throw new InvalidArgumentError(`It must be at most ${MAX_INVITE_DAYS}.`);
  return number;
}

async function withAdmin(command: Command, work: (admin: Admin, output: Output) => Promise<void>): Promise<void> {
  const options: { readonly config?: string } = command.optsWithGlobals();
  const config = await serverConfig(options.config);
  const server = await import("@smimp/server");
  const admin = await server.openAdmin(config);
  try {
    await work(admin, createOutput(globalOptions(command).json));
  } finally {
    await admin.close();
  }
}
