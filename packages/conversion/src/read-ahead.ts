/** Bytes that lie somewhere and are read in part. */
export interface ByteSource {
  readonly size: number;
  /** So many bytes from there on, or as many as there are. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** Bytes that are asked for together. */
const BLOCK = 256 * 1024;

/** A source that is looked through from its beginning to its end, a little at a time. */
export interface ReadAhead extends ByteSource {
  /** As `read`, for what lies somewhere else: what was read ahead stays. */
  peek(position: number, length: number): Promise<Uint8Array>;
}

/** Reads a source in blocks, so that looking at each of many small parts costs no more than reading all. What it gives is not to be kept. */
export function readAhead(file: ByteSource): ReadAhead {
  const { size } = file;
  let begin = 0;
  let block: Uint8Array = new Uint8Array();

  const holds = (position: number, length: number): boolean =>
    position >= begin && Math.min(size, position + length) <= begin + block.length;
  const part = (position: number, length: number): Uint8Array => block.subarray(position - begin, position - begin + length);

  return {
    size,
    read: async (position, length) => {
      if (holds(position, length)) return part(position, length);
      block = await file.read(position, Math.max(BLOCK, length));
      begin = position;
      return part(position, length);
    },
    peek: async (position, length) => (holds(position, length) ? part(position, length) : await file.read(position, length)),
  };
}
