import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { baseUrlOf, startNetwork } from "@smimp/testkit";
import { figure, type Figure } from "./figures.ts";

/** What the project set itself: ready in under a second, under 150 MB resident idle. */
const READY_LIMIT_SECONDS = 1;
const RESIDENT_LIMIT_MB = 150;
/** Time for a server to come to rest, milliseconds. */
const REST_MS = 1_500;
const DOMAIN = "bench.example";

/** How long a server takes from the start of its process to its first answer over TLS that it is ready, and what it holds when idle. */
export async function benchStartUp(): Promise<readonly Figure[]> {
  const started = performance.now();
  const network = await startNetwork({ domains: [DOMAIN], processes: true, config: { logLevel: "warn" } });
  try {
    const answer = await network.fetch(`${baseUrlOf(DOMAIN)}ready`, { redirect: "manual" });
    for await (const piece of answer.body ?? []) void piece;
    if (answer.status !== 200) throw new Error(`the server answers ${answer.status}`);
    const seconds = (performance.now() - started) / 1_000;
    await delay(REST_MS);
    const resident = await residentBytes(network.server(DOMAIN).process?.pid() ?? 0);
    return [
      figure("server ready", seconds, "s", READY_LIMIT_SECONDS),
      figure("server resident, idle", resident / 1_000_000, "MB", RESIDENT_LIMIT_MB),
    ];
  } finally {
    await network.close();
  }
}

const KIB = 1024;

/** Resident memory of a process: from /proc where there is one, else from `ps`. */
async function residentBytes(pid: number): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+([0-9]+) kB$/m.exec(status)?.[1]) * KIB;
  } catch {
    const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
    return Number(stdout.trim()) * KIB;
  }
}
