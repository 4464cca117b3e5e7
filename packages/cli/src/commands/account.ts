import { Command } from "commander";
import { parseAddress } from "@smimp/protocol";
import type { openAdmin } from "@smimp/server";
import { globalOptions } from "../mailbox.ts";
import { createOutput, sizeText, style, table, timeText, type Output } from "../output.ts";
import { positive } from "./inbox.ts";
import { serverConfig } from "./serve.ts";

type Admin = Awaited<ReturnType<typeof openAdmin>>;

const INVITE_DAYS = 7;

/** `smimp account`: the accounts of the server on this machine. */
export function accountCommand(): Command {
  const account = new Command("account")
    .description("the accounts of the server on this machine")
    .option("-c, --config <file>", "the server's configuration (also: SMIMP_CONFIG)", process.env["SMIMP_CONFIG"]);
  account
    .command("invite")
    .description("make an invite link for one new account")
    .argument("[address]", "only for this address")
    .option("--days <number>", "how long it is good for", positive, INVITE_DAYS)
    .action(async (address: string | undefined, options: { readonly days: number }, command: Command) => {
      const reserved = address === undefined ? {} : { address: parseAddress(address) };
      await withAdmin(command, async (admin, output) => {
        const { link, code } = await admin.invite({ ...reserved, days: options.days });
        output.result({ link, code, days: options.days, ...reserved }, link);
        output.say(`Good for one account, for ${options.days} days. Give it to one person, by a way that you trust.`);
      });
    });
  account
    .command("list")
    .description("list the accounts")
    .action(async (_options: unknown, command: Command) => {
      await withAdmin(command, async (admin, output) => {
        const accounts = await admin.listAccounts();
        if (output.json) for (const one of accounts) output.result({ ...one }, "");
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
    .action(async (address: string, _options: unknown, command: Command) => {
      await withAdmin(command, async (admin, output) => {
        const wanted = parseAddress(address);
        await admin.disableAccount(wanted);
        output.result({ address: wanted, disabled: true }, `${wanted} is disabled.`);
      });
    });
  return account;
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
