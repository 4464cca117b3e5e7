import { hash, toHex, utf8 } from "@smimp/protocol";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What a server holds, seen from outside: whether a request that was refused left a trace. */
export interface StateWatch {
  /** Remembers what stands there now. */
  mark(): void;
  /** Names of tables that changed since `mark`; those that only count, and challenges, aside. */
  changed(): readonly string[];
  close(): void;
}

/** Tables that a refused request may well change: it counts, it is asked for work, a challenge is used up, a history is pinned. */
const MAY_CHANGE = /counter|challenge|demand|remote_histories|^kysely|^sqlite_/;

/** Watches the database of a server's data directory, read-only. */
export function watchState(dataDir: string): StateWatch {
  const database = new DatabaseSync(join(dataDir, "smimp.sqlite"), { readOnly: true, timeout: 5_000 });
  const names = (database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => !MAY_CHANGE.test(name));
  let version = -1;
  let digests = new Map<string, string>();

  const currentVersion = (): number => (database.prepare("PRAGMA data_version").get() as { data_version: number }).data_version;
  const look = (): Map<string, string> => new Map(names.map((name) => [name, digestOf(database, name)]));

  return {
    mark() {
      const now = currentVersion();
      if (now === version) return;
      version = now;
      digests = look();
    },
    changed() {
      // Changes with each commit of another connection: as long as it stands, so does everything.
      if (currentVersion() === version) return [];
      const now = look();
      return names.filter((name) => now.get(name) !== digests.get(name));
    },
    close: () => database.close(),
  };
}

function digestOf(database: DatabaseSync, table: string): string {
  const rows = database.prepare(`SELECT * FROM "${table}"`).all();
  return toHex(hash(utf8(JSON.stringify(rows, (_key, value: unknown) => (value instanceof Uint8Array ? toHex(hash(value)) : value)))));
}
