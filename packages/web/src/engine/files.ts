// Files that the engine writes. Where the browser lets the owner choose a place on their disk, a file goes there piece by piece, however
// large it is; elsewhere it is gathered as a Blob, which browsers keep on their disk, and the page lets it be downloaded.

/** Where a file goes: a place that the owner has chosen, or null for a Blob. */
export type FileTarget = FileSystemFileHandle | null;

/** A file that is being written. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Writes what is a Blob already, behind all that was written before. */
  append(piece: Blob): Promise<void>;
  /** The file is whole: the Blob, or null where it is on the disk. */
  finish(): Promise<Blob | null>;
  /** Nothing of it stays. */
  abandon(): Promise<void>;
}

/** Bytes that are written together. */
const PIECE = 1024 * 1024;

/** Begins to write a file. */
export async function openFile(target: FileTarget, type: string): Promise<FileWriter> {
  const sink = target === null ? blobSink(type) : await diskSink(target);
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;

  async function flush(): Promise<void> {
    if (size === 0) return;
    const piece = new Blob(waiting);
    waiting = [];
    size = 0;
    await sink.write(piece);
  }

  return {
    write: async (bytes) => {
      waiting.push(Uint8Array.from(bytes));
      size += bytes.length;
      if (size >= PIECE) await flush();
    },
    append: async (piece) => {
      await flush();
      await sink.write(piece);
    },
    finish: async () => {
      await flush();
      return await sink.finish();
    },
    abandon: sink.abandon,
  };
}

interface Sink {
  write(piece: Blob): Promise<void>;
  finish(): Promise<Blob | null>;
  abandon(): Promise<void>;
}

function blobSink(type: string): Sink {
  const pieces: Blob[] = [];
  return {
    write: async (piece) => {
      pieces.push(piece);
      await Promise.resolve();
    },
    finish: async () => await Promise.resolve(new Blob(pieces, { type })),
    abandon: async () => {
      pieces.length = 0;
      await Promise.resolve();
    },
  };
}

async function diskSink(handle: FileSystemFileHandle): Promise<Sink> {
  const stream = await handle.createWritable();
  return {
    write: async (piece) => await stream.write(piece),
    finish: async () => {
      await stream.close();
      return null;
    },
    abandon: async () => await stream.abort(),
  };
}
