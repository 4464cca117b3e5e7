import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { existsSync } from "node:fs";
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

/** The database is whole, what refers to something finds it, and every blob that a row names is there. */
export function assureDatabase(node: ServerFolder): void {
  const check = rowsOf(node, "PRAGMA integrity_check").map((row) => String(row["integrity_check"]));
  assure(check.length === 1 && check[0] === "ok", `${node.domain}: the database is damaged: ${check.join("; ")}`);
  assure(rowsOf(node, "PRAGMA foreign_key_check").length === 0, `${node.domain}: a row refers to nothing`);
  for (const row of rowsOf(node, "SELECT address, used_bytes FROM accounts")) {
    const [sum] = rowsOf(node, "SELECT coalesce(sum(size), 0) AS bytes FROM messages WHERE recipient = ?", String(row["address"]));
    assure(sum?.["bytes"] === row["used_bytes"], `${node.domain}: the bytes of ${String(row["address"])} are counted wrongly`);
  }
  for (const row of rowsOf(node, "SELECT file FROM message_blobs UNION ALL SELECT file FROM uploads")) {
    const file = String(row["file"]);
    assure(existsSync(join(node.dataDir(), "blobs", file.slice(0, 2), file)), `${node.domain}: the blob ${file} is gone`);
  }
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
