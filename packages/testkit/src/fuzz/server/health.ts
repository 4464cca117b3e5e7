import { readFileSync, writeFileSync } from "node:fs";
import { openLine } from "../wire/http1.ts";
import { encodeHttp1 } from "./draft.ts";
import { faultsOfLog, LONGEST_ANSWER } from "./judge.ts";
import type { World } from "./world.ts";

const MIB = 1024 * 1024;
/** Bytes that a bomb unpacks to. */
export const BOMB_BYTES = 64 * MIB;
/** Bytes by which a server may grow while something is thrown at it, at its worst moment: below what one unpacked bomb would take. */
const MOST_GROWTH = BOMB_BYTES;
/** Bytes that a server may hold more than at first, during a flood or after everything, when all that nobody uses was given back. */
export const MOST_HELD = 64 * MIB;

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

/** Bytes that the server's program holds when it has given back what nobody uses. */
export async function heldBytes(world: World): Promise<number> {
  return isGone(world) ? 0 : await world.process.collect();
}

/** Tells by how much the server has grown since, at its worst moment; what is wrong with that, in a line. */
export async function watchGrowth(world: World): Promise<() => readonly string[]> {
  await heldBytes(world);
  const before = statusOf(world, "VmRSS");
  const counts = resetPeak(world);
  return () => {
    const grown = statusOf(world, counts ? "VmHWM" : "VmRSS") - before;
    return grown < MOST_GROWTH ? [] : [`the server grew by ${mebibytes(grown)} MiB`];
  };
}

/** Has the system measure the worst moment from now on; whether it does. */
function resetPeak(world: World): boolean {
  try {
    writeFileSync(`/proc/${world.process.pid()}/clear_refs`, "5");
    return true;
  } catch {
    return false;
  }
}

function statusOf(world: World, member: "VmRSS" | "VmHWM"): number {
  try {
    const [, kilobytes] = new RegExp(`${member}:\\s+([0-9]+) kB`).exec(readFileSync(`/proc/${world.process.pid()}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/** What is wrong with a server after everything; `before`: the bytes it held then. */
export async function faultsAtTheEnd(world: World, before: number): Promise<readonly string[]> {
  if (isGone(world)) return ["the server's process is gone"];
  const left = (await heldBytes(world)) - before;
  return [
    ...(left < MOST_HELD ? [] : [`the server holds ${mebibytes(left)} MiB more than at first`]),
    ...((await isHealthy(world)) ? [] : ["the server is not healthy"]),
    ...faultsOfLog(world, world.process.logs()),
  ];
}
