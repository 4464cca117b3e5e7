import { concat, utf8 } from "@smimp/protocol";

// Frames of HTTP/2 (RFC 9113) put together by hand, right or wrong. Nothing here reads what a peer sends beyond a frame's head.

/** What a client says first. */
export const PREFACE: Uint8Array = utf8("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Frame types by name. */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;

/** Flags of frames. */
export const FLAG = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** One frame; `length` where the head shall announce another one than it has. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(),
  length = payload.length,
): Uint8Array {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream >>> 0, 5);
  return concat(head, payload);
}

/** A number of four bytes. */
export function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** A header block of literals, none of them indexed or compressed, in the order given. */
export function headerBlock(headers: readonly (readonly [name: string, value: string])[]): Uint8Array {
  return concat(...headers.flatMap(([name, value]) => [0, literal(name), literal(value)]));
}

function literal(text: string): Uint8Array {
  const bytes = Buffer.from(text, "latin1");
  return concat(prefixed(bytes.length), bytes);
}

/** An integer with a prefix of 7 bits (RFC 7541 section 5.1). */
function prefixed(value: number): Uint8Array {
  if (value < 127) return Uint8Array.of(value);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

/** A request for a path that everybody may ask for. */
export function plainRequest(host: string, path: string): readonly (readonly [string, string])[] {
  return [
    [":method", "GET"],
    [":scheme", "https"],
    [":authority", host],
    [":path", path],
  ];
}

/** The frames of what a peer sent, by type; the last one may be cut. */
export function framesIn(
  bytes: Buffer,
): readonly { readonly type: number; readonly flags: number; readonly stream: number; readonly payload: Buffer }[] {
  const found = [];
  for (let at = 0; at + 9 <= bytes.length;) {
    const length = bytes.readUIntBE(at, 3);
    found.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      stream: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, at + 9 + length),
    });
    at += 9 + length;
  }
  return found;
}
