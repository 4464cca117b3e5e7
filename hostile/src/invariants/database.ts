import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { join } from "node:path";
import type { ServerFolder } from "../facts.ts";
import { assure } from "../violation.ts";

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Looks into a server's database, beside the server. */
export function rowsOf(node: ServerFolder, sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
  const database = new DatabaseSync(join(node.dataDir(), "smimp.sqlite"), { readOnly: true, timeout: 5_000 });
  try {
    return database.prepare(sql).all(...values);
  } finally {
    database.close();
  }
}

/** The database is whole, its sums are right, and every blob that a row names is there. */
export async function assureDatabase(node: ServerFolder): Promise<void> {
  const faults = await node.check();
  assure(faults.length === 0, `${node.domain}: ${faults.join("; ")}`);
}

/** Every single-use key that stands in an envelope stands there once, and is known to have been given out. */
export function assureKeysOnce(node: ServerFolder): void {
  const users = new Map<string, string>();
  for (const row of rowsOf(node, "SELECT recipient, message_id, data FROM messages")) {
    const { key_id: keyId } = JSON.parse(String(row["data"])) as { key_id: string };
    const [key] = rowsOf(node, "SELECT kind, state FROM message_keys WHERE address = ? AND key_id = ?", String(row["recipient"]), keyId);
    assure(key !== undefined, `${node.domain}: a message is sealed to a key that was never there`);
    if (key["kind"] !== "ephemeral") continue;
    assure(key["state"] !== "held", `${node.domain}: key ${keyId} is used and would be given out again`);
    assure(!users.has(keyId), `${node.domain}: two messages are sealed to single-use key ${keyId}`);
    users.set(keyId, String(row["message_id"]));
  }
}
