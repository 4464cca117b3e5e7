import { sql } from "kysely";
import type { BlobFile } from "./blob-files.ts";
import type { Queries } from "./schema.ts";

/** What was found in one snapshot of a database. */
export interface Findings {
  /** What is wrong, one line each; names addresses, no content. */
  readonly faults: readonly string[];
  /** The files that rows hold. */
  readonly held: readonly BlobFile[];
}

/** Looks for what is wrong with a database: pages and indexes, references between tables, sums. */
export async function inspect(db: Queries): Promise<Findings> {
  const faults: string[] = [];
  const pages = await sql<{ integrity_check: string }>`PRAGMA integrity_check`.execute(db);
  for (const row of pages.rows) if (row.integrity_check !== "ok") faults.push(`database: ${row.integrity_check}`);
  const references = await sql<{ table: string; parent: string }>`PRAGMA foreign_key_check`.execute(db);
  for (const row of references.rows) faults.push(`${row.table}: a row refers to nothing in ${row.parent}`);

  const sums = await sql<{ address: string }>`SELECT address FROM accounts WHERE phase = 'live' AND used_bytes <>
    (SELECT coalesce(sum(size + coalesce(length(extensions), 0)), 0) FROM messages WHERE recipient = address)`.execute(db);
  for (const row of sums.rows) faults.push(`${row.address}: used bytes are not the sum of its messages`);
  const states = await sql<{ address: string }>`SELECT address FROM accounts WHERE phase = 'live' AND state <
    (SELECT coalesce(max(max(created_state, coalesce(updated_state, 0))), 0) FROM messages WHERE recipient = address)`.execute(db);
  for (const row of states.rows) faults.push(`${row.address}: a message is newer than the account's state`);
  const folders = await sql<{
    address: string;
    name: string;
  }>`SELECT f.address, f.name FROM folders f JOIN accounts a ON a.address = f.address
    WHERE a.phase = 'live' AND (f.total, f.unread) <> (SELECT count(*), coalesce(sum(1 - is_read), 0) FROM messages
      WHERE recipient = f.address AND folder = f.name AND message_type = f.message_type)`.execute(db);
  for (const row of folders.rows) faults.push(`${row.address}: the counts of folder ${row.name} are wrong`);
  const astray = await sql<{ recipient: string }>`SELECT DISTINCT recipient FROM messages WHERE folder IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM folders f WHERE f.address = recipient AND f.name = folder AND f.message_type = messages.message_type)`.execute(
    db,
  );
  for (const row of astray.rows) faults.push(`${row.recipient}: a message stands in a folder that there isn't`);
  const heads = await sql<{
    address: string;
  }>`SELECT a.address FROM accounts a LEFT JOIN records r ON r.address = a.address AND r.sequence =
    (SELECT max(sequence) FROM records WHERE address = a.address)
    WHERE a.phase = 'live' AND (r.link IS NOT a.link OR r.sequence IS NOT a.sequence)`.execute(db);
  for (const row of heads.rows) faults.push(`${row.address}: the head is not the last record`);

  const held = await sql<{ file: BlobFile }>`SELECT file FROM message_blobs UNION ALL SELECT file FROM uploads`.execute(db);
  return { faults, held: held.rows.map((row) => row.file) };
}
