import { writeSync } from "node:fs";
import { describeError } from "./describe-error.ts";

/**
 * For the program that runs a server, once at its start, in place of any other listener: an error that nobody awaits ends it with status 1
 * and a line that says where the error came from. Node by itself would print all that the error holds, which may be what somebody sent.
 * Nor are diagnostic reports written, whatever Node was told: they hold the environment, and whom the server is connected to. Whoever
 * restarts it finds the data whole.
 */
export function endOnUnforeseenErrors(): void {
  Object.assign(process.report, { excludeEnv: true, reportOnFatalError: false, reportOnSignal: false, reportOnUncaughtException: false });
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error: unknown) => {
    const line = { level: 60, time: new Date().toISOString(), error: describeError(error), msg: "unforeseen error: ending" };
    // At once: what is written later is lost with the process.
    writeSync(2, `${JSON.stringify(line)}\n`);
    process.exit(1);
  });
}
