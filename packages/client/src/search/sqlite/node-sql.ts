import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { IndexPlatform, SqlDatabase } from "./sql.ts";

/** Node's own SQLite. */
export const nodePlatform: IndexPlatform = {
  open: (image): SqlDatabase => {
    const database = new DatabaseSync(":memory:");
    if (image !== null) database.deserialize(image);
    return {
      exec: (sql) => database.exec(sql),
      prepare: (sql) => {
        const statement = database.prepare(sql);
        // What FTS5 deletes gets row ids of its own beyond those that a number holds.
        statement.setReadBigInts(true);
        return {
          run: (...values) => BigInt(statement.run(...values).lastInsertRowid),
          get: (...values) => statement.get(...values),
          all: (...values) => statement.all(...values),
        };
      },
      serialize: () => database.serialize(),
      close: () => database.close(),
    };
  },
  hash: (bytes) => createHash("sha256").update(bytes).digest("hex"),
};
