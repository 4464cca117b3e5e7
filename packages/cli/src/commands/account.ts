import { Command, InvalidArgumentError } from "commander";
import { parseAddress } from "@smimp/protocol";
import type { AccountOverview } from "@smimp/server";
import { configured, quotaOf, withAdmin } from "../operator.ts";
import { sizeText, style, table, timeText } from "../output.ts";
import { positive } from "./inbox.ts";

const INVITE_DAYS = 7;
const MAX_INVITE_DAYS = 365;

/** `smimp account`: the accounts of the server on this machine. */
export function accountCommand(): Command {
  const account = configured(new Command("account").description("the accounts of the server on this machine"));
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
            `${allowedText(one.allowedBytes)}${one.ownQuota ? " (its own)" : ""}`,
            one.disabledAt === null ? "" : style("red", `disabled ${timeText(one.disabledAt)}`),
          ]);
          output.result({}, table([["ADDRESS", "SINCE", "USED", "OF", ""], ...rows]));
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
  account
    .command("quota")
    .description("set how much one account may hold")
    .argument("<address>", "which one")
    .argument("<size>", "such as 5GB or 500MiB; unlimited; or default, as for any account", quotaOf)
    .action(async (text: string, bytes: number | null, _options: unknown, command: Command) => {
      const address = parseAddress(text);
      await withAdmin(command, async (admin, output) => {
        await admin.setQuota(address, bytes);
        const now = bytes === null ? "as much as any account" : allowedText(bytes);
        output.result({ address, quota_bytes: bytes }, `${address} may hold ${now}.`);
      });
    });
  return account;
}

function allowedText(bytes: number): string {
  return bytes < 0 ? "unlimited" : sizeText(bytes);
}

async function setDisabled(command: Command, text: string, disabled: boolean): Promise<void> {
  const address = parseAddress(text);
  await withAdmin(command, async (admin, output) => {
    await (disabled ? admin.disableAccount(address) : admin.enableAccount(address));
    output.result({ address, disabled }, `${address} is ${disabled ? "disabled" : "enabled"}.`);
  });
}

function accountJson(one: AccountOverview): Readonly<Record<string, unknown>> {
  const { address, createdAt, disabledAt, sequence, usedBytes, allowedBytes, ownQuota } = one;
  const sizes = { used_bytes: usedBytes, allowed_bytes: allowedBytes, own_quota: ownQuota };
  return { address, created_at: createdAt, disabled_at: disabledAt, sequence, ...sizes };
}

function days(text: string): number {
  const number = positive(text);
  if (number > MAX_INVITE_DAYS) throw new InvalidArgumentError(`It must be at most ${MAX_INVITE_DAYS}.`);
  return number;
}
