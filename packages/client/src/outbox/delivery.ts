import { isSmimpError, type ProblemCode, type SmimpError } from "@smimp/protocol";
import type { EventHub } from "../events.ts";
import { noteWrittenTo } from "../lists/documents.ts";
import type { Notice, OutboxCopy, OutboxEntry, SendOptions } from "../model.ts";
import type { NoticeBoard } from "../notices.ts";
import type { Storage, StorageWriter } from "../storage/storage.ts";
import { attempt, type AttemptParts } from "./attempt.ts";
import { isPassing, nextAttempt } from "./back-off.ts";
import { getUnderWay, putCopy, putUnderWay, shownCopy, type CopyDocument, type EntryDocument } from "./documents.ts";

/** What delivering works with. */
export type DeliveryParts = AttemptParts & {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly events: EventHub;
};

/** A copy that is due. */
export interface Due {
  readonly entry: EntryDocument;
  readonly index: number;
  readonly copy: CopyDocument;
  /** Told of each change; returns the whole entry as it stands now, for events. */
  readonly changed: (copy: OutboxCopy) => OutboxEntry;
}

/** Faults that are of a server as a whole, or of the way to it. */
const OUT_OF_ORDER: ReadonlySet<ProblemCode> = new Set<ProblemCode>(["temporarily_unavailable", "insecure_transport"]);

/**
 * One attempt at one copy, and what becomes of it. Returns the fault where it seems to be the server's. Throws only the signal's
 * reason, and what is nobody's fault but this program's.
 */
export async function deliver(parts: DeliveryParts, due: Due, options: SendOptions): Promise<SmimpError | null> {
  const { storage } = parts;
  const { entry, index } = due;
  const { id } = entry;
  let copy: CopyDocument = { ...due.copy, state: "sending", attempts: due.copy.attempts + 1 };
  let requests = due.copy.requests;
  try {
    const made = await getUnderWay(storage, id, index);
    await attempt(parts, entry, copy.to, made, {
      ...options,
      onRequest: () => void requests++,
      keep: async (next, messageId) => {
        copy = { ...copy, messageId, requests };
        await storage.transact(async (writer) => {
          putUnderWay(writer, id, index, next);
          putCopy(writer, id, index, copy);
        });
      },
    });
  } catch (error) {
    copy = { ...copy, requests };
    if (options.signal?.aborted === true) {
      // The owner stopped it, which is no failed attempt.
      await storage.transact(async (writer) => putCopy(writer, id, index, { ...copy, state: "queued", attempts: due.copy.attempts }));
      throw options.signal.reason;
    }
    if (!isSmimpError(error)) throw error;
    await settle(parts, { ...due, copy }, error);
    return OUT_OF_ORDER.has(error.code) ? error : null;
  }
  copy = { ...copy, requests, state: "sent", reason: null, detail: null };
  await storage.transact(async (writer) => {
    putUnderWay(writer, id, index, null);
    putCopy(writer, id, index, copy);
    if (!entry.automatic) await noteWrittenTo(storage, writer, parts.self.address, copy.to);
  });
  publish(parts, due, "sent", copy);
  return null;
}

/** An attempt that isn't made, since others have just found the server out of order: as if it had been. */
export async function postpone(parts: DeliveryParts, due: Due, fault: SmimpError): Promise<void> {
  await settle(parts, { ...due, copy: { ...due.copy, attempts: due.copy.attempts + 1 } }, fault);
}

/** What failed waits for another attempt, or has failed for good. */
async function settle(parts: DeliveryParts, due: Due, fault: SmimpError): Promise<void> {
  const { storage, clock, random } = parts;
  const { entry, index, copy: before } = due;
  const { code, message: detail, retryAfter } = fault;
  const { attempts, since } = before;
  const next = isPassing(code) ? nextAttempt({ attempts, queuedAt: since, now: clock(), retryAfter, random }) : null;
  if (next !== null) {
    const copy: CopyDocument = { ...before, state: "queued", reason: code, detail, nextAttemptAt: next };
    await storage.transact(async (writer) => putCopy(writer, entry.id, index, copy));
    due.changed(shownCopy(copy));
    return;
  }
  const copy: CopyDocument = { ...before, state: "failed", reason: code, detail };
  const notice = await storage.transact(async (writer) => {
    putCopy(writer, entry.id, index, copy);
    // Its owner didn't write it, and needs not know that nobody got it.
    return entry.automatic ? null : postFailure(writer, parts, entry, copy, isPassing(code));
  });
  if (notice !== null) parts.events.publish({ type: "notice", notice });
  publish(parts, due, "failed", copy);
}

function publish({ events }: DeliveryParts, due: Due, type: "sent" | "failed", copy: CopyDocument): void {
  events.publish({ type, entry: due.changed(shownCopy(copy)), copy: shownCopy(copy) });
}

function postFailure(
  writer: StorageWriter,
  { notices }: DeliveryParts,
  { subject }: EntryDocument,
  { to, reason, detail }: CopyDocument,
  gaveUp: boolean,
): Notice {
  const why = detail ?? reason ?? "unknown";
  const text = gaveUp
    ? `"${subject}" could not be delivered to ${to} for 5 days and is not tried any more (${why})`
    : `"${subject}" was not delivered to ${to}: ${why}`;
  return notices.post(writer, { code: gaveUp || reason === null ? "delivery_given_up" : reason, address: to, detail: text });
}
