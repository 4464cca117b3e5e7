import { isSmimpError, type Address, type ArchiveKey, type Hex32 } from "@smimp/protocol";
import { isDue, isPassing, LONGEST_WAIT } from "../outbox/back-off.ts";
import { pause } from "../pause.ts";
import { inParallel } from "../pool.ts";
import { NOTHING, type TakenIn } from "./arrival.ts";
import { getMessage, listWaiting, setWaiting, type WaitingDocument } from "./documents.ts";
import { postponed } from "./storing.ts";
import { summaryOf } from "./summaries.ts";
import { takeInWithLateKeys, type LateKeysParts } from "./late-keys.ts";
import type { TakeInParts, Waited } from "./take-in.ts";

/** Histories that are fetched at the same time, and in one go: what is left comes with the next. */
const PARALLEL = 8;
const MAX_SENDERS = 64;

/** How senders are confirmed. */
export interface ConfirmOptions {
  /**
   * Longest wait before each history is fetched, milliseconds: when a stranger's message was opened shall not show to the minute at
   * their server (protocol section 6).
   */
  readonly jitter: number;
  /** Messages that were tried a moment ago. */
  readonly except?: ReadonlySet<Hex32>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches the histories of senders whose messages wait, each once however many messages they sent, from their own servers
 * (protocol section 6), and takes these messages in. Senders whose servers don't answer are asked less and less often.
 */
export async function confirmSenders(
  parts: LateKeysParts,
  archiveKey: ArchiveKey,
  { jitter, except, signal }: ConfirmOptions,
  onTaken: (taken: TakenIn) => void,
): Promise<void> {
  const now = parts.clock();
  const senders = new Map<Address, WaitingDocument[]>();
  for (const each of await listWaiting(parts.storage)) {
    if (!isDue(each.nextAttemptAt, now, LONGEST_WAIT) || except?.has(each.messageId) === true) continue;
    senders.set(each.from, [...(senders.get(each.from) ?? []), each]);
  }
  await inParallel([...senders].slice(0, MAX_SENDERS), PARALLEL, async ([from, waiting]) => {
    await pause((jitter * (parts.random(1)[0] ?? 0)) / 255, signal);
    if (signal?.aborted === true) return;
    const outcome = await fetchHistory(parts, from);
    for (const each of waiting) {
      if (outcome === "later") onTaken(await postpone(parts, each));
      else onTaken(await takeInWaiting(parts, each, archiveKey, outcome));
    }
  });
}

async function takeInWaiting(
  parts: LateKeysParts,
  { messageId, message, pinWhenSeen }: WaitingDocument,
  archiveKey: ArchiveKey,
  outcome: Waited["outcome"],
): Promise<TakenIn> {
  const envelope = (await getMessage(parts.storage, messageId))?.envelope ?? null;
  // It was deleted meanwhile.
  if (envelope === null) return NOTHING;
  return await takeInWithLateKeys(parts, { ...message, envelope }, archiveKey, { pinWhenSeen, outcome });
}

async function fetchHistory({ people }: TakeInParts, from: Address): Promise<Waited["outcome"] | "later"> {
  try {
    await people.resolve(from);
    return "fetched";
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return isPassing(error.code) ? "later" : error;
  }
}

/** Puts a message off. From the first time on it is shown as one that waits. */
async function postpone({ storage, clock }: TakeInParts, { messageId }: WaitingDocument): Promise<TakenIn> {
  return await storage.transact(async (writer) => {
    const waiting = await postponed(writer, messageId, clock());
    // It may have been deleted meanwhile.
    if (waiting === null) return NOTHING;
    setWaiting(writer, messageId, waiting);
    const message = waiting.attempts === 1 ? await summaryOf(writer, messageId) : null;
    return message === null ? NOTHING : { ...NOTHING, event: { type: "changed", message } };
  });
}
