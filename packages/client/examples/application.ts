// Two programs that talk to each other: `node application.ts ask bob#example.com` asks a program that runs as
// `node application.ts answer` how much room is left where it runs. What they say is sealed like any other message.
import { statfs } from "node:fs/promises";
import { handleEvents } from "@smimp/client";
import { openMailbox } from "@smimp/client/node";
import { parseAddress } from "@smimp/protocol";

const QUESTION = "x-custom-room-question";
const ANSWER = "x-custom-room-answer";
const { MAIL_FILE: file = "mail.db", MAIL_PASSPHRASE: passphrase = "", MAIL_NETWORK: developmentNetwork } = process.env;
const [role = "answer", whom = ""] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

await using client = await openMailbox({ file, passphrase, developmentNetwork });
if (role === "ask") await client.applications.send(parseAddress(whom), QUESTION, new TextEncoder().encode(process.cwd()));
await handleEvents(
  client,
  {
    custom: async ({ message: { from, messageType, bytes } }) => {
      const text = new TextDecoder().decode(bytes);
      if (role === "answer" && messageType === QUESTION) {
        const { bavail, bsize } = await statfs("/");
        await client.applications.send(from, ANSWER, new TextEncoder().encode(`${bavail * bsize} bytes`));
      } else if (role === "ask" && messageType === ANSWER) {
        console.log(`${from}: ${text}`);
        stop.abort();
      }
    },
  },
  { signal: stop.signal },
);
