import { createAccount, openClient, type Client, type ClientDeps } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { createGuardedFetch } from "@smimp/identity/guarded-fetch";
import { MIN_PASSPHRASE_MEMORY, randomBytes, type Hex32 } from "@smimp/protocol";
import { realClock } from "../src/index.ts";
import type { DiskClientCalls, DiskClientReply } from "./disk-client.ts";

// The child of disk-client.ts. It lives no longer than its parent.

const PASSPHRASE = "a long passphrase";
let client: Client | null = null;
const opened = (): Client => {
  if (client === null) throw new TypeError("nothing was opened");
  return client;
};

type Answers = { readonly [Name in keyof DiskClientCalls]: (...args: Parameters<DiskClientCalls[Name]>) => Promise<unknown> };

const answers: Answers = {
  open: async ({ file, network, address, invite }) => {
    const storage = await openSqliteStorage({ file, passphrase: PASSPHRASE, cost: { memory: MIN_PASSPHRASE_MEMORY } });
    const fetch = createGuardedFetch({ developmentNetwork: network });
    const deps: ClientDeps = { fetch, clock: realClock, random: randomBytes, jitter: 0 };
    client = invite === null ? await openClient({ storage, deps }) : (await createAccount({ storage, invite, address, deps })).client;
  },
  enqueue: async (to, subject, body) => (await opened().outbox.enqueue({ to: [to], subject, body, keepCopy: false })).id,
  flush: async (id) => (await opened().outbox.flush({ id, force: true })).flatMap(({ copies }) => copies.map(({ state }) => state)),
  sync: async () => void (await opened().sync()),
  list: async () => (await opened().inbox.list()).map(({ messageId, subject, state }) => ({ messageId, subject, state })),
  read: async (messageId) => (await opened().inbox.read(messageId as Hex32)).body,
  queued: async () => (await opened().outbox.list()).map(({ subject }) => subject),
  close: async () => await opened().close(),
};

process.on("disconnect", () => process.exit(0));
process.on("message", (message: { readonly id: number; readonly name: keyof DiskClientCalls; readonly args: readonly unknown[] }) => {
  void answer(message);
});

async function answer({
  id,
  name,
  args,
}: {
  readonly id: number;
  readonly name: keyof DiskClientCalls;
  readonly args: readonly unknown[];
}) {
  const work = answers[name] as (...all: readonly unknown[]) => Promise<unknown>;
  try {
    say({ id, value: await work(...args) });
  } catch (error) {
    const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
    say({ id, error: kind, text: message });
  }
}

function say(reply: DiskClientReply): void {
  process.send?.(reply);
}
