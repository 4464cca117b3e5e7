import { Command } from "commander";
import type { Client, Draft, DraftSummary } from "@smimp/client";
import { editedText } from "../editor.ts";
import { CliError } from "../failure.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { addressesOf, attachmentsOf, givenText } from "../message-input.ts";
import { collect, draftOf, takesMessage, type MessageOptions } from "../message-options.ts";
import { printable, table, timeText } from "../output.ts";
import { copiesOf, reportCopies, sendOptions, syncFirst } from "../sending.ts";
import { assertSure, YES, type SureOptions } from "../sure.ts";
import { isInteractive, progressLine, readStandardInput } from "../terminal.ts";

interface SaveOptions extends MessageOptions {
  readonly replace?: string;
}

interface EditOptions extends MessageOptions {
  readonly to?: readonly string[];
}

/** `smimp drafts`: messages that are not finished, on all of one's devices. */
export function draftsCommand(): Command {
  const drafts = new Command("drafts")
    .description("messages that you have not finished; all your devices have them")
    .action(async (_options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output, signal }) => {
        await syncFirst(client, output, signal).catch((error: unknown) =>
          output.warn(`! ${error instanceof Error ? error.message : "offline"}`),
        );
        const all = await client.drafts.list();
        if (output.json) for (const one of all) output.result(draftJson(one), "");
        else output.result({}, all.length === 0 ? "No drafts." : table(all.map((one, index) => draftRow(one, index + 1))));
      });
    });
  takesMessage(drafts.command("save").description("keep a message for later").argument("[addresses...]", "who will get it"))
    .option("--replace <draft>", "the draft that it takes the place of")
    .action(async (addresses: readonly string[], options: SaveOptions, command: Command) => {
      const draft = await draftOf(addresses, options);
      await withMailbox(command, async ({ client, output, signal }) => {
        const before = options.replace === undefined ? undefined : (await find(client, options.replace)).id;
        const { id } = await client.drafts.save(draft, before);
        await syncFirst(client, output, signal).catch(() => undefined);
        output.result({ id }, "Kept as a draft.");
      });
    });
  drafts
    .command("edit")
    .description("go on writing a draft: in your editor, or with what is said here; all else of it stays")
    .argument("<draft>", "its number in the list, or the beginning of its id")
    .option("--to <address>", "who will get it, in place of those that are there (may be repeated)", collect)
    .option("-s, --subject <text>", "what it is about")
    .option("--cc <address>", "who gets a copy, in place of those that are there (may be repeated)", collect)
    .option("--bcc <address>", "who gets a copy that the others don't see, in place of those that are there (may be repeated)", collect)
    .option("-t, --text <text>", "the message itself")
    .option("-f, --file <file>", "a file with the message")
    .option("-a, --attach <file>", "one more file to go with it (may be repeated)", collect)
    .addHelpText(
      "after",
      "\nWithout any of these your editor opens with the text as it is; without a terminal the new text is read from standard input.\n",
    )
    .action(
      async (choice: string, options: EditOptions, command: Command) =>
        await withMailbox(command, async (mailbox) => await edit(mailbox, choice, options)),
    );
  drafts
    .command("show")
    .description("show a draft")
    .argument("<draft>", "its number in the list, or the beginning of its id")
    .action(async (choice: string, _options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        const { draft, ...summary } = await client.drafts.get((await find(client, choice)).id);
        const text = [`To: ${draft.to.join(", ")}`, `Subject: ${printable(draft.subject)}`, "", printable(draft.body, "many lines")].join(
          "\n",
        );
        output.result({ ...draftJson(summary), body: draft.body, cc: draft.cc ?? [], bcc: draft.bcc ?? [] }, text);
      });
    });
  drafts
    .command("send")
    .description("send a draft")
    .argument("<draft>", "its number in the list, or the beginning of its id")
    .action(
      async (choice: string, _options: unknown, command: Command) =>
        await withMailbox(command, async (mailbox) => await send(mailbox, choice)),
    );
  drafts
    .command("delete")
    .description("throw a draft away")
    .argument("<draft>", "its number in the list, or the beginning of its id")
    .option(...YES)
    .action(async (choice: string, options: SureOptions, command: Command) => {
      await withMailbox(command, async ({ client, output, signal }) => {
        const { id, subject } = await find(client, choice);
        await assertSure(`Delete the draft ${titleOf(subject)} for good?`, "Nothing was deleted.", options);
        await client.drafts.remove(id);
        await syncFirst(client, output, signal).catch(() => undefined);
        output.result({ id, subject, deleted: true }, `Deleted the draft ${titleOf(subject)}.`);
      });
    });
  return drafts;
}

async function edit({ client, output, signal }: Mailbox, choice: string, options: EditOptions): Promise<void> {
  // Before anything is written: what is wrong shows at once.
  const { to, cc, bcc } = options;
  const addresses = {
    ...(to === undefined ? {} : { to: addressesOf(to) }),
    ...(cc === undefined ? {} : { cc: addressesOf(cc) }),
    ...(bcc === undefined ? {} : { bcc: addressesOf(bcc) }),
  };
  const attached = await attachmentsOf(options.attach ?? []);
  const { id } = await find(client, choice);
  const { draft } = await client.drafts.get(id);
  const subject = options.subject ?? draft.subject;
  const changed: Draft = {
    ...draft,
    ...addresses,
    subject,
    body: await editedBody(draft.body, options),
    attachments: [...(draft.attachments ?? []), ...attached],
  };
  const saved = await client.drafts.save(changed, id);
  await syncFirst(client, output, signal).catch(() => undefined);
  output.result({ id: saved.id, subject }, `Kept the draft ${titleOf(subject)}.`);
}

/** The text as it is to be: what the command line says, or the editor; as it was where only something else is said. */
async function editedBody(before: string, options: EditOptions): Promise<string> {
  if (options.text !== undefined || options.file !== undefined) return await givenText(options);
  if (Object.keys(options).length > 0) return before;
  return process.stdin.isTTY === true && isInteractive() ? await editedText(before) : await readStandardInput();
}

function titleOf(subject: string): string {
  return printable(subject === "" ? "(no subject)" : subject);
}

async function send(mailbox: Mailbox, choice: string): Promise<void> {
  const { client, output } = mailbox;
  const { id } = await find(client, choice);
  const line = progressLine(!output.json);
  const entry = await client.drafts.send(id, sendOptions(mailbox, line)).finally(() => line.end());
  reportCopies(
    output,
    copiesOf(entry).map((copy) => ({ entry, copy })),
  );
}

async function find(client: Client, choice: string): Promise<DraftSummary> {
  const all = await client.drafts.list();
  const numbered = /^[0-9]{1,3}$/.test(choice) ? all[Number(choice) - 1] : undefined;
  const [draft, second] = numbered === undefined ? all.filter(({ id }) => id.startsWith(choice)) : [numbered];
  if (draft === undefined || second !== undefined) {
    throw new CliError(`There is no single draft ${choice}.`, { advice: "`smimp drafts` lists them with their numbers." });
  }
  return draft;
}

function draftJson(draft: DraftSummary): Readonly<Record<string, unknown>> {
  const { id, subject, to, savedAt } = draft;
  return { id, subject, to, saved_at: savedAt };
}

function draftRow({ subject, to, savedAt }: DraftSummary, number: number): string[] {
  const title = titleOf(subject).slice(0, 60);
  return [String(number).padStart(3), timeText(savedAt), to.length === 0 ? "(nobody yet)" : to.join(", "), title];
}
