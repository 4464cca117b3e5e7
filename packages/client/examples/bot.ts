// A bot that answers every message with its own words, until it is told to end.
import type { InboxSummary } from "@smimp/client";
import { openMailbox } from "@smimp/client/node";

const { MAIL_FILE: file = "mail.db", MAIL_PASSPHRASE: passphrase = "", MAIL_NETWORK: developmentNetwork } = process.env;
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

await using client = await openMailbox({ file, passphrase, developmentNetwork });
for (const message of await client.inbox.list({ view: "inbox" })) await answer(message);
for await (const event of client.watch({ signal: stop.signal })) if (event.type === "message") await answer(event.message);

async function answer({ messageId, own, state }: InboxSummary): Promise<void> {
  if (own || state !== "open") return;
  const { from, subject, body, ref, threadId, autoReply } = await client.inbox.read(messageId);
  if (ref === null || autoReply) return;
  const words = { subject: `Re: ${subject}`, body: `You wrote: ${body}` };
  await client.send({ to: [from], ...words, replyTo: { ref, threadId }, automatic: true, keepCopy: false });
  await client.inbox.remove(messageId); // What is still there has no answer yet.
}
