import { hashStream, randomBytes, SmimpError, toHex, toHex32, type Brand, type Hex32 } from "@smimp/protocol";
import { mkdir, open, readdir, rename, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** Name of a blob's file, made by `BlobFiles.receive` only: never two alike, also for the same blob. */
export type BlobFile = Brand<string, "BlobFile">;

/** A blob's file that is held open until `release`. */
export interface HeldFile {
  /** Its bytes, in pieces of at most so many; all but the last are that long. */
  pieces(size: number): AsyncGenerator<Uint8Array>;
  release(): Promise<void>;
}

/** Files that a transaction lets go; they are deleted after its commit. */
export type Removals = BlobFile[];

/** The bytes of attachments on the file system. */
export interface BlobFiles {
  /**
   * Stores bytes as they come, hashing them. Resolves once they and their name are on durable storage; until a row holds the
   * file it goes at the next start. Throws `too_large` beyond `maxBytes`, `bad_request` where the bytes have another hash; then, and
   * when the source fails, nothing stays behind.
   */
  receive(
    source: AsyncIterable<Uint8Array>,
    expected: { readonly hash: Hex32; readonly maxBytes: number },
  ): Promise<{ readonly file: BlobFile; readonly size: number }>;
  /**
   * The bytes of a file, from `start` to `end`, both included, if given. The file is open already: what is deleted from here on stays
   * readable. Null where there is no such file.
   */
  read(file: BlobFile, range?: { readonly start: number; readonly end: number }): Promise<Readable | null>;
  /** The file, held open: its bytes stay readable when it is deleted meanwhile. Null where there is no such file. */
  hold(file: BlobFile): Promise<HeldFile | null>;
  /** Deletes a file; none is fine. Only for files that no row holds: a transaction's own deletions happen after its commit. */
  remove(file: BlobFile): Promise<void>;
}

/** Files named by hash, by the run of the server that took them, and by number. */
const FILE = /^[0-9a-f]{64}\.[0-9a-f]{16}\.[0-9]+$/;
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** Blobs below one directory: `incoming/` holds unfinished ones, `00/` to `ff/` the finished, by the first byte of their hash. */
export class FileSystemBlobs implements BlobFiles {
  readonly #directory: string;
  readonly #incoming: string;
  readonly #run = toHex(randomBytes(8));
  #count = 0;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#incoming = join(directory, "incoming");
  }

  /** Opens (and makes) the directory. */
  static async open(directory: string): Promise<FileSystemBlobs> {
    const blobs = new FileSystemBlobs(directory);
    await mkdir(blobs.#incoming, { recursive: true, mode: DIRECTORY_MODE });
    return blobs;
  }

  async receive(
    source: AsyncIterable<Uint8Array>,
    expected: { readonly hash: Hex32; readonly maxBytes: number },
  ): Promise<{ readonly file: BlobFile; readonly size: number }> {
    const file = `${expected.hash}.${this.#run}.${this.#count++}` as BlobFile;
    const temporary = join(this.#incoming, file);
    try {
      const size = await writeDurably(temporary, source, expected);
      const shard = join(this.#directory, file.slice(0, 2));
      await mkdir(shard, { recursive: true, mode: DIRECTORY_MODE });
      // Also where it was there: another upload may have made it a moment ago and not be this far yet.
      await syncDirectory(this.#directory);
      await rename(temporary, join(shard, file));
      await syncDirectory(shard);
      return { file, size };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async read(file: BlobFile, range?: { readonly start: number; readonly end: number }): Promise<Readable | null> {
    const handle = await openIfThere(this.#pathOf(file));
    return handle === null ? null : handle.createReadStream(range ?? {});
  }

  async hold(file: BlobFile): Promise<HeldFile | null> {
    const handle = await openIfThere(this.#pathOf(file));
    return handle === null ? null : { pieces: (size) => piecesOf(handle, size), release: async () => await handle.close() };
  }

  async remove(file: BlobFile): Promise<void> {
    await rm(this.#pathOf(file), { force: true });
  }

  /** All finished files, for the integrity check. */
  async *list(): AsyncGenerator<BlobFile> {
    for (const shard of await readdir(this.#directory)) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue;
      for (const name of await readdir(join(this.#directory, shard))) {
        if (FILE.test(name)) yield name as BlobFile;
      }
    }
  }

  /** The runs that have left files here, finished or not, but for this one. */
  async runs(): Promise<ReadonlySet<string>> {
    const runs = new Set<string>();
    for (const name of await readdir(this.#incoming)) runs.add(runOf(name));
    for await (const file of this.list()) runs.add(runOf(file));
    runs.delete(this.#run);
    return runs;
  }

  /** Deletes files of those runs that are unfinished or, says `isHeld`, belong to no row. Resolves with their number. */
  async recover(runs: ReadonlySet<string>, isHeld: (file: BlobFile) => Promise<boolean>): Promise<number> {
    let deleted = 0;
    for (const name of await readdir(this.#incoming)) {
      if (!runs.has(runOf(name))) continue;
      await rm(join(this.#incoming, name), { force: true, recursive: true });
      deleted++;
    }
    for await (const file of this.list()) {
      if (!runs.has(runOf(file)) || (await isHeld(file))) continue;
      await this.remove(file);
      deleted++;
    }
    return deleted;
  }

  #pathOf(file: BlobFile): string {
    if (!FILE.test(file)) throw new TypeError("not a blob's file");
    return join(this.#directory, file.slice(0, 2), file);
  }
}

/** The run that made a file. */
function runOf(name: string): string {
  return name.split(".")[1] ?? "";
}

async function writeDurably(
  path: string,
  source: AsyncIterable<Uint8Array>,
  expected: { readonly hash: Hex32; readonly maxBytes: number },
): Promise<number> {
  const hashing = hashStream();
  let digest: Hex32 | null = null;
  const handle = await open(path, "wx", FILE_MODE);
  try {
    let size = 0;
    for await (const bytes of source) {
      size += bytes.length;
      if (size > expected.maxBytes) throw new SmimpError("too_large", "the blob is larger than this server takes");
      hashing.update(bytes);
      for (let written = 0; written < bytes.length;) {
        written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
      }
    }
    digest = toHex32(hashing.digest());
    if (digest !== expected.hash) throw new SmimpError("bad_request", "the bytes have another hash");
    await handle.sync();
    return size;
  } finally {
    // Only its end frees the memory that hashing holds.
    if (digest === null) hashing.digest();
    await handle.close();
  }
}

async function* piecesOf(handle: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await handle.read(piece, filled, size - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled > 0) yield piece.subarray(0, filled);
    if (filled < size) return;
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Makes the names in a directory durable. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
