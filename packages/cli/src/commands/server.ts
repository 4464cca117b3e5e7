import { Command } from "commander";
import { parseAddress, parseDomain } from "@smimp/protocol";
import type { CertificateReport, PinOverview, Restored } from "@smimp/server";
import { CliError } from "../failure.ts";
import { globalOptions } from "../mailbox.ts";
import { configured, withAdmin } from "../operator.ts";
import { createOutput, table, timeText } from "../output.ts";
import { serverConfig } from "./serve.ts";

/** `smimp server`: looks after the server on this machine. */
export function serverCommand(): Command {
  const server = configured(new Command("server").description("look after the server on this machine"));
  server
    .command("pins")
    .description("list whose histories at other servers are pinned here")
    .option("--domain <domain>", "only those of one domain")
    .action(async (options: { readonly domain?: string }, command: Command) => {
      const only = options.domain === undefined ? {} : { domain: parseDomain(options.domain) };
      await withAdmin(command, async (admin, output) => {
        const rows: (readonly string[])[] = [];
        for await (const pin of admin.listPins(only)) {
          if (output.json) output.result(pinJson(pin), "");
          else rows.push([pin.address, pin.baseUrl, `record ${pin.sequence}`, timeText(pin.lastUsedAt)]);
        }
        if (output.json) return;
        output.result({}, rows.length === 0 ? "Nobody is pinned." : table([["ADDRESS", "SERVER", "SEEN", "LAST USED"], ...rows]));
      });
    });
  server
    .command("forget-pin")
    .description("believe a rewritten history: forget what is pinned of an address")
    .argument("<address>", "whose")
    .addHelpText("after", "\nDo this only when the person has told you by another way that they lost their keys and began anew.\n")
    .action(async (text: string, _options: unknown, command: Command) => {
      const address = parseAddress(text);
      await withAdmin(command, async (admin, output) => {
        if (!(await admin.clearPin(address))) throw new CliError(`Nothing is pinned of ${address}.`);
        output.result({ address, forgotten: true }, `What was pinned of ${address} is forgotten.`);
      });
    });
  server
    .command("check")
    .description("look for what is wrong with database and attachments")
    .action(async (_options: unknown, command: Command) => {
      await withAdmin(command, async (admin, output) => {
        const faults = await admin.check();
        output.result({ faults }, faults.length === 0 ? "All is well." : faults.join("\n"));
        if (faults.length > 0) throw new CliError(`${faults.length} faults were found.`);
      });
    });
  server
    .command("restored")
    .description("after putting a backup back, before the server starts: void what it can't answer for")
    .action(async (_options: unknown, command: Command) => {
      await withAdmin(command, async (admin, output) => {
        const restored = await admin.restored();
        output.result(restoredJson(restored), restoredText(restored));
      });
    });
  server
    .command("certificates")
    .description("how it stands with the server's certificates")
    .action(async (_options: unknown, command: Command) => {
      const { config: file }: { readonly config?: string } = command.optsWithGlobals();
      const config = await serverConfig(file);
      const { reportCertificates, systemClock } = await import("@smimp/server");
      const reports = await reportCertificates(config, systemClock);
      createOutput(globalOptions(command).json).result({ certificates: reports.map(certificateJson) }, certificatesText(reports));
      const alarming = reports.filter((each) => each.alarming).length;
      if (alarming > 0) throw new CliError(`${alarming} of ${reports.length} certificates need you.`, { advice: ADVICE });
    });
  return server;
}

const ADVICE =
  "The names must lead to this machine, and port 443 must be open from outside (80 for http-01). The server tries again by itself; `kill -HUP` has it try at once.";

function certificateJson(report: CertificateReport): Readonly<Record<string, unknown>> {
  const { name, notAfter, nextAttemptAt, failures, error, alarming } = report;
  return { name, not_after: notAfter, next_attempt_at: nextAttemptAt, failures, error, alarming };
}

function certificatesText(reports: readonly CertificateReport[]): string {
  const rows = reports.map(({ name, notAfter, nextAttemptAt, error }) => [
    name,
    notAfter === null ? "none" : timeText(notAfter),
    nextAttemptAt === null ? "by somebody else" : timeText(nextAttemptAt),
    error ?? "",
  ]);
  return table([["NAME", "VALID UNTIL", "RENEWED", "WHAT WENT WRONG"], ...rows]);
}

function pinJson({ address, baseUrl, sequence, link, lastUsedAt }: PinOverview): Readonly<Record<string, unknown>> {
  return { address, base_url: baseUrl, sequence, link, last_used_at: lastUsedAt };
}

function restoredJson(restored: Restored): Readonly<Record<string, unknown>> {
  const { accounts, messageKeys, tickets, work, sessions, invites, uploads, faults } = restored;
  return { accounts, message_keys: messageKeys, tickets, work, sessions, invites, uploads, faults };
}

function restoredText({ accounts, messageKeys, tickets, work, sessions, invites, uploads, faults }: Restored): string {
  return [
    `Of ${accounts} accounts, these are void now:`,
    table([
      ["  single-use message keys", String(messageKeys), "the owners' programs upload new ones by themselves"],
      ["  sessions", String(sessions), "everybody logs in again, and looks through the mailbox anew"],
      ["  tickets, work asked for", `${tickets}, ${work}`, "senders ask again by themselves"],
      ["  attachments without a message", String(uploads), "senders send them again by themselves"],
      ["  open invites", String(invites), "some may have been used since: make new ones"],
    ]),
    "What happened since the backup was made is lost here: messages, records, new accounts. An account that was deleted since is back.",
    ...(faults.length === 0
      ? ["Database and attachments are whole."]
      : ["Wrong with the copy itself:", ...faults.map((fault) => `  ${fault}`)]),
  ].join("\n");
}
