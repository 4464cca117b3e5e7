import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Says that a folder is the demo's own, and which process uses it. */
const MARK = "demo.pid";

/**
 * Takes a folder for a fresh run: what an earlier demo left there goes. Returns how to give it back, which leaves the data in
 * place. Throws where another demo runs in it, or where it holds something that no demo put there.
 */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  const mark = join(folder, MARK);
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder);
  if (entries.length > 0 && !entries.includes(MARK)) {
    throw new Error(`${folder} holds something else; choose another folder with --data`);
  }
  if (entries.length > 0 && runs(Number(await readFile(mark, "utf8")))) {
    throw new Error(`The demo already runs in ${folder}; stop it first (ctrl-C in its terminal)`);
  }
  // The mark goes last: a run that is cut off here leaves a folder that the next one still knows as its own.
  await Promise.all(entries.filter((each) => each !== MARK).map(async (each) => await rm(join(folder, each), { recursive: true })));
  await writeFile(mark, `${process.pid}\n`);
  return async () => await writeFile(mark, "0\n");
}

function runs(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
