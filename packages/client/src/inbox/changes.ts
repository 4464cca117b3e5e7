import type { Hex32 } from "@smimp/protocol";
import { getMessage, putRemoved, putSyncState, wasRemoved } from "./documents.ts";
import { listEchoes, noRetry, setEcho, setToRefresh } from "./due.ts";
import { fetchMessages, type FetchParts, type SyncRun } from "./fetching.ts";
import { forgetMessage } from "./forgetting.ts";
import type { MailboxChanges } from "./mailbox.ts";

/** Deleted messages that were never seen here and that one sync remembers: no server's invention fills this device. */
const MAX_UNSEEN = 1_000;

/** Takes over what changed since a state, page by page; whoever is interrupted sees the same page again. Throws `state_too_old`. */
export async function followChanges(parts: FetchParts, run: SyncRun, since: string): Promise<void> {
  const { storage, mailbox } = parts;
  const own = await listEchoes(storage);
  const heard: Hex32[] = [];
  let others = 0;
  let state = since;
  let unseen = MAX_UNSEEN;
  for await (const page of mailbox.changes(since, run.signal)) {
    ({ state } = page);
    if (page.folders) await parts.folders.refresh(run.signal);
    // First what is gone: a draft's last version takes the place of one that is not there any more.
    unseen -= await letGo(parts, run, page.destroyed, unseen);
    const { fresh, changed } = await sorted(parts, page);
    await fetchMessages(parts, run, fresh);
    heard.push(...changed.filter((messageId) => own.has(messageId)));
    others += page.created.length + page.destroyed.length + page.updated.filter((messageId) => !own.has(messageId)).length;
    await finishPage(parts, page, changed);
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

/** Takes out what other devices deleted; how many of them were never seen here. */
async function letGo({ storage, clock }: FetchParts, run: SyncRun, ids: readonly Hex32[], most: number): Promise<number> {
  if (ids.length === 0) return 0;
  const { known, unseen } = await storage.transact(async (writer) => {
    const known: Hex32[] = [];
    let unseen = 0;
    for (const messageId of ids) {
      noRetry(writer, messageId);
      if ((await getMessage(writer, messageId)) !== null) {
        await forgetMessage(storage, writer, messageId, clock());
        known.push(messageId);
      } else if (unseen < most && !(await wasRemoved(writer, messageId))) {
        // Should it be shown here later, it is no new message.
        putRemoved(writer, messageId, { at: clock(), keyId: null, archiveKeyId: null, refKey: null });
        unseen++;
      }
    }
    return { known, unseen };
  });
  for (const messageId of known) run.note({ summary: null, notice: null, event: { type: "removed", messageId } });
  return unseen;
}

async function finishPage({ storage, clock }: FetchParts, page: MailboxChanges, changed: readonly Hex32[]): Promise<void> {
  await storage.transact(async (writer) => {
    for (const messageId of changed) setToRefresh(writer, messageId, true);
    // Only now: whoever is interrupted before sees the same changes again.
    await Promise.resolve(putSyncState(writer, page.state, clock()));
  });
}
