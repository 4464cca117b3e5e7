import { Command } from "commander";
import type { Client, Draft, DraftSummary } from "@smimp/client";
import { CliError } from "../failure.ts";
import { withMailbox, type Mailbox } from "../mailbox.ts";
import { addressesOf, attachmentsOf, messageText } from "../message-input.ts";
import { printable, table, timeText } from "../output.ts";
import { copiesOf, reportCopies, sendOptions, syncFirst } from "../sending.ts";
import { progressLine } from "../terminal.ts";
import { collect } from "./send.ts";

interface SaveOptions {
  readonly subject?: string;
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly text?: string;
  readonly file?: string;
  readonly attach?: readonly string[];
  readonly replace?: string;
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
  drafts
    .command("save")
    .description("keep a message for later")
    .argument("[addresses...]", "who will get it")
    .option("-s, --subject <text>", "what it is about")
    .option("--cc <address>", "who gets a copy (may be repeated)", collect)
    .option("--bcc <address>", "who gets a copy that the others don't see (may be repeated)", collect)
    .option("-t, --text <text>", "the message itself")
    .option("-f, --file <file>", "a file with the message")
    .option("-a, --attach <file>", "a file to go with it (may be repeated)", collect)
    .option("--replace <draft>", "the draft that it takes the place of")
    .action(async (addresses: readonly string[], options: SaveOptions, command: Command) => {
      const [to, cc, bcc] = [addressesOf(addresses), addressesOf(options.cc ?? []), addressesOf(options.bcc ?? [])];
      const attachments = await attachmentsOf(options.attach ?? []);
      const draft: Draft = {
        to,
        cc,
        bcc,
        subject: options.subject ?? "",
        body: await messageText(options, { files: attachments.length }),
        attachments,
      };
      await withMailbox(command, async ({ client, output, signal }) => {
        const before = options.replace === undefined ? undefined : (await find(client, options.replace)).id;
        const { id } = await client.drafts.save(draft, before);
        await syncFirst(client, output, signal).catch(() => undefined);
        output.result({ id }, "Kept as a draft.");
      });
    });
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
    .action(async (choice: string, _options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output, signal }) => {
        const { id } = await find(client, choice);
        await client.drafts.remove(id);
        await syncFirst(client, output, signal).catch(() => undefined);
        output.result({ id, deleted: true }, "Deleted.");
      });
    });
  return drafts;
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
  const title = printable(subject === "" ? "(no subject)" : subject).slice(0, 60);
  return [String(number).padStart(3), timeText(savedAt), to.length === 0 ? "(nobody yet)" : to.join(", "), title];
}
