import type { IndexPlatform, SqlDatabase, SqlRow, SqlValue } from "@smimp/client/search-parts";
import start, { type Database, type PreparedStatement, type Sqlite3Static } from "@sqlite.org/sqlite-wasm";

/** SQLite in WebAssembly, for the thread of the search index. */
export async function wasmPlatform(): Promise<IndexPlatform> {
  const sqlite = await start();
  return {
    open: (image) => wrap(sqlite, openDatabase(sqlite, image)),
    hash: async (bytes) => {
      const digest = await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
      return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    },
  };
}

function openDatabase({ capi, oo1, wasm }: Sqlite3Static, image: Uint8Array | null): Database {
  const database = new oo1.DB(":memory:");
  if (image === null) return database;
  // SQLite owns these bytes from here on, and lets go of them itself.
  const place = wasm.allocFromTypedArray(Uint8Array.from(image));
  const flags = capi.SQLITE_DESERIALIZE_FREEONCLOSE | capi.SQLITE_DESERIALIZE_RESIZEABLE;
  const code = capi.sqlite3_deserialize(database.pointer ?? 0, "main", place, image.length, image.length, flags);
  if (code !== 0) {
    database.close();
    throw new Error(`the image can't be opened (${code})`);
  }
  return database;
}

function wrap(sqlite: Sqlite3Static, database: Database): SqlDatabase {
  return {
    exec: (sql) => void database.exec(sql),
    select: (sql, values) => {
      const statement = database.prepare(sql);
      try {
        return rowsOf(statement, values, Number.POSITIVE_INFINITY);
      } finally {
        statement.finalize();
      }
    },
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        run: (...values) => {
          rowsOf(statement, values, Number.POSITIVE_INFINITY);
          return sqlite.capi.sqlite3_last_insert_rowid(database.pointer ?? 0);
        },
        get: (...values) => rowsOf(statement, values, 1)[0],
      };
    },
    serialize: () => sqlite.capi.sqlite3_js_db_export(database.pointer ?? 0),
    close: () => database.close(),
  };
}

function rowsOf(statement: PreparedStatement, values: readonly SqlValue[], most: number): readonly SqlRow[] {
  try {
    if (values.length > 0) statement.bind([...values]);
    const found: SqlRow[] = [];
    while (found.length < most && statement.step()) found.push(statement.get({}) as SqlRow);
    return found;
  } finally {
    statement.reset(true);
  }
}
