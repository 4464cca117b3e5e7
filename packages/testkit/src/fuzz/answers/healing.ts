import type { Client, Draft } from "@smimp/client";
import { isSmimpError, type Address, type Hex32 } from "@smimp/protocol";
import type { Person } from "../../person.ts";

/** A short message with an attachment. */
export function draftTo(to: Address): Draft {
  const content = Buffer.from("attached");
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(content);
  };
  return {
    to: [to],
    subject: "Hello",
    body: "Hello.",
    keepCopy: false,
    attachments: [{ name: "a.txt", mediaType: "text/plain", size: content.length, open }],
  };
}

/**
 * With an honest server again, everything works: what waits goes out, what comes in is read; and what was pinned in the meantime is the
 * truth about bob.
 */
export async function healed(client: Client, bob: Person & { readonly link: Hex32 }, thoroughly: boolean): Promise<readonly string[]> {
  const faults: string[] = [];
  const step = async (what: string, work: () => Promise<string | null>): Promise<void> => {
    const wrong = await work().catch((error: unknown) => describe(error));
    if (wrong !== null) faults.push(`afterwards, ${what}: ${wrong}`);
  };
  for (const { id } of await client.outbox.list()) {
    // oxlint-disable-next-line no-await-in-loop
    await step("taking back what waits", async () => {
      await client.outbox.remove(id);
      return null;
    });
  }
  await step("what is known of bob", async () => {
    const known = await client.contacts.get(bob.address);
    return known === null || known.link === bob.link ? null : "another history was pinned";
  });
  await step("a sync", async () => {
    await client.sync();
    return null;
  });
  if (!thoroughly) return faults;
  await step("a sync of bob's, for whom time passed as well", async () => {
    await bob.client.sync();
    return null;
  });
  await step("a message to bob", async () => {
    const { copies } = await client.send(draftTo(bob.address));
    return copies.every(({ state }) => state === "sent")
      ? null
      : copies.map(({ state, reason, detail }) => `${state} ${reason} ${detail}`).join();
  });
  await step("a message from bob", async () => {
    const { ref } = await bob.client.send(draftTo(client.address));
    const { messages } = await client.sync();
    const read = await Promise.all(messages.map(async ({ messageId }) => await client.inbox.read(messageId)));
    return read.some((message) => message.ref === ref && message.state === "open") ? null : "it did not come";
  });
  await step("the own history", async () => {
    const { publicKey } = await client.keys.status();
    const { chain } = await bob.client.contacts.resolve(client.address);
    return chain.head.document.public_key === publicKey ? null : "the client has another key than its history";
  });
  return faults;
}

/** An error in one line; of one that nobody foresaw, with its stack. */
export function describe(error: unknown): string {
  if (isSmimpError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
