import type { Socket } from "node:net";
import { deserialize, serialize } from "node:v8";
import { concat, keyedHash, openBox, randomBytes, sealBox, utf8 } from "@smimp/protocol";

// Two processes of one person talk in sealed frames under a key that both make of the mailbox's secret and of a random number from each
// side. So neither a look-alike of the other side nor anybody in between learns or says anything, whoever may open the socket.

/** Random bytes that each side begins with. */
const NONCE_BYTES = 32;
const LENGTH_BYTES = 4;
/** Bytes of a frame; the first of each side are short. */
const MAX_FIRST_FRAME = 64 * 1024;
const MAX_FRAME = 512 * 1024 * 1024;

/** A sealed line to another process. */
export interface Channel {
  /** Sends a value; nothing happens once the line is closed. */
  send(message: unknown): void;
  close(): void;
  /** Resolves once the line is closed, by whichever side or by a fault. */
  readonly closed: Promise<void>;
}

/** Which side one is: the process that has the mailbox open, or one that joins it. */
export type Side = "host" | "guest";

/**
 * Opens a sealed line over a socket; `receive` gets what the other side sends, in order. Whatever is not sealed with the same secret
 * closes the line. Resolves once the other side has shown that it knows the secret, or with null if it hasn't before the line closed.
 */
export async function openChannel(
  socket: Socket,
  { secret, side }: { readonly secret: Uint8Array; readonly side: Side },
  receive: (message: unknown, channel: Channel) => void,
): Promise<Channel | null> {
  const mine = randomBytes(NONCE_BYTES);
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<Channel | null>();
  let pieces: Uint8Array[] = [];
  let gathered = 0;
  let needed = NONCE_BYTES;
  let keys: { readonly out: Uint8Array; readonly in: Uint8Array } | null = null;
  let inFrame = false;
  let sent = 0;
  let received = 0;

  const channel: Channel = {
    send: (message) => {
      if (keys !== null && !socket.destroyed) socket.write(frame(sealBox(keys.out, counter(sent++), serialize(message), randomBytes)));
    },
    close: () => void socket.destroy(),
    closed,
  };

  socket.on("data", (piece: Uint8Array) => {
    pieces.push(piece);
    gathered += piece.length;
    try {
      // Put together once there is enough, not with each piece.
      if (gathered >= needed) read(concat(...pieces.splice(0)));
    } catch {
      // Not sealed with our secret, or no frame at all.
      socket.destroy();
    }
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    close();
    ready.resolve(null);
  });
  socket.write(mine);

  function read(bytes: Uint8Array): void {
    let at = 0;
    for (; at + needed <= bytes.length;) {
      const part = bytes.subarray(at, at + needed);
      at += needed;
      needed = take(part);
    }
    const rest = bytes.slice(at);
    [pieces, gathered] = [[rest], rest.length];
  }

  /** Takes what was waited for; how many bytes are waited for next. */
  function take(part: Uint8Array): number {
    if (keys === null) {
      keys = keysOf(secret, side, mine, part);
      // Shows that this side knows the secret.
      channel.send("hello");
      return LENGTH_BYTES;
    }
    if (!inFrame) {
      const length = new DataView(part.buffer, part.byteOffset).getUint32(0);
      if (length > (received === 0 ? MAX_FIRST_FRAME : MAX_FRAME)) throw new RangeError("too long a frame");
      inFrame = true;
      return length;
    }
    inFrame = false;
    const message: unknown = deserialize(openBox(keys.in, counter(received++), part));
    if (received === 1) ready.resolve(channel);
    else receive(message, channel);
    return LENGTH_BYTES;
  }

  return await ready.promise;
}

function keysOf(
  secret: Uint8Array,
  side: Side,
  mine: Uint8Array,
  theirs: Uint8Array,
): { readonly out: Uint8Array; readonly in: Uint8Array } {
  const [guest, host] = side === "guest" ? [mine, theirs] : [theirs, mine];
  const key = keyedHash(secret, concat(utf8("smimp shared mailbox"), 0, guest, host));
  const [fromGuest, fromHost] = [keyedHash(key, utf8("guest")), keyedHash(key, utf8("host"))];
  return side === "guest" ? { out: fromGuest, in: fromHost } : { out: fromHost, in: fromGuest };
}

/** The number of a frame in its direction: none can be left out, repeated or put elsewhere. */
function counter(number: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

function frame(box: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, box.length);
  return concat(length, box);
}
