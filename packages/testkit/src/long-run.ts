// How programs end that try something for long (fuzzing, models, crashes, mutants): always with the line that they promise, whatever
// befalls them outside of what they try, and with a status that says whether all was well.

/** How long something that is done at the end may take, milliseconds. */
const LONGEST_END = 30_000;

/** A run that goes on. */
export interface LongRun {
  /** Tells of a failure and counts it. */
  fail(what: string, error: unknown): void;
  /** Is done at the end, however that comes; what was named last is done first. A failure there counts too. */
  atEnd(what: string, action: () => unknown): void;
}

/** What a run does, and what it says of itself. */
export interface LongRunOptions {
  play(run: LongRun): Promise<void>;
  /** The line that it promises; is asked once. */
  lastLine(failed: number, seconds: number): string;
}

/**
 * Plays, and prints the last line: also where `play` throws, where an error comes that nobody handles, and where nothing is left to wait
 * for; each counts as a failure. With any failure the process ends with status 1.
 */
export async function longRun({ play, lastLine }: LongRunOptions): Promise<void> {
  const started = performance.now();
  const ends: { readonly what: string; readonly action: () => unknown }[] = [];
  let failed = 0;
  let over = false;
  const run: LongRun = {
    fail: (what, error) => {
      failed++;
      process.stdout.write(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    },
    atEnd: (what, action) => void ends.push({ what, action }),
  };
  const finish = (): void => {
    over = true;
    process.stdout.write(`${lastLine(failed, Math.round((performance.now() - started) / 1_000))}\n`);
    process.exitCode = failed === 0 ? 0 : 1;
  };
  process.on("exit", () => {
    if (over) return;
    run.fail("the run", "it ended before its end");
    finish();
  });
  // What nobody handles may have left the run waiting for ever.
  const broken = Promise.withResolvers<void>();
  const unhandled = (error: unknown): void => {
    run.fail("an error that nobody handled", error);
    broken.resolve();
  };
  process.on("uncaughtException", unhandled);
  process.on("unhandledRejection", (error) => {
    // Whoever else listens counts it.
    if (process.listenerCount("unhandledRejection") === 1) unhandled(error);
  });
  const playing = async (): Promise<void> => {
    try {
      await play(run);
    } catch (error) {
      run.fail("outside of what is tried", error);
    }
  };
  await Promise.race([playing(), broken.promise]);
  for (const { what, action } of ends.toReversed()) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      await withinTime(action());
    } catch (error) {
      run.fail(what, error);
    }
  }
  finish();
  // What was broken off may hold the process.
  if (failed > 0) process.exit();
}

async function withinTime(action: unknown): Promise<void> {
  const tooLong = Promise.withResolvers<never>();
  const timer = setTimeout(() => tooLong.reject(new Error("it takes too long")), LONGEST_END);
  try {
    await Promise.race([action, tooLong.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A whole number that somebody gave as an option, from the least that makes sense; null where it is none. */
export function wholeNumber(text: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number | null {
  const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : null;
}

/** Reads options; what makes no sense ends the process with status 2 and says how it is used. */
export function readOptions<Options>(usage: string, read: () => Options): Options {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}
