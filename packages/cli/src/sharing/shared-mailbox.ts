import type { Client } from "@smimp/client";
import type { SqliteStorage } from "@smimp/client/sqlite";
import { isSmimpError } from "@smimp/protocol";
import { CliError, EXIT } from "../failure.ts";
import type { Home } from "../home.ts";
import { readDoor, removeDoor } from "./door.ts";
import { joinHost, type Guest } from "./guest.ts";
import { startHost, type Host, type Shape } from "./host.ts";

// One process at a time has a mailbox open. It lets this person's other processes in: they call what it has, as if it were theirs. When
// it ends, or is killed, one of them opens the mailbox itself.

/** How long to try to get into a mailbox, and how often, milliseconds. */
const PATIENCE = 15_000;
const PAUSE = 50;
/** How long a process has a mailbox to itself before it lets others in, milliseconds: most commands are done by then. */
const ALONE = 500;

/** A mailbox that is open here, or in another process of the same person. */
export interface SharedMailbox {
  readonly client: Client;
  /** Writes a copy of the mailbox's file, as `SqliteStorage.copyTo` does. */
  copyTo(file: string): Promise<void>;
  close(): Promise<void>;
}

/** What opening needs. */
export interface OpenSharedOptions {
  readonly home: Home;
  readonly passphrase: string;
  /** Opens the client once the storage is open here. */
  open(storage: SqliteStorage): Promise<Client>;
}

/** What a process shares of an open mailbox. */
type Shared = Pick<SharedMailbox, "copyTo"> & { readonly client: object };

type Place = OwnPlace | { readonly kind: "guest"; readonly guest: Guest };

interface OwnPlace {
  readonly kind: "own";
  readonly client: Client;
  readonly shared: Shared;
  close(): Promise<void>;
}

/**
 * Opens a mailbox, or joins the process that has it open. Throws CliError for a wrong passphrase, and where a process that has it open
 * neither lets anybody in nor ends.
 */
export async function openShared(options: OpenSharedOptions): Promise<SharedMailbox> {
  const first = await findPlace(options);
  if (first.kind === "own") return { client: first.client, copyTo: first.shared.copyTo, close: first.close };
  let place: Place = first;
  let finding: Promise<Place> | null = null;

  // The host may end before this process does.
  async function here(): Promise<Place> {
    if (place.kind === "own" || place.guest.isOpen()) return place;
    finding ??= findPlace(options).finally(() => (finding = null));
    place = await finding;
    return place;
  }

  const invoke = (path: readonly string[], args: readonly unknown[]): unknown => {
    const called = here().then((there) => ({
      result: there.kind === "guest" ? there.guest.caller.call(path, args) : methodOf(there.shared, path)(...args),
    }));
    const result = called.then(async (each): Promise<unknown> => await each.result);
    // Whoever only wants the stream doesn't look here.
    result.catch(() => undefined);
    return Object.assign(result, {
      [Symbol.asyncIterator]: async function* () {
        yield* (await called).result as AsyncIterable<unknown>;
      },
    });
  };
  const remote = objectOf(first.guest.shape, invoke) as unknown as Pick<SharedMailbox, "client" | "copyTo">;
  const close = async (): Promise<void> => undefined;
  return {
    // It is the host's to close, and what it sent and received is not this process's.
    client: { ...remote.client, close, [Symbol.asyncDispose]: close, traffic: () => ({ requests: 0, bytesSent: 0, bytesReceived: 0 }) },
    copyTo: remote.copyTo,
    close: async () => await (place.kind === "own" ? place.close() : place.guest.close()),
  };
}

async function findPlace(options: OpenSharedOptions): Promise<Place> {
  const { home, passphrase } = options;
  const { openSharing } = await import("@smimp/client/sqlite");
  const deadline = performance.now() + PATIENCE;
  const secrets = new Map<string, Uint8Array>();
  for (;;) {
    const own = await openOwn(options);
    if (own !== null) return own;
    const door = await readDoor(home.directory);
    if (door !== null) {
      const name = Buffer.from(door.sealedKey).toString("hex");
      // Stretching a passphrase takes a second: once is enough.
      const secret = secrets.get(name) ?? rightPassphrase(home, () => openSharing(passphrase, door.sealedKey));
      secrets.set(name, secret);
      const guest = await joinHost(door.socket, secret);
      if (guest !== null) return { kind: "guest", guest };
    }
    if (performance.now() > deadline) {
      throw new CliError("Another smimp is using this mailbox.", { exitCode: EXIT.later, advice: "End it, or wait until it is done." });
    }
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE);
    });
  }
}

async function openOwn({ home, passphrase, open }: OpenSharedOptions): Promise<OwnPlace | null> {
  const { openSqliteStorage, StorageInUseError } = await import("@smimp/client/sqlite");
  let storage: SqliteStorage;
  try {
    storage = await openSqliteStorage({ file: home.databaseFile, passphrase, waitMilliseconds: 0 });
  } catch (error) {
    if (error instanceof StorageInUseError) return null;
    throw wrongPassphrase(home, error);
  }
  // What somebody who was killed has left.
  await removeDoor(home.directory);
  const client = await open(storage).catch(async (error: unknown) => {
    await storage.close();
    throw error;
  });
  const { close: _close, traffic: _traffic, ...methods } = client;
  const shared: Shared = { client: methods, copyTo: async (file) => await storage.copyTo(file) };
  let hosting: Promise<Host | null> = Promise.resolve(null);
  const timer = setTimeout(() => {
    // A file system that takes no sockets, or a home that can't be written to: then there is nobody else here.
    hosting = startHost(home.directory, storage.sharing, shared).catch(() => null);
  }, ALONE).unref();
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    await (await hosting)?.close();
    await client.close();
  };
  return { kind: "own", client, shared, close };
}

function rightPassphrase<Value>(home: Home, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw wrongPassphrase(home, error);
  }
}

/** The words for a wrong passphrase, if it is one. */
export function wrongPassphrase(home: Home, error: unknown): unknown {
  if (!isSmimpError(error, "decryption_failed")) return error;
  return new CliError("This is not the passphrase.", { advice: `It is the one that you chose for ${home.directory}.` });
}

function objectOf(
  shape: Shape,
  invoke: (path: readonly string[], args: readonly unknown[]) => unknown,
  path: readonly string[] = [],
): object {
  return Object.fromEntries(
    Object.entries(shape).map(([name, each]) => {
      const inner = [...path, name];
      if (each.is === "method") return [name, (...args: readonly unknown[]) => invoke(inner, args)];
      return [name, each.is === "object" ? objectOf(each.shape, invoke, inner) : each.value];
    }),
  );
}

function methodOf(shared: object, path: readonly string[]): (...args: readonly unknown[]) => unknown {
  let found: unknown = shared;
  for (const name of path) found = (found as Readonly<Record<string, unknown>>)[name];
  return found as (...args: readonly unknown[]) => unknown;
}
