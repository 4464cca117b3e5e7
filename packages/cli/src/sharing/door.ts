import { chmod, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fromB64, isSmimpError, randomBytes, toB64, toHex } from "@smimp/protocol";

// Where the process that has a mailbox open can be reached: a file in the home says so. It is there only while the process serves others,
// or after it was killed; whoever opens the mailbox next takes it away.

/** What stands on the door. */
export interface Door {
  /** The path of a Unix socket, or the name of a pipe on Windows. */
  readonly socket: string;
  /** The mailbox's key, sealed under the passphrase as it is in its file: what the secret of the line is found with. */
  readonly sealedKey: Uint8Array;
}

/** Bytes of the longest path that every system takes for a socket. */
const MAX_SOCKET_PATH = 100;

function fileOf(home: string): string {
  return join(home, "mailbox.door");
}

/** What stands on the door of a home; null where there is none. */
export async function readDoor(home: string): Promise<Door | null> {
  try {
    const { socket, sealed_key } = JSON.parse(await readFile(fileOf(home), "utf8")) as Readonly<Record<string, unknown>>;
    return typeof socket === "string" && typeof sealed_key === "string" ? { socket, sealedKey: fromB64(sealed_key) } : null;
  } catch (error) {
    // Being made or taken away in this very moment.
    if (error instanceof SyntaxError || isSmimpError(error) || (error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Puts it on the door, for the owner alone. */
export async function writeDoor(home: string, { socket, sealedKey }: Door): Promise<void> {
  const fresh = `${fileOf(home)}.new`;
  await writeFile(fresh, JSON.stringify({ socket, sealed_key: toB64(sealedKey) }), { mode: 0o600 });
  await chmod(fresh, 0o600);
  await rename(fresh, fileOf(home));
}

/** Takes the door of a home away, and the socket behind it. To be called only by whoever has the mailbox open. */
export async function removeDoor(home: string): Promise<void> {
  const door = await readDoor(home).catch(() => null);
  await rm(fileOf(home), { force: true });
  if (door === null || process.platform === "win32") return;
  await rm(door.socket, { force: true });
  // A folder of our own that held nothing else.
  if (dirname(door.socket) !== home) await rm(dirname(door.socket), { recursive: true, force: true });
}

/** A place for a new socket: in the home, or where its path would be too long in a folder that only its owner can enter. */
export async function freshSocket(home: string): Promise<string> {
  if (process.platform === "win32") return `\\\\.\\pipe\\smimp-${toHex(randomBytes(16))}`;
  const inHome = join(home, "mailbox.sock");
  if (Buffer.byteLength(inHome) <= MAX_SOCKET_PATH) return inHome;
  return join(await mkdtemp(join(tmpdir(), "smimp-door-")), "mailbox.sock");
}
