/** The disk is full or fails: what was to be written was not, and all that was there before still is. */
export class StorageFailedError extends Error {
  override readonly name = "StorageFailedError";
}

/** What SQLite says of a disk, by the last byte of its code. */
const DISK_FAULTS: Readonly<Record<number, string>> = {
  8: "it can't be written to",
  10: "the disk reports an error",
  13: "the disk is full",
  14: "a file can't be opened",
};

/** An error of the disk in words, as a StorageFailedError; any other as it is. */
export function storageFault(error: unknown): unknown {
  const fault = DISK_FAULTS[((error as { errcode?: number }).errcode ?? 0) & 0xff];
  return fault === undefined ? error : new StorageFailedError(`nothing was stored: ${fault}`, { cause: error });
}
