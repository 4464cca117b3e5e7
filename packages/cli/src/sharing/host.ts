import { chmod } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import type { StorageSharing } from "@smimp/client/sqlite";
import { createCaller, type Caller, type Message } from "./calls.ts";
import { openChannel, type Channel } from "./channel.ts";
import { freshSocket, removeDoor, writeDoor } from "./door.ts";

/** Guests at a time, and how long one may take to show that it knows the secret, milliseconds. */
const MAX_GUESTS = 32;
const PATIENCE = 5_000;
/** How long calls of guests may still take when the host wants to end, milliseconds. */
const GRACE = 30_000;

/** What host and guest tell each other beside calls: what is shared; that the host wants to end; that the guest calls no more. */
export type Notice = { readonly type: "shape"; readonly shape: Shape } | { readonly type: "closing" } | { readonly type: "bye" };

/** What an object shares: methods, other objects, plain values. */
export type Shape = {
  readonly [name: string]:
    | { readonly is: "method" }
    | { readonly is: "value"; readonly value: unknown }
    | { readonly is: "object"; readonly shape: Shape };
};

/** A mailbox that other processes of the same person work in as well. */
export interface Host {
  /** Guests that are there now. */
  guests(): number;
  /** Lets nobody in any more, waits for calls that are under way, and ends. */
  close(): Promise<void>;
}

interface Guest {
  readonly channel: Channel;
  readonly caller: Caller;
  saidBye: boolean;
}

/** Shares an object with this person's other processes, as long as this one has the mailbox open. */
export async function startHost(home: string, { sealedKey, secret }: StorageSharing, shared: object): Promise<Host> {
  const guests = new Set<Guest>();
  const sockets = new Set<Socket>();
  const shape = shapeOf(shared);
  let closing = false;

  const server = createServer((socket) => {
    // Takes nobody's time: a guest that lives on keeps no host alive.
    socket.unref();
    if (closing || sockets.size >= MAX_GUESTS) return void socket.destroy();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    void welcome(socket);
  });

  async function welcome(socket: Socket): Promise<void> {
    const timer = setTimeout(() => socket.destroy(), PATIENCE).unref();
    let guest: Guest | null = null;
    const early: unknown[] = [];
    const channel = await openChannel(socket, { secret, side: "host" }, (message) => {
      if (guest === null) early.push(message);
      else hear(guest, message as Message | Notice);
    });
    clearTimeout(timer);
    if (channel === null) return;
    const mine: Guest = { channel, caller: createCaller(shared, (message) => channel.send(message)), saidBye: false };
    guest = mine;
    guests.add(mine);
    channel.send({ type: "shape", shape } satisfies Notice);
    for (const message of early) hear(mine, message as Message | Notice);
    if (closing) channel.send({ type: "closing" } satisfies Notice);
    await channel.closed;
    guests.delete(mine);
    mine.caller.end();
  }

  function hear(guest: Guest, message: Message | Notice): void {
    if (message.type === "bye") guest.saidBye = true;
    else if (message.type !== "shape" && message.type !== "closing") guest.caller.receive(message);
  }

  // Whoever had the mailbox before is gone: what stands on its door leads nowhere.
  await removeDoor(home);
  const socket = await freshSocket(home);
  await listen(server, socket);
  if (process.platform !== "win32") await chmod(socket, 0o600);
  await writeDoor(home, { socket, sealedKey });

  return {
    guests: () => guests.size,
    close: async () => {
      closing = true;
      await removeDoor(home);
      server.close();
      for (const { channel } of guests) channel.send({ type: "closing" } satisfies Notice);
      const deadline = performance.now() + GRACE;
      const busy = (): boolean => [...guests].some(({ saidBye, caller }) => !saidBye || caller.working() > 0);
      while (busy() && performance.now() < deadline) {
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      }
      for (const each of sockets) each.destroy();
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  server.unref();
}

function shapeOf(value: object): Shape {
  return Object.fromEntries(
    Object.entries(value).map(([name, each]: [string, unknown]) => {
      if (typeof each === "function") return [name, { is: "method" }];
      if (typeof each === "object" && each !== null) return [name, { is: "object", shape: shapeOf(each) }];
      return [name, { is: "value", value: each }];
    }),
  );
}
