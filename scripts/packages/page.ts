// What a web page does with the packages: an account, a message that costs work, and its answer, attachments both ways.
import { createAccount, createMemoryStorage, parseInvite, type Client, type InboxMessage } from "@smimp/client";
import { browserDeps } from "@smimp/client/browser";
import { hash, parseAddress, toHex } from "@smimp/protocol";

/** What the page is told, and what it tells. */
export interface PageTask {
  readonly invite: string;
  readonly address: string;
  readonly to: string;
}
export interface PageReport {
  readonly states: readonly string[];
  /** How often progress of work was shown. */
  readonly worked: number;
  readonly answer: { readonly from: string; readonly subject: string; readonly body: string; readonly safe: boolean };
  /** Hash of the answer's attachment. */
  readonly attachment: string;
}

const SIZE = 300_000;

/** Runs in the page. */
export async function run({ invite, address, to }: PageTask): Promise<PageReport> {
  const created = await createAccount({
    storage: createMemoryStorage(),
    invite: parseInvite(invite),
    address: parseAddress(address),
    deps: browserDeps(),
  });
  await using client = created.client;
  let worked = 0;
  const attachments = [{ name: "noise.bin", mediaType: "application/octet-stream", size: SIZE, open: noise }];
  const { copies, ref } = await client.send(
    { to: [parseAddress(to)], subject: "From a page", body: "Hello.", attachments },
    { onProgress: ({ step }) => void (worked += step === "work" ? 1 : 0) },
  );
  const answer = await answerTo(client, ref);
  const pieces: Uint8Array[] = [];
  for await (const piece of client.inbox.attachment(answer.messageId, 0)) pieces.push(piece);
  const { from, subject, body, state } = answer;
  return {
    states: copies.map((copy) => copy.state),
    worked,
    answer: { from, subject, body, safe: state === "open" },
    attachment: toHex(hash(Uint8Array.from(pieces.flatMap((piece) => [...piece])))),
  };
}

async function* noise(): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < SIZE; start += 50_000) yield crypto.getRandomValues(new Uint8Array(50_000));
}

async function answerTo(client: Client, ref: string): Promise<InboxMessage> {
  for await (const event of client.watch()) {
    if (event.type !== "message") continue;
    const message = await client.inbox.read(event.message.messageId);
    if (message.inReplyTo === ref) return message;
  }
  throw new Error("the connection ended");
}
