/** A value of a row. Integers may come as numbers or, where the platform wants it or they are large, as bigints. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** One row, by column. */
export type SqlRow = Readonly<Record<string, SqlValue | undefined>>;

/** A statement that was prepared. */
export interface SqlStatement {
  /** Runs it; gives the id of the row that was inserted last. */
  run(...values: readonly SqlValue[]): bigint;
  /** Its first row. */
  get(...values: readonly SqlValue[]): SqlRow | undefined;
}

/** An SQLite database in memory, with FTS5: Node's own, or one in WebAssembly. */
export interface SqlDatabase {
  exec(sql: string): void;
  /** Asks once: nothing of the statement stays. */
  select(sql: string, values: readonly SqlValue[]): readonly SqlRow[];
  /** A statement that is used again and again; it stays until the database is closed. */
  prepare(sql: string): SqlStatement;
  /** The whole database as bytes. */
  serialize(): Uint8Array;
  close(): void;
}

/** What an index needs of its platform. */
export interface IndexPlatform {
  /** Opens a database in memory: an empty one, or the one whose bytes these are. */
  open(image: Uint8Array | null): SqlDatabase;
  /** A collision-resistant hash, as text. */
  hash(bytes: Uint8Array): string | Promise<string>;
}
