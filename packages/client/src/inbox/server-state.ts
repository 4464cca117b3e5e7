import type { Hex32, StoredMessage } from "@smimp/protocol";
import type { InboxSummary } from "../model.ts";
import { followAcceptance } from "../secret-keys/following.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { folderIn, type TakenIn } from "./arrival.ts";
import { getMessage, putMessage } from "./documents.ts";
import { listToRefresh, setToRefresh } from "./due.ts";
import { readExtensions } from "./extensions.ts";
import type { Mailbox } from "./mailbox.ts";
import { getSummary, putSummary } from "./summaries.ts";

/** What the server keeps of a message that its owner's devices change; what is left out is as it was. */
export type ServerState = Partial<Pick<StoredMessage, "read" | "folder" | "extensions">>;

/** Messages that are asked for at once. */
const PAGE = 100;

/** Takes over how a message stands on the server, as part of a transaction. Resolves with its line where that changed. */
export async function applyServerState(
  storage: Storage,
  writer: StorageWriter,
  messageId: Hex32,
  state: ServerState,
): Promise<InboxSummary | null> {
  const message = await getMessage(writer, messageId);
  if (message === null) return null;
  const extensions = state.extensions === undefined ? message.extensions : state.extensions;
  if (extensions !== message.extensions) putMessage(writer, { ...message, extensions });
  if (message.place === "secret") await followAcceptance(writer, message, extensions);
  if (message.place !== "inbox" || message.listKey === null) return null;
  const before = await getSummary(writer, message.listKey);
  if (before === null) return null;
  const noted = extensions === message.extensions ? {} : await readExtensions(writer, messageId, extensions);
  const read = (state.read ?? before.read) || before.own;
  const folder = state.folder === undefined ? before.folder : folderIn(state.folder);
  const after = { ...before, ...noted, read, folder };
  if (JSON.stringify(after) === JSON.stringify(before)) return null;
  await putSummary(storage, writer, after);
  return after;
}

/** Asks how messages stand that changed on the server, at most so many. */
export async function refreshChanged(
  { storage, mailbox }: { readonly storage: Storage; readonly mailbox: Mailbox },
  run: { readonly signal: AbortSignal | undefined; note(taken: TakenIn): void },
  limit: number,
): Promise<void> {
  for (let left = limit; left > 0; left -= PAGE) {
    const due = await listToRefresh(storage, Math.min(PAGE, left));
    if (due.length === 0) return;
    const states = new Map<Hex32, ServerState>();
    for await (const message of mailbox.messages(due, run.signal)) {
      if (message === "unreadable") continue;
      const { read, folder, extensions } = message;
      states.set(message.message_id, { read, folder, extensions });
    }
    const changed = await storage.transact(async (writer) => {
      const lines: InboxSummary[] = [];
      for (const messageId of due) {
        setToRefresh(writer, messageId, false);
        const state = states.get(messageId);
        const line = state === undefined ? null : await applyServerState(storage, writer, messageId, state);
        if (line !== null) lines.push(line);
      }
      return lines;
    });
    for (const message of changed) run.note({ summary: null, notice: null, event: { type: "changed", message } });
  }
}
