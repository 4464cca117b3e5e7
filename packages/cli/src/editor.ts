import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError, EXIT } from "./failure.ts";

// A text that somebody writes lies in a file only while their editor runs: in a folder that nobody else can enter, in memory where the
// system has such a place, and taken away however the editor or this program ends. What a program left that could do nothing any more
// is taken away by the next one.

const PREFIX = "smimp-edit-";

/** Signals that end a program and let it clean up. */
const ENDING = ["SIGTERM", "SIGHUP"] as const;

/** A text as somebody leaves it in their editor. Throws CliError where the editor fails, or this program is told to end. */
export async function editedText(initial: string): Promise<string> {
  const editor = process.env["VISUAL"] ?? process.env["EDITOR"] ?? "nano";
  await removeAbandoned();
  const folder = await mkdtemp(join(place(), `${PREFIX}${process.pid}-`));
  try {
    const file = join(folder, "message.md");
    await writeFile(file, initial, { mode: 0o600 });
    await edit(editor, file);
    return await readFile(file, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A folder of the person's own that is gone when they log out, or the one for everybody's temporary files. */
function place(): string {
  return process.env["XDG_RUNTIME_DIR"] ?? tmpdir();
}

async function edit(editor: string, file: string): Promise<void> {
  const child = spawn(editor, [file], { stdio: "inherit", shell: editor.includes(" ") });
  let stopped: CliError | null = null;
  // Ctrl-C is the editor's own while it runs.
  const ignore = (): void => undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stopped = new CliError("Stopped.", { exitCode: EXIT.stopped });
    child.kill(signal);
  };
  process.on("SIGINT", ignore);
  for (const signal of ENDING) process.on(signal, stop);
  const status = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("exit", resolve);
  });
  process.removeListener("SIGINT", ignore);
  for (const signal of ENDING) process.removeListener(signal, stop);
  if (stopped !== null) throw stopped;
  if (status === 0) return;
  throw new CliError(`The editor (${editor}) failed.`, { advice: "Set EDITOR, or give the text with --text or --file." });
}

/** Takes away what programs left that were killed. */
export async function removeAbandoned(): Promise<void> {
  const names = await readdir(place()).catch(() => []);
  for (const name of names) {
    const pid = new RegExp(`^${PREFIX}(\\d{1,10})-`).exec(name)?.[1];
    // Somebody else's can't be removed; that is theirs to mind.
    if (pid !== undefined && !isRunning(Number(pid)))
      await rm(join(place(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
