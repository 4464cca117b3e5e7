import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

// A server that serves holds this; a tool that needs the data for itself takes it whole. SQLite's own locks end with the process that
// holds them, however it ends, on every system; a file with a process id would stay behind.

/** Name of the lock's file in the data directory. */
const LOCK_FILE = "serving.lock";

/** A server serves from this data directory, or a tool has it for itself. */
export class DataInUseError extends Error {
  override readonly name = "DataInUseError";
}

/** Takes the lock: `shared` as a server does, of which there may be two while one takes over from the other; `alone` as a tool that needs that nobody serves. Returns what gives it back. Throws `DataInUseError`. */
export async function lockDataDir(dataDir: string, how: "shared" | "alone"): Promise<() => void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, LOCK_FILE);
  await (await open(path, "a", 0o600)).close();
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // A read transaction that stays open holds a shared lock; an exclusive one is refused beside it.
    if (how === "shared") database.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
    else database.exec("BEGIN EXCLUSIVE");
    return () => database.close();
  } catch (cause) {
    database.close();
    const problem = how === "shared" ? "a tool has this data for itself at the moment" : "a server runs on this data: stop it first";
    throw new DataInUseError(problem, { cause });
  }
}
