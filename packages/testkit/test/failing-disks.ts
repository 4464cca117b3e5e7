import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk that a test can let fail, for a process that has its files on it. */
export interface FailingDisk {
  /** What is wrong with it while it fails; and that it is only the nearest to it, where this machine has no means for more. */
  readonly fault: string;
  readonly folder: string;
  /** What the process must have in its environment from its start. */
  readonly env: Readonly<Record<string, string>>;
  fail(pid: number): void;
  heal(pid: number): void;
  close(): void;
}

/** Bytes of the small disk. */
const SIZE = 24 * 1024 * 1024;
/** Written in ever smaller pieces, so that not one byte is left. */
const PIECES = [1 << 20, 1 << 12, 1];

/**
 * The ways in which a disk fails here. What a machine has no means for fails in the nearest way that it has, and says so in its title
 * and on the console; under CI it is an error, since nobody reads titles of what passes.
 */
export function failingDisks(): readonly FailingDisk[] {
  return [
    fullDisk() ?? instead("a full disk", "nothing can be mounted here (mount, as root)"),
    unwritable("a disk that fails to write"),
    unsyncable() ?? instead("a disk that fails to sync", "there is no compiler here (cc, with libc's headers)"),
  ];
}

function instead(fault: string, why: string): FailingDisk {
  const note = `${fault} can't be made: ${why}`;
  if (process.env["CI"] === "true") throw new Error(note);
  process.stderr.write(`${note}; writes fail instead\n`);
  return unwritable(`a disk that fails to write, in place of ${fault}`);
}

const temporary = (): string => mkdtempSync(join(tmpdir(), "smimp-disk-"));

/** A small file system of its own, which is filled to the last byte. Null where nothing can be mounted. */
function fullDisk(): FailingDisk | null {
  const folder = temporary();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
  const ballast = join(folder, "ballast");
  return {
    fault: "a full disk",
    folder,
    env: {},
    fail: () => fill(ballast),
    heal: () => rmSync(ballast, { force: true }),
    close: () => {
      execFileSync("umount", [folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

function fill(file: string): void {
  const handle = openSync(file, "a");
  try {
    for (const piece of PIECES) {
      try {
        for (;;) writeSync(handle, new Uint8Array(piece));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    }
  } finally {
    closeSync(handle);
  }
}

/** Every write of the process to a file is refused by the system, beyond its first byte. */
function unwritable(fault: string): FailingDisk {
  const folder = temporary();
  const limit = (pid: number, bytes: string): void => void execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]);
  return {
    fault,
    folder,
    env: {},
    fail: (pid) => limit(pid, "1"),
    heal: (pid) => limit(pid, "unlimited"),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

// What the system says to a program whose disk takes writes and loses them: an error of fsync.
const SHIM = `
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int broken(void) { const char *flag = getenv("BROKEN_SYNC"); return flag && access(flag, F_OK) == 0; }
int fsync(int fd) { if (broken()) { errno = EIO; return -1; } return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
int fdatasync(int fd) { if (broken()) { errno = EIO; return -1; } return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
`;

/** Writes go through and their syncing fails. Null where there is no compiler to make that with. */
function unsyncable(): FailingDisk | null {
  const folder = temporary();
  const library = join(folder, "sync.so");
  const source = join(folder, "sync.c");
  const flag = join(folder, "broken");
  writeFileSync(source, SHIM);
  try {
    execFileSync("cc", ["-shared", "-fPIC", "-D_GNU_SOURCE", "-o", library, source, "-ldl"], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
  return {
    fault: "a disk that fails to sync",
    folder,
    env: { LD_PRELOAD: library, BROKEN_SYNC: flag },
    fail: () => writeFileSync(flag, ""),
    heal: () => {
      if (existsSync(flag)) rmSync(flag);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
