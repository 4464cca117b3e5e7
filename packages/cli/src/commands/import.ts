import { lstat } from "node:fs/promises";
import { Command } from "commander";
import type { Client } from "@smimp/client";
import { importMails, type Found, type ImportCounts, type LeftOut } from "@smimp/conversion";
import { startConverter } from "../conversion/converter.ts";
import { extentOf, mailsAt, type Extent } from "../conversion/mail-files.ts";
import { CliError, EXIT, systemWords } from "../failure.ts";
import { findFolderOrInbox, INBOX } from "../folder-choice.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { printable, sizeText } from "../output.ts";
import { syncFirst } from "../sending.ts";
import { ConnectionLostError } from "../sharing/calls.ts";
import { progressLine } from "../terminal.ts";

interface ImportCommandOptions {
  readonly folder?: string;
  readonly flat?: true;
  readonly unread?: true;
  readonly keepOriginal?: true;
}

const REASONS: Readonly<Record<LeftOut, string>> = {
  too_large: "too large",
  not_mail: "no mail",
  unreadable: "can't be read",
  not_convertible: "broken, or made to break programs",
  refused: "refused by your server",
};

/** Places that are named one by one when mail is left out; the others are counted. */
const NAMED = 20;
/** How deep folders may stand in each other (protocol section 8). */
const MAX_FOLDERS = 16;

/** `smimp import`: brings mail from elsewhere. */
export function importCommand(): Command {
  return new Command("import")
    .description("bring mail from elsewhere: mbox files, Maildirs, EML files, or folders of them")
    .argument("<places...>", "files or folders")
    .option("--folder <folder>", `put it there (default: ${INBOX}, and folders as they are)`)
    .option("--flat", "put everything into one folder, whatever folder it lay in")
    .option("--unread", "mark as unread what nobody says was read")
    .option("--keep-original", "attach each mail as it came, besides")
    .addHelpText(
      "after",
      `
It may be interrupted, and run again: what was imported before is not imported twice. Imported mail is sealed to you like
everything else, and shown as not authenticated: nobody has verified who wrote it.

Examples:
  smimp import ~/Takeout/Mail/*.mbox
  smimp import ~/Maildir --folder Archive
`,
    )
    .action(async (places: readonly string[], options: ImportCommandOptions, command: Command) => {
      for (const place of places) {
        await lstat(place).catch((cause: NodeJS.ErrnoException) => {
          throw new CliError(`${place}: ${systemWords(cause.code)}`, { exitCode: EXIT.usage });
        });
      }
      await withMailbox(command, async (mailbox) => await run(mailbox, places, options));
    });
}

async function run(mailbox: Mailbox, places: readonly string[], options: ImportCommandOptions): Promise<void> {
  const { client, output, signal } = mailbox;
  const line = progressLine(!output.json);
  const leftOut = new Map<LeftOut, { count: number; readonly places: string[] }>();
  let counts: ImportCounts = { added: 0, known: 0, skipped: 0 };
  const converter = startConverter();
  try {
    line.update("Looking through the files …");
    const total = await wholeExtent(places);
    const started = performance.now();
    await importMails(mailsAtAll(places), {
      converter,
      add: async (mail) => await client.imports.add(mail),
      // Somebody else's process did it, and has ended.
      passes: (error) => error instanceof ConnectionLostError,
      folderFor: await folderFinder(client, options),
      read: options.unread === undefined,
      keepOriginal: options.keepOriginal === true,
      signal,
      onProgress: (now, bytes) => {
        counts = now;
        line.update(progressText(now, bytes, total, performance.now() - started));
      },
      onSkipped: (place, reason) => {
        const same = leftOut.get(reason) ?? { count: 0, places: [] };
        leftOut.set(reason, same);
        same.count++;
        if (same.places.length < NAMED) same.places.push(place);
        if (output.json) output.result({ event: "skipped", place, reason }, "");
      },
    });
  } finally {
    await converter.close();
    line.end();
    report(mailbox, counts, leftOut);
  }
  // What was imported is in the mailbox on the server; now it is here as well.
  if (counts.added > 0) await syncFirst(client, output, signal);
}

async function* mailsAtAll(places: readonly string[]): AsyncGenerator<Found> {
  for (const place of places) yield* mailsAt(place);
}

async function wholeExtent(places: readonly string[]): Promise<Extent> {
  const all = await Promise.all(places.map(extentOf));
  return all.reduce((sum, each) => ({ files: sum.files + each.files, bytes: sum.bytes + each.bytes }), { files: 0, bytes: 0 });
}

/** Finds the folder for mail that lay in other folders, and makes it where there is none. */
async function folderFinder(
  client: Client,
  { folder, flat }: ImportCommandOptions,
): Promise<(names: readonly string[]) => Promise<string | null>> {
  const top = folder === undefined ? null : await findOrMake(client, null, folder);
  const found = new Map<string, Promise<string | null>>();
  const find = async (names: readonly string[]): Promise<string | null> => {
    const name = names.at(-1);
    if (name === undefined) return top;
    const key = JSON.stringify(names);
    // One at a time makes it, however many wait for it.
    const known = found.get(key) ?? find(names.slice(0, -1)).then(async (parent) => await inside(client, parent, name));
    found.set(key, known);
    return await known;
  };
  return async (names) => (flat === true ? top : await find(names.slice(0, MAX_FOLDERS - 1)));
}

async function findOrMake(client: Client, parent: string | null, name: string): Promise<string | null> {
  try {
    return await findFolderOrInbox(client, name);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return await inside(client, parent, name);
  }
}

async function inside(client: Client, parent: string | null, name: string): Promise<string> {
  const shown = printable(name).slice(0, 100).toWellFormed();
  const all = await client.folders.list();
  const known = all.find((each) => each.parent === parent && each.name?.toLowerCase() === shown.toLowerCase());
  return (known ?? (await client.folders.create({ name: shown, parent }))).id;
}

function progressText({ added, known, skipped }: ImportCounts, bytes: number, total: Extent, milliseconds: number): string {
  const rate = Math.round(((added + known) / Math.max(1, milliseconds)) * 1_000);
  const share = total.bytes === 0 ? 100 : Math.min(99, Math.floor((bytes / total.bytes) * 100));
  const parts = [`${added} imported`, ...(known > 0 ? [`${known} known`] : []), ...(skipped > 0 ? [`${skipped} left out`] : [])];
  return `${parts.join(", ")} … ${share} % of ${sizeText(total.bytes)}, ${rate} a second`;
}

function report(
  { output }: Mailbox,
  counts: ImportCounts,
  leftOut: ReadonlyMap<LeftOut, { readonly count: number; readonly places: readonly string[] }>,
): void {
  const skipped = Object.fromEntries([...leftOut].map(([reason, { count }]) => [reason, count]));
  const { added, known } = counts;
  const lines = [`${added} imported${known === 0 ? "" : `, ${known} were here already`}.`];
  for (const [reason, { count, places }] of leftOut) {
    lines.push(`${count} left out: ${REASONS[reason]}`);
    for (const place of places) lines.push(`  ${printable(place)}`);
    if (count > places.length) lines.push(`  and ${count - places.length} more`);
  }
  output.result({ event: "imported", added, known, skipped }, lines.join("\n"));
}
