import { createHash } from "node:crypto";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { IndexPlatform, SqlDatabase } from "./sql.ts";

/** Node's own SQLite. */
export const nodePlatform: IndexPlatform = {
  open: (image): SqlDatabase => {
    const database = new DatabaseSync(":memory:");
    if (image !== null) database.deserialize(image);
    return {
      exec: (sql) => database.exec(sql),
      select: (sql, values) => prepare(database, sql).all(...values),
      prepare: (sql) => {
        const statement = prepare(database, sql);
        return {
          run: (...values) => BigInt(statement.run(...values).lastInsertRowid),
          get: (...values) => statement.get(...values),
        };
      },
      serialize: () => database.serialize(),
      close: () => database.close(),
    };
  },
  hash: (bytes) => createHash("sha256").update(bytes).digest("hex"),
};

function prepare(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  // What FTS5 deletes gets row ids of its own beyond those that a number holds.
  statement.setReadBigInts(true);
  return statement;
}
