import type { Hex32 } from "@smimp/protocol";
import { getMessage, putSyncState, wasRemoved } from "./documents.ts";
import { listEchoes, noRetry, setEcho, setToRefresh } from "./due.ts";
import { fetchMessages, type FetchParts, type SyncRun } from "./fetching.ts";
import { forgetMessage } from "./forgetting.ts";
import type { MailboxChanges } from "./mailbox.ts";

/** Takes over what changed since a state, page by page; whoever is interrupted sees the same page again. Throws `state_too_old`. */
export async function followChanges(parts: FetchParts, run: SyncRun, since: string): Promise<void> {
  const { storage, mailbox } = parts;
  const own = await listEchoes(storage);
  const heard: Hex32[] = [];
  let others = 0;
  let state = since;
  for await (const page of mailbox.changes(since, run.signal)) {
    ({ state } = page);
    if (page.folders) await parts.folders.refresh(run.signal);
    const { fresh, changed } = await sorted(parts, page);
    await fetchMessages(parts, run, fresh);
    heard.push(...changed.filter((messageId) => own.has(messageId)));
    others += page.created.length + page.destroyed.length + page.updated.filter((messageId) => !own.has(messageId)).length;
    await finishPage(parts, run, page, changed);
  }
  // Each change adds at least one to the state (protocol section 8). Where the sum leaves room for no other change than this device's
  // own archives, there is nothing to ask about them; else all are asked about, so that no other device's change is missed.
  const onlyEchoes = BigInt(state) - BigInt(since) === BigInt(own.size + others);
  if (own.size === 0) return;
  await storage.transact(async (writer) => {
    if (onlyEchoes) for (const messageId of heard) setToRefresh(writer, messageId, false);
    for (const messageId of own) setEcho(writer, messageId, false);
  });
}

/** Which of the messages that a page names are new here, and which are known. */
async function sorted(
  { storage }: FetchParts,
  page: MailboxChanges,
): Promise<{ readonly fresh: readonly Hex32[]; readonly changed: readonly Hex32[] }> {
  const fresh: Hex32[] = [];
  const changed: Hex32[] = [];
  const updated = new Set(page.updated);
  for (const messageId of new Set([...page.created, ...page.updated])) {
    if (await wasRemoved(storage, messageId)) continue;
    if ((await getMessage(storage, messageId)) === null) fresh.push(messageId);
    else if (updated.has(messageId)) changed.push(messageId);
  }
  return { fresh, changed };
}

async function finishPage({ storage, clock }: FetchParts, run: SyncRun, page: MailboxChanges, changed: readonly Hex32[]): Promise<void> {
  const gone = await storage.transact(async (writer) => {
    const known: Hex32[] = [];
    for (const messageId of changed) setToRefresh(writer, messageId, true);
    for (const messageId of page.destroyed) {
      noRetry(writer, messageId);
      if ((await getMessage(writer, messageId)) === null) continue;
      await forgetMessage(storage, writer, messageId, clock());
      known.push(messageId);
    }
    // Only now: whoever is interrupted before sees the same changes again.
    putSyncState(writer, page.state, clock());
    return known;
  });
  for (const messageId of gone) run.note({ summary: null, notice: null, event: { type: "removed", messageId } });
}
