// Sends a notification: node notify.ts bob#example.com "Backup done" "42 GB in 7 minutes."
import { openMailbox } from "@smimp/client/node";
import { parseAddress } from "@smimp/protocol";

const { MAIL_FILE: file = "mail.db", MAIL_PASSPHRASE: passphrase = "", MAIL_NETWORK: developmentNetwork } = process.env;
const [to = "", subject = "", body = ""] = process.argv.slice(2);

await using client = await openMailbox({ file, passphrase, developmentNetwork });
const { copies } = await client.send({ to: [parseAddress(to)], subject, body, keepCopy: false });
for (const { state, detail } of copies) console.log(detail === null ? state : `${state}: ${detail}`);
