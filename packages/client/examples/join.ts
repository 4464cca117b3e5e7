// Makes a mailbox: MAIL_FILE=mail.db MAIL_PASSPHRASE=... node join.ts https://smimp.example.com/join#CODE alice#example.com
import { joinMailbox } from "@smimp/client/node";

const { MAIL_FILE: file = "mail.db", MAIL_PASSPHRASE: passphrase = "", MAIL_NETWORK: developmentNetwork } = process.env;
const [invite = "", address = ""] = process.argv.slice(2);

const keepPhrase = async (phrase: string): Promise<void> => console.log(`Write these 24 words on paper:\n${phrase}`);
const { client } = await joinMailbox({ file, passphrase, developmentNetwork, invite, address, keepPhrase });
await client.close();
