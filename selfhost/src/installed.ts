import { execFileSync } from "node:child_process";

/** Throws where a program of Debian's isn't there, and says how to get it. */
export function assertInstalled(program: string, from = program): void {
  try {
    execFileSync("which", [program], { stdio: "ignore", env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` } });
  } catch {
    throw new Error(`${program} isn't there: apt-get install ${from}`);
  }
}
