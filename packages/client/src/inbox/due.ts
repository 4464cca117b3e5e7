import { addSeconds, type Hex32, type Timestamp } from "@smimp/protocol";
import { FIRST_WAIT, isDue, LONGEST_WAIT } from "../outbox/back-off.ts";
import { documents } from "../storage/documents.ts";
import type { StorageReader, StorageWriter } from "../storage/storage.ts";

// What a sync knows that it still has to do, kept so that whoever is interrupted goes on there.

/** A message that could not be read or stored when it was fetched. */
export interface RetryDocument {
  readonly messageId: Hex32;
  readonly attempts: number;
  readonly nextAttemptAt: Timestamp;
}

const toFetch = documents<{ readonly messageId: Hex32 }>("to-fetch");
const toRefresh = documents<{ readonly messageId: Hex32 }>("to-refresh");
const toRetry = documents<RetryDocument>("to-retry");
const echoes = documents<{ readonly messageId: Hex32 }>("echoes");

/** Attempts after which a message is left alone that can't be read or stored. */
const MAX_ATTEMPTS = 12;

/** Messages that are listed and not fetched, newest first. */
export async function listToFetch(
  reader: StorageReader,
  limit: number,
): Promise<readonly { readonly listKey: string; readonly messageId: Hex32 }[]> {
  return (await toFetch.list(reader, { reverse: true, limit })).map(({ key, document }) => ({ listKey: key, ...document }));
}

/** Notes that a listed message is to be fetched, or that it was. */
export function setToFetch(writer: StorageWriter, listKey: string, messageId: Hex32 | null): void {
  if (messageId === null) toFetch.delete(writer, listKey);
  else toFetch.put(writer, listKey, { messageId });
}

/** Messages here that changed on the server. */
export async function listToRefresh(reader: StorageReader, limit: number): Promise<readonly Hex32[]> {
  return (await toRefresh.list(reader, { limit })).map(({ document }) => document.messageId);
}

/** Notes that a message changed on the server, or that this device knows how. */
export function setToRefresh(writer: StorageWriter, messageId: Hex32, due: boolean): void {
  if (due) toRefresh.put(writer, messageId, { messageId });
  else toRefresh.delete(writer, messageId);
}

/** Messages that are to be fetched once more by now. */
export async function listToRetry(reader: StorageReader, now: Timestamp): Promise<readonly Hex32[]> {
  return (await toRetry.list(reader)).flatMap(({ document }) =>
    isDue(document.nextAttemptAt, now, LONGEST_WAIT) ? [document.messageId] : [],
  );
}

/** How many messages wait for another attempt. */
export async function countToRetry(reader: StorageReader): Promise<number> {
  return (await toRetry.list(reader)).length;
}

/** Notes that a message could not be read or stored; whether it will be tried again. */
export async function retryLater(writer: StorageWriter, messageId: Hex32, now: Timestamp): Promise<boolean> {
  const attempts = ((await toRetry.get(writer, messageId))?.attempts ?? 0) + 1;
  if (attempts >= MAX_ATTEMPTS) {
    toRetry.delete(writer, messageId);
    return false;
  }
  const wait = attempts === 1 ? 0 : Math.min(FIRST_WAIT * 2 ** (attempts - 2), LONGEST_WAIT);
  toRetry.put(writer, messageId, { messageId, attempts, nextAttemptAt: addSeconds(now, wait) });
  return true;
}

/** Notes that a message needs no further attempt. */
export function noRetry(writer: StorageWriter, messageId: Hex32): void {
  toRetry.delete(writer, messageId);
}

/** Messages whose last change was this device's own archive. */
export async function listEchoes(reader: StorageReader): Promise<ReadonlySet<Hex32>> {
  return new Set((await echoes.list(reader)).map(({ document }) => document.messageId));
}

/** Notes that a change of a message comes from here, or that it was heard of. */
export function setEcho(writer: StorageWriter, messageId: Hex32, expected: boolean): void {
  if (expected) echoes.put(writer, messageId, { messageId });
  else echoes.delete(writer, messageId);
}
