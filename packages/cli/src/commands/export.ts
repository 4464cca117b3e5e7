import { extname } from "node:path";
import { Command, Option } from "commander";
import type { Client, Folder, InboxSummary } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import { CliError } from "../failure.ts";
import { exportMessages, type ExportCounts, type ExportFormat } from "../exporting.ts";
import { findFolderOrInbox, INBOX } from "../folder-choice.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { printable } from "../output.ts";
import { syncFirst } from "../sending.ts";
import { progressLine } from "../terminal.ts";

const FORMATS: readonly ExportFormat[] = ["mbox", "eml", "maildir"];

interface ExportCommandOptions {
  readonly format?: ExportFormat;
  readonly folder?: string;
  readonly offline?: true;
}

/** Lines that are listed at once. */
const PAGE = 500;

/** `smimp export`: writes mail as other programs read it. */
export function exportCommand(): Command {
  return new Command("export")
    .description("write your mail into files that other mail programs read: mbox, EML or Maildir")
    .argument("<place>", "a file for mbox, a folder for EML and Maildir")
    .addOption(new Option("--format <format>", "how (default: mbox for a name that ends in .mbox, else eml)").choices(FORMATS))
    .option("--folder <folder>", `only this folder's mail, or that of the ${INBOX}`)
    .option("--offline", "fetch nothing before")
    .addHelpText(
      "after",
      `
What is written is not sealed any more: whoever has the files can read them. Nothing that is there is written over; into a folder,
a second export adds what is new. \`smimp import\` reads all three.
`,
    )
    .action(async (place: string, options: ExportCommandOptions, command: Command) => {
      const format = options.format ?? (extname(place).toLowerCase() === ".mbox" ? "mbox" : "eml");
      await withMailbox(command, async (mailbox) => await run(mailbox, place, { ...options, format }));
    });
}

async function run(mailbox: Mailbox, place: string, options: ExportCommandOptions & { readonly format: ExportFormat }): Promise<void> {
  const { client, output, signal } = mailbox;
  if (options.offline === undefined) await syncFirst(client, output, signal);
  const folders = new Map((await client.folders.list()).map((folder) => [folder.id, folder]));
  const messageIds = await oldestFirst(client, options.folder);
  const line = progressLine(!output.json);
  let counts: ExportCounts;
  try {
    counts = await exportMessages(client, messageIds, place, {
      format: options.format,
      folderOf: (message) => pathOf(message, folders),
      signal,
      onProgress: (done) => line.update(`Exporting … ${done} of ${messageIds.length}`),
      onSkipped: (messageId, reason) => {
        line.end();
        if (output.json) output.result({ event: "skipped", message_id: messageId, reason }, "");
        else output.warn(`! ${messageId.slice(0, 12)} was left out: ${SKIPPED[reason] ?? reason}`);
      },
    });
  } finally {
    line.end();
  }
  const { exported, known, burned, invalid, skipped } = counts;
  const parts = [
    `${exported} exported`,
    ...(known > 0 ? [`${known} were there already`] : []),
    ...(skipped > 0 ? [`${skipped} left out`] : []),
  ];
  const lines = [
    `${parts.join(", ")}: ${printable(place)}`,
    ...(burned > 0
      ? [`${burned === 1 ? "1 burned message has" : `${burned} burned messages have`} nothing to export: nobody can read them any more.`]
      : []),
    ...(invalid > 0
      ? [`${invalid === 1 ? "1 message is" : `${invalid} messages are`} not valid: what is in such a one is never shown.`]
      : []),
  ];
  output.result({ event: "exported", place, format: options.format, exported, known, burned, invalid, skipped }, lines.join("\n"));
  if (skipped > 0) throw new CliError("Not everything could be exported.", { advice: "The lines above say what was left out, and why." });
}

/** Why a message was left out, in words. */
const SKIPPED: Readonly<Record<string, string>> = {
  unconfirmed: "its sender could not be confirmed yet; export again later",
  not_found: "it is gone",
  blob_missing: "an attachment is gone",
  key_unknown: "the key that opens it is gone",
  decryption_failed: "it, or an attachment, is damaged",
  commitment_mismatch: "it, or an attachment, is damaged",
};

async function oldestFirst(client: Client, folder: string | undefined): Promise<readonly Hex32[]> {
  const narrowed = folder === undefined ? {} : { folder: await findFolderOrInbox(client, folder) };
  const messageIds: Hex32[] = [];
  for (;;) {
    const after = messageIds.at(-1);
    const page = await client.inbox.list({ ...narrowed, limit: PAGE, ...(after === undefined ? {} : { after }) });
    messageIds.push(...page.map(({ messageId }) => messageId));
    if (page.length < PAGE) return messageIds.reverse();
  }
}

function pathOf({ folder }: InboxSummary, folders: ReadonlyMap<string, Folder>): readonly string[] {
  const names: string[] = [];
  for (let at = folder === null ? undefined : folders.get(folder); at !== undefined && names.length < folders.size;) {
    names.unshift(at.name ?? at.id.slice(0, 8));
    at = at.parent === null ? undefined : folders.get(at.parent);
  }
  return names;
}
