import { openStore } from "../sqlite.ts";
import { ALICE, messageOf, NOW } from "./fixtures.ts";

// A process that is made to be killed: delivers messages, each under an issued key, and writes a line for each that was acknowledged.
const [dataDir = "", run = ""] = process.argv.slice(2);
const store = await openStore({ dataDir });
for (let index = 0; ; index += 8) {
  await Promise.all(
    Array.from({ length: 8 }, async (_, lane) => {
      const name = `${run} ${index + lane}`;
      const keyId = await store.transact(async (writer) => {
        await writer.messages.add(messageOf(name));
        return (await writer.messageKeys.issue(ALICE, NOW))?.keyId;
      });
      process.stdout.write(`${JSON.stringify({ name, keyId })}\n`);
    }),
  );
}
