import { createAccount, openClient, type Client, type ClientDeps, type Storage } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { createSqliteSearch } from "@smimp/client/sqlite-search";
import { createGuardedFetch } from "@smimp/identity/guarded-fetch";
import { addSeconds, isSmimpError, MIN_PASSPHRASE_MEMORY, randomBytes, type Clock } from "@smimp/protocol";
import { realClock } from "@smimp/testkit";
import { DEEDS } from "./deeds/all.ts";
import type { FromProgram, Order, Tell, ToProgram } from "./messages.ts";
import { JOIN, PASSPHRASE } from "./program.ts";

// A person's program, to be killed. It lives no longer than its parent.

let opened: Extract<ToProgram, { kind: "open" }> | null = null;
let client: Client | null = null;

process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToProgram) => void receive(message));
process.on("unhandledRejection", (error) => void say({ kind: "failed", reason: reasonOf(error) }));
await say({ kind: "warm" });

async function receive(message: ToProgram): Promise<void> {
  try {
    if (message.kind === "open") {
      opened = message;
      await say({ kind: "open" });
    } else if (message.kind === "do") {
      await run(message.deed, message.order);
      await say({ kind: "done" });
    } else {
      await client?.close();
      process.exit(0);
    }
  } catch (error) {
    await say(
      isSmimpError(error) ? { kind: "refused", code: error.code, message: error.message } : { kind: "failed", reason: reasonOf(error) },
    );
  }
}

/** Opening the storage and the account is part of the deed: a program may be killed there as well. */
async function run(name: string, order: Order): Promise<void> {
  if (opened === null) throw new TypeError("nothing was opened");
  const { file, network, ahead } = opened;
  const tell: Tell = async (note) => await say({ kind: "note", note });
  const openStorage = async (path: string): Promise<Storage> =>
    await openSqliteStorage({ file: path, passphrase: PASSPHRASE, cost: { memory: MIN_PASSPHRASE_MEMORY } });
  const storage = await openStorage(file);
  const fetch = createGuardedFetch({ developmentNetwork: network });
  const clock: Clock = () => addSeconds(realClock(), ahead);
  const deps: ClientDeps = { fetch, clock, random: randomBytes, jitter: 0, work: { threads: 0 }, search: createSqliteSearch() };
  if (name === JOIN) {
    const { joining } = order;
    if (joining === null) throw new TypeError("nobody is to join");
    const { address, baseUrl, code } = joining;
    const keepPhrase = async (phrase: string): Promise<void> => await tell({ what: "phrase", phrase });
    ({ client } = await createAccount({ storage, invite: { baseUrl, code }, address, deps, keepPhrase }));
    return;
  }
  client = await openClient({ storage, deps });
  const deed = DEEDS.find((each) => each.name === name);
  if (deed === undefined) throw new TypeError(`there is no deed ${name}`);
  await deed.run(client, order, tell, { deps, openStorage });
}

async function say(message: FromProgram): Promise<void> {
  await new Promise<void>((resolve) => void process.send?.(message, undefined, {}, () => resolve()));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
