import { readFileSync } from "node:fs";
import { openLine } from "../wire/http1.ts";
import { encodeHttp1 } from "./draft.ts";
import { faultsOfLog, LONGEST_ANSWER } from "./judge.ts";
import type { World } from "./world.ts";

/** Bytes by which a server may have grown after everything that was thrown at it: its bound for bodies in memory, and room to breathe. */
export const MOST_GROWTH = 384 * 1024 * 1024;

/** Whether the server's process has ended. */
export function isGone(world: World): boolean {
  try {
    process.kill(world.process.pid(), 0);
    return false;
  } catch {
    return true;
  }
}

/** Whether the server still answers somebody new, and can still read its store. */
export async function isHealthy(world: World): Promise<boolean> {
  for (const path of ["/health", "/ready"]) {
    // oxlint-disable-next-line no-await-in-loop
    const line = await openLine(world.target);
    const request = encodeHttp1({ method: "GET", target: path, headers: [], body: new Uint8Array(), framing: "none" }, world.target.host);
    // oxlint-disable-next-line no-await-in-loop
    const { answers } = await line.talk(request, { milliseconds: LONGEST_ANSWER });
    line.close();
    if (answers[0]?.status !== 200) return false;
  }
  return true;
}

/** Bytes that the server's process holds in memory; 0 where the system doesn't tell. */
export function residentBytes(world: World): number {
  try {
    const [, kilobytes] = /VmRSS:\s+([0-9]+) kB/.exec(readFileSync(`/proc/${world.process.pid()}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** What is wrong with a server after everything; `before`: the bytes it held then. */
export async function faultsAtTheEnd(world: World, before: number): Promise<readonly string[]> {
  if (isGone(world)) return ["the server's process is gone"];
  const grown = residentBytes(world) - before;
  return [
    ...(grown < MOST_GROWTH ? [] : [`the server grew by ${Math.round(grown / 1024 / 1024)} MiB`]),
    ...((await isHealthy(world)) ? [] : ["the server is not healthy"]),
    ...faultsOfLog(world, world.process.logs()),
  ];
}
