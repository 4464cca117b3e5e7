import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

// A server that serves holds this; a tool that needs the data for itself takes it whole. SQLite's own locks end with the process that
// holds them, however it ends, on every system; a file with a process id would stay behind.

/** Name of the lock's file in the data directory. */
const LOCK_FILE = "serving.lock";

/** What SQLite says of a lock that somebody else holds. */
const SQLITE_BUSY = 5;

/** A server serves from this data directory, or a tool has it for itself. */
export class DataInUseError extends Error {
  override readonly name = "DataInUseError";
}

/** How long a server that starts waits for another one that is just looking for what a crash left, milliseconds, and between two tries. */
const PATIENCE = 10_000;
const RETRY = 50;

/** The lock of a server that starts. */
export interface ServingLock {
  /**
   * Whether nobody else serves, and nobody can begin to before `share`: what earlier runs have left belongs to nobody. Beside another server, from
   * which this one takes over, it may be that one's.
   */
  readonly alone: boolean;
  /** From here on others may serve too: one that takes over. To be called before anything is served. Throws `DataInUseError`. */
  share(): Promise<void>;
  release(): void;
}

/** Takes the lock as a server does. Throws `DataInUseError` where a tool has the data for itself. */
export async function lockToServe(dataDir: string): Promise<ServingLock> {
  const first = await tryLock(dataDir, "alone");
  let release = first ?? (await waitForShare(dataDir));
  return {
    alone: first !== null,
    async share() {
      if (first === null) return;
      // Between the two another server or a tool may come; it finds nothing of this one's, which has served nobody yet.
      first();
      release = () => undefined;
      release = await waitForShare(dataDir);
    },
    release: () => release(),
  };
}

/** Takes the lock as a tool does that needs that nobody serves. Returns what gives it back. Throws `DataInUseError`. */
export async function lockAlone(dataDir: string): Promise<() => void> {
  const release = await tryLock(dataDir, "alone");
  if (release === null) throw new DataInUseError("a server runs on this data: stop it first");
  return release;
}

async function waitForShare(dataDir: string): Promise<() => void> {
  for (const deadline = performance.now() + PATIENCE; ;) {
    const release = await tryLock(dataDir, "shared");
    if (release !== null) return release;
    if (performance.now() > deadline) throw new DataInUseError("a tool has this data for itself at the moment");
    await sleep(RETRY);
  }
}

async function tryLock(dataDir: string, how: "shared" | "alone"): Promise<(() => void) | null> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, LOCK_FILE);
  await (await open(path, "a", 0o600)).close();
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // A read transaction that stays open holds a shared lock; an exclusive one is refused beside it.
    if (how === "shared") database.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
    else database.exec("BEGIN EXCLUSIVE");
    return () => database.close();
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return null;
    throw error;
  }
}
