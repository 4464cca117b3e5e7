// Joins and sends one message, whose recipient's server wants work from strangers; prints what became of it as JSON.
import { join } from "node:path";
import { joinMailbox } from "@smimp/client/node";
import { parseAddress } from "@smimp/protocol";

const [invite = "", address = "", to = "", developmentNetwork = ""] = process.argv.slice(2);
let threads = 0;
process.on("worker", () => threads++);

const file = join(import.meta.dirname, "mail.db");
const { client, phrase } = await joinMailbox({ file, passphrase: "open sesame", invite, address, developmentNetwork });
const steps = new Set<string>();
const before = threads;
const { copies } = await client.send(
  { to: [parseAddress(to)], subject: "From a tarball", body: "Hello." },
  { onProgress: ({ step }) => steps.add(step) },
);
const workers = threads - before;
await client.close();
console.log(
  JSON.stringify({ words: phrase.split(" ").length, states: copies.map(({ state }) => state), worked: steps.has("work"), workers }),
);
