import { addSeconds, DAY } from "@smimp/protocol";
import { describeError } from "./describe-error.ts";
import type { Services } from "./services.ts";
import { cleanStore } from "./store/cleaning.ts";
import { deleteOldMessages } from "./store/retention.ts";

/** Milliseconds between two cleanings of what has lapsed. */
const CLEANING_MILLISECONDS = 10 * 60 * 1000;
/** Milliseconds between two looks at the log: how long what was deleted may still stand in it. */
const EMPTYING_MILLISECONDS = 5_000;

type Deps = Pick<Services, "store" | "clock" | "log" | "bus" | "settings">;

/** Deletes what runs that are over left of blobs at the start, and takes away what has lapsed or is too old, then and from time to time. Returns what stops it and waits for what is under way. */
export function startUpkeep(deps: Deps, endedRuns: ReadonlySet<string>): () => Promise<void> {
  const { store, log } = deps;
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.warn({ error: describeError(error) }, `${what} failed`);
    }
  };
  const run = async (): Promise<void> => {
    await attempt("cleaning", () => clean(deps));
    await attempt("retention", () => deleteOld(deps));
  };
  const recover = async (): Promise<void> => {
    const files = await store.recoverBlobs(endedRuns);
    if (files > 0) log.info({ files }, "unfinished blobs removed");
  };
  let running = attempt("recovery of blobs", recover).then(run);
  const timer = setInterval(() => void (running = running.then(run)), CLEANING_MILLISECONDS);
  timer.unref();
  // Where another process is at it, the next time will do.
  const emptying = setInterval(() => void attempt("emptying the log", async () => void store.emptyLog()), EMPTYING_MILLISECONDS);
  emptying.unref();
  return async () => {
    clearInterval(timer);
    clearInterval(emptying);
    await running;
  };
}

async function clean({ store, clock, settings }: Deps): Promise<void> {
  await cleanStore(store, clock(), settings.retention.inviteDays);
}

/** The operator's policy, where there is one. */
async function deleteOld({ store, clock, bus, log, settings }: Deps): Promise<void> {
  const { messageDays } = settings.retention;
  if (messageDays === 0) return;
  const now = clock();
  const count = await deleteOldMessages(store, addSeconds(now, -messageDays * DAY), now, (owner, state) => bus.publish(owner, state));
  if (count > 0) log.info({ count, days: messageDays }, "messages deleted for their age");
}
