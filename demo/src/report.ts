import { styleText } from "node:util";

/** The steps of the demo, in order. */
export const STEPS = [
  "serve-a",
  "serve-b",
  "join-alice",
  "join-bob",
  "send-first",
  "send-known",
  "attachment",
  "receive",
  "reply",
  "history",
  "canary",
] as const;

/** Name of a step. */
export type Step = (typeof STEPS)[number];

/** What a step was found to be. */
export interface StepResult {
  readonly step: Step;
  readonly ok: boolean;
  /** Milliseconds it took. */
  readonly ms: number;
  /** Requests that the person's program sent; for servers and searches 0. */
  readonly round_trips: number;
  /** Bytes of bodies sent and received by the person's program; for `canary`, bytes searched. */
  readonly bytes: number;
}

/** Where the demo tells what it does. */
export interface Report {
  /** A step begins; `doing` says what, e.g. `Alice writes to Bob`. */
  begin(step: Step, doing: string): void;
  /** How far the step under way has come, 0 to 1. */
  progress(fraction: number): void;
  /** The step under way has ended; `proven` says what it showed. */
  end(result: StepResult, proven: string): void;
  /** A line for people only. */
  say(line: string): void;
}

/** One JSON object per line and step, and nothing else. */
export function jsonReport(write: (text: string) => void): Report {
  return {
    begin: () => undefined,
    progress: () => undefined,
    end: ({ step, ok, ms, round_trips, bytes }) => write(`${JSON.stringify({ step, ok, ms, round_trips, bytes })}\n`),
    say: () => undefined,
  };
}

/** The part of a terminal or pipe that the report for people needs. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const BAR_CELLS = 24;
/** Between two drawings of a progress bar, milliseconds. */
const REDRAW_MS = 80;
const CLEAR_LINE = "\r\u001b[2K";

/** Short lines for people; colours and a moving bar on a terminal only. */
export function peopleReport(output: Output, env: Readonly<Record<string, string | undefined>>): Report {
  const terminal = output.isTTY === true;
  const colours = terminal && env["NO_COLOR"] === undefined;
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  let doing = "";
  let drawn = 0;
  return {
    begin: (_step, what) => {
      doing = what;
      drawn = 0;
      if (terminal) output.write(`${paint("cyan", "…")} ${what}`);
    },
    progress: (fraction) => {
      const now = Date.now();
      if (!terminal || now - drawn < REDRAW_MS) return;
      drawn = now;
      const full = Math.round(Math.min(Math.max(fraction, 0), 1) * BAR_CELLS);
      const bar = "█".repeat(full) + "░".repeat(BAR_CELLS - full);
      output.write(`${CLEAR_LINE}${paint("cyan", "…")} ${doing} ${paint("cyan", bar)} ${Math.floor(fraction * 100)} %`);
    },
    end: (result, proven) => {
      const mark = result.ok ? paint("green", "✓") : paint("red", "✗");
      const trips = result.round_trips === 0 ? "" : `, ${result.round_trips} ${result.round_trips === 1 ? "request" : "requests"}`;
      const cost = paint("dim", `${formatMs(result.ms)}${trips}`);
      output.write(`${terminal ? CLEAR_LINE : ""}${mark} ${doing}  ${cost}\n  ${paint("dim", proven)}\n`);
    },
    say: (line) => output.write(`${line}\n`),
  };
}

/** A duration for people: `8 ms`, `1.4 s`. */
export function formatMs(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** A size for people: `512 bytes`, `10.0 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
