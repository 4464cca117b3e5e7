import { Command } from "commander";
import { fetchHistory, findServer } from "@smimp/identity";
import {
  acceptHistory,
  checkChain,
  checkProfileText,
  domainOf,
  parseAddress,
  parseProfile,
  isSmimpError,
  type Chain,
  type ChainRecord,
} from "@smimp/protocol";
import { fetchOf, readHome, type HomeOptions } from "../home.ts";
import { globalOptions } from "../mailbox.ts";
import { createOutput, printable, style, timeText } from "../output.ts";

/** Bytes of the largest history: 1,000 records of 4 KiB with their signatures. */
const MAX_HISTORY_BYTES = 8 * 1024 * 1024;

/** `smimp history`: fetches anybody's chain, verifies it and tells what it says. Needs no account. */
export function historyCommand(): Command {
  return new Command("history")
    .description("fetch, verify and explain anybody's history")
    .argument("<address>", "e.g. 'bob#example.org'")
    .option("--development-network <file>", "servers on this machine, for development")
    .action(async (text: string, _options: unknown, command: Command) => {
      const address = parseAddress(text);
      const options = { ...command.opts<HomeOptions>(), ...globalOptions(command) };
      const output = createOutput(options.json);
      const fetch = await fetchOf(await readHome(options));
      try {
        const server = await findServer(fetch, domainOf(address));
        const { records, profile } = await fetchHistory(fetch, server, address, MAX_HISTORY_BYTES);
        const chain = checkChain(address, records);
        acceptHistory({ chain, server, pin: null, pinnedElsewhere: [] });
        checkProfileText(profile, chain.head.document.profile_hash);
        output.result(
          { address, server, valid: true, key_link: chain.keyLink, profile, records: chain.records.map(recordJson) },
          historyText(chain, server, profile),
        );
      } finally {
        await fetch.close();
      }
    });
}

function recordJson(record: ChainRecord): Readonly<Record<string, unknown>> {
  const { sequence, changed_at, public_key, recovery_key, servers } = record.document;
  return { sequence, changed_at, signed_by: record.signedBy, link: record.link, public_key, recovery_key, servers };
}

function historyText(chain: Chain, server: string, profile: string | null): string {
  const name = nameIn(profile);
  const count = chain.records.length;
  return [
    `${style("bold", chain.address)}${name === undefined ? "" : `  (${name})`}`,
    `${style("green", "✓")} ${count === 1 ? "One record, signed as it must be." : `${count} records, each signed as it must be and linked to the one before.`}`,
    `  Server: ${server}`,
    `  Key:    ${chain.head.document.public_key}`,
    "",
    ...chain.records.map((record, index) => {
      const what = changes(record, chain.records[index - 1]).join("; ");
      return `  ${timeText(record.document.changed_at)}  ${what}${record.signedBy === "recovery" ? " (with the recovery phrase)" : ""}`;
    }),
  ].join("\n");
}

function changes({ document }: ChainRecord, before: ChainRecord | undefined): string[] {
  if (before === undefined) return [`account opened at ${document.servers.join(", ")}`];
  const said = [
    ...(document.public_key === before.document.public_key ? [] : [style("yellow", "new key")]),
    ...(document.recovery_key === before.document.recovery_key ? [] : [style("yellow", "new recovery phrase")]),
    ...(document.servers.join() === before.document.servers.join() ? [] : [`servers: ${document.servers.join(", ")}`]),
    ...(document.profile_hash === before.document.profile_hash ? [] : ["profile changed"]),
  ];
  return said.length === 0 ? ["nothing changed"] : said;
}

function nameIn(profile: string | null): string | undefined {
  if (profile === null) return undefined;
  try {
    const { name } = parseProfile(profile);
    return name === undefined ? undefined : printable(name);
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return undefined;
  }
}
