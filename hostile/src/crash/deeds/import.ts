import type { Client, InboxSummary } from "@smimp/client";
import { rested } from "../../invariants/demands.ts";
import { WHOLE_LIST } from "../../invariants/mailbox.ts";
import { mayBe, mustBe } from "../../ledger.ts";
import { assure } from "../../violation.ts";
import type { Deed } from "../deed.ts";
import type { OldMail } from "../messages.ts";
import { noteMessage } from "../prepare.ts";
import { patiently } from "../rest.ts";
import type { Actor, Stage } from "../stage.ts";

/** So many that some are under way, some are done and some wait, whenever the program is killed. */
const MAILS = 12;

/** Imports mail from elsewhere, some of it read, some of it into a folder; done again it brings what is missing and nothing twice. */
export const importMail: Deed = {
  name: "import",
  weight: 4,
  watch: async (stage, actor) => {
    const folder = await rested(actor.device, "making a folder", async (client) => {
      const [first] = await client.folders.list();
      return first ?? (await client.folders.create({ name: "from elsewhere" }));
    });
    const mails = Array.from({ length: MAILS }, (_, number) => oldMail(stage, actor, number, folder.id));
    const facts = stage.ledger.mailbox(actor.address);
    return {
      order: { mails },
      after: async () => {
        // Whatever was left out is brought by the next run, which goes through all of it.
        await patiently(actor.device, "importing once more", async (client) => {
          await addAll(client, mails);
          await client.sync();
          return true;
        });
        const { again, lines } = await rested(actor.device, "importing what is known", async (client) => ({
          again: await addAll(client, mails),
          lines: await client.inbox.list({ limit: WHOLE_LIST, view: "all" }),
        }));
        assure(
          again.every((outcome) => outcome === "known"),
          "what was imported is imported once more",
        );
        for (const mail of mails) {
          assureThere(mail, lines);
          stage.ledger.sent.get(mail.subject)?.acknowledged.add(actor.address);
          mustBe(facts, "read", mail.subject, String(mail.read));
          mustBe(facts, "folder", mail.subject, String(mail.folder));
        }
      },
    };
  },
  run: async (client, { mails }) => void (await addAll(client, mails)),
};

function oldMail(stage: Stage, { address }: Actor, number: number, folder: string): OldMail {
  const sent = { ...noteMessage(stage, address, [address], []), device: null, ownCopy: false };
  stage.ledger.sent.set(sent.subject, sent);
  const mail = { subject: sent.subject, body: sent.body, read: number % 2 === 0, folder: number % 3 === 0 ? folder : null };
  // One whose import is interrupted stays as it came until it is imported to the end.
  const facts = stage.ledger.mailbox(address);
  mayBe(facts, "read", mail.subject, String(mail.read), "false");
  mayBe(facts, "folder", mail.subject, String(mail.folder), "null");
  return mail;
}

async function addAll(client: Client, mails: readonly OldMail[]): Promise<readonly ("added" | "known")[]> {
  return await Promise.all(
    mails.map(async ({ subject, body, read, folder }) => {
      const imported = { from: "old@elsewhere.example", to: [], cc: [], date: null, messageId: `${subject}@elsewhere.example` };
      const place = folder === null ? {} : { folder };
      return await client.imports.add({ key: subject, imported, subject, body, attachments: [], read, ...place });
    }),
  );
}

function assureThere({ subject, read, folder }: OldMail, lines: readonly InboxSummary[]): void {
  const found = lines.filter((line) => line.subject === subject);
  const [line] = found;
  assure(line !== undefined && found.length === 1, `"${subject}" was imported and is there ${found.length} times`);
  assure(line.read === read, `"${subject}" was imported as ${read ? "" : "un"}read`);
  assure(line.folder === folder, `"${subject}" was imported into ${folder} and is in ${line.folder}`);
}
