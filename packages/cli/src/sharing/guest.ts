import { connect, type Socket } from "node:net";
import { createCaller, type Caller, type Message } from "./calls.ts";
import { openChannel, type Channel } from "./channel.ts";
import type { Notice, Shape } from "./host.ts";

/** A line to the process that has the mailbox open. */
export interface Guest {
  readonly caller: Caller;
  readonly shape: Shape;
  /** The host is there, and wants to go on. */
  isOpen(): boolean;
  close(): void;
}

/** How long a host may take to answer, milliseconds: it may be at work that holds its event loop. */
const PATIENCE = 10_000;

/** Joins the process that listens there. Null where nobody does, or nobody who knows the secret. */
export async function joinHost(path: string, secret: Uint8Array): Promise<Guest | null> {
  const socket = await connected(path);
  if (socket === null) return null;
  const timer = setTimeout(() => socket.destroy(), PATIENCE);
  const shape = Promise.withResolvers<Shape | null>();
  let open = true;
  let line: Channel | null = null;
  const caller = createCaller(null, (message) => line?.send(message));
  const channel = await openChannel(socket, { secret, side: "guest" }, (received, sealed) => {
    const message = received as Message | Notice;
    if (message.type === "shape") shape.resolve(message.shape);
    else if (message.type === "closing") {
      open = false;
      sealed.send({ type: "bye" } satisfies Notice);
    } else if (message.type !== "bye") caller.receive(message);
  });
  if (channel === null) {
    clearTimeout(timer);
    return null;
  }
  line = channel;
  void channel.closed.then(() => {
    open = false;
    shape.resolve(null);
    caller.end();
  });
  const shared = await shape.promise;
  clearTimeout(timer);
  return shared === null ? null : { caller, shape: shared, isOpen: () => open, close: channel.close };
}

async function connected(path: string): Promise<Socket | null> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(null));
  });
}
