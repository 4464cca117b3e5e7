import type { ThreadSummary } from "@smimp/client";
import type { Hex32 } from "@smimp/protocol";
import type { ListPlace } from "../../app/places.ts";
import type { ThreadList, ThreadRef } from "../../engine/calls/messages.ts";

/** Threads that something is done with. */
export interface Targets {
  readonly list: ThreadList;
  /** Null: all of the list, but for those in `except`. */
  readonly threads: readonly ThreadRef[] | null;
  readonly except: readonly ThreadRef[];
  readonly count: number;
}

/** What the engine is asked for, to fill a list. */
export function threadListOf(list: ListPlace): ThreadList {
  if (list.room === "folder") return { folder: list.id };
  if (list.room === "label") return { label: list.label };
  return { view: list.room };
}

/** What tells one thread of a list from another. */
export function keyOf({ threadId, messageId }: ThreadRef): Hex32 {
  return threadId ?? messageId;
}

/** How a thread is found again. */
export function refOf({ threadId, latest }: ThreadSummary): ThreadRef {
  return { threadId, messageId: latest.messageId };
}

/** Some threads, to do something with. */
export function targetsOf(list: ThreadList, threads: readonly ThreadRef[]): Targets {
  return { list, threads, except: [], count: threads.length };
}
