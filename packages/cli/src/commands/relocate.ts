import { Command } from "commander";
import type { MoveStatus } from "@smimp/client";
import { domainOf, isSmimpError } from "@smimp/protocol";
import { CliError, EXIT } from "../failure.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { style } from "../output.ts";
import { askText, isInteractive, progressLine, readStandardInput } from "../terminal.ts";

/** `smimp relocate`: moves one's account to another server, with everything in it. */
export function relocateCommand(): Command {
  return new Command("relocate")
    .description("move your account to another server that serves your domain, with everything in it")
    .option("--status", "only say how far it is")
    .option("--cancel", "give it up, while your domain still names the old server")
    .addHelpText(
      "after",
      `
It takes an invite link of the new server, which is asked for or read from standard input. In the middle, whoever
runs your domain lets its smimp.txt name the new server; run the command again then, or \`smimp watch\`: it goes on
where it was. Your correspondents notice nothing.
`,
    )
    .action(async (options: { readonly status?: true; readonly cancel?: true }, command: Command) => {
      await withMailbox(command, async (mailbox) => {
        const { client, output } = mailbox;
        if (options.cancel === true) await client.account.cancelMove();
        const before = await client.account.moveStatus();
        const isAsked = options.status !== true && options.cancel !== true;
        const status = isAsked ? await goOn(mailbox, before) : before;
        const { step, from, to } = status;
        output.result({ address: client.address, step, from, to }, words(client.address, status));
        if (isAsked && step === "waiting_for_domain") {
          const domain = domainOf(client.address);
          throw new CliError(`Everything is copied. Now ${domain} has to name the new server.`, {
            exitCode: EXIT.later,
            advice: `Let https://${domain}/.well-known/smimp.txt say  ${to}  and run \`smimp relocate\` again.`,
          });
        }
      });
    });
}

async function goOn({ client, output, signal }: Mailbox, before: MoveStatus): Promise<MoveStatus> {
  const line = progressLine(!output.json);
  try {
    if (before.step === "none") {
      const { parseInvite } = await import("@smimp/client");
      const invite = parseInvite(await askInvite());
      line.update("Moving …");
      return await client.account.move({ to: invite.baseUrl, code: invite.code, signal });
    }
    line.update("Moving …");
    // What was begun goes on with each sync.
    await client.sync({ signal });
    return await client.account.moveStatus();
  } catch (error) {
    if (isSmimpError(error, "bad_request"))
      throw new CliError("That is no invite link; one looks like https://smimp.example.com/join#ABCD…");
    throw error;
  } finally {
    line.end();
  }
}

function words(address: string, { step, from, to }: MoveStatus): string {
  switch (step) {
    case "none":
      return `${address} is not moving.`;
    case "announcing":
    case "copying":
      return `Moving from ${from ?? "?"} to ${to ?? "?"}: not everything is copied yet.`;
    case "waiting_for_domain":
      return `Moving from ${from ?? "?"} to ${to ?? "?"}: copied, waiting for the domain.`;
    case "settling":
      return `${style("green", "✓")} You are at ${to ?? "?"} now. For two hours, mail that still comes to ${from ?? "?"} is taken along.`;
  }
}

async function askInvite(): Promise<string> {
  const asked = process.stdin.isTTY === true && isInteractive();
  return (asked ? await askText("The invite link of the new server") : await readStandardInput()).trim();
}
