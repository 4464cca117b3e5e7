import type { Client, Draft, OutboxCopy, OutboxEntry, Progress } from "@smimp/client";
import { adviceFor, CliError, EXIT } from "./failure.ts";
import type { Mailbox } from "./mailbox.ts";
import { printable, sizeText, style, table, type Output } from "./output.ts";
import { askYes, isInteractive, progressLine } from "./terminal.ts";

const STEPS: Readonly<Record<Progress["step"], string>> = {
  resolve: "checking who this is",
  session: "logging in",
  key: "fetching a key",
  work: "working, as the server asks of strangers",
  seal: "sealing",
  upload: "uploading",
  send: "sending",
  download: "downloading",
};

/** Tries a second that a computer makes, for telling how long work may take. */
const TRIES_A_SECOND = 1_000_000;

/** One line about how far something is. */
export function progressText({ step, to, name, done, total }: Progress): string {
  const what = `${to === null ? "" : `${to}: `}${STEPS[step]}${name === null ? "" : ` ${printable(name)}`}`;
  if (total === 0) return `${what} …`;
  const percent = Math.min(99, Math.floor((done / total) * 100));
  const bytes = step === "upload" || step === "download" ? ` of ${sizeText(total)}` : "";
  return `${what} … ${percent} %${bytes}`;
}

/** Sends a draft and reports each copy. Throws CliError where a copy failed, after everything was reported. */
export async function sendDraft({ client, output, signal }: Mailbox, draft: Draft): Promise<void> {
  const line = progressLine(!output.json);
  const entry = await client
    .send(draft, {
      signal,
      onProgress: (progress) => line.update(progressText(progress)),
      askOwner: async ({ to, expectedTries }) => {
        line.end();
        const minutes = Math.max(1, Math.round(expectedTries / TRIES_A_SECOND / 60));
        return isInteractive() && (await askYes(`${to}'s server asks for about ${minutes} min of work from strangers. Do it?`));
      },
    })
    .finally(() => line.end());
  reportEntry(output, entry);
}

/** Reports where each copy stands. Throws CliError with the right exit code unless all are sent. */
export function reportEntry(output: Output, entry: OutboxEntry): void {
  const copies = entry.copies.filter((copy) => !copy.own);
  for (const copy of copies) output.result(copyJson(entry, copy), copyText(copy));
  const failed = copies.filter((copy) => copy.state === "failed");
  const waiting = copies.filter((copy) => copy.state === "queued" || copy.state === "sending");
  if (failed.length > 0) {
    const [first] = failed;
    const advice = first?.reason === undefined || first.reason === null ? undefined : adviceFor(first.reason);
    throw new CliError(
      `${failed.length === 1 ? "One copy was" : `${failed.length} copies were`} not sent.`,
      advice === undefined ? {} : { advice },
    );
  }
  if (waiting.length > 0) {
    throw new CliError("Not everything could be sent yet; it stays in the outbox.", {
      exitCode: EXIT.later,
      advice: "`smimp watch` keeps trying; `smimp outbox --retry` tries once more.",
    });
  }
}

/** A copy for programs. */
export function copyJson(entry: OutboxEntry, copy: OutboxCopy): Readonly<Record<string, unknown>> {
  return {
    id: entry.id,
    to: copy.to,
    state: copy.state,
    message_id: copy.messageId,
    reason: copy.reason,
    attempts: copy.attempts,
    requests: copy.requests,
    ...(copy.state === "queued" ? { next_attempt_at: copy.nextAttemptAt } : {}),
  };
}

/** A copy for people. */
export function copyText(copy: OutboxCopy): string {
  const why = printable(copy.detail ?? copy.reason ?? "");
  switch (copy.state) {
    case "sent":
      return `${style("green", "✓")} ${copy.to}: sent`;
    case "failed":
      return `${style("red", "✗")} ${copy.to}: not sent${why === "" ? "" : ` (${why})`}`;
    case "queued":
    case "sending":
      return `${style("yellow", "…")} ${copy.to}: waiting in the outbox${why === "" ? "" : ` (${why})`}`;
  }
}

/** The whole outbox as a table. */
export function outboxTable(entries: readonly OutboxEntry[]): string {
  return table(entries.flatMap((entry) => entry.copies.filter((copy) => !copy.own).map((copy) => [entry.id.slice(0, 8), copyText(copy)])));
}

/** Fetches what is new, and says so where the server can't be reached: what is here already can still be read. */
export async function syncFirst(client: Client, output: Output, signal: AbortSignal): Promise<void> {
  const line = progressLine(!output.json);
  try {
    line.update("Fetching new messages …");
    const { notices } = await client.sync({ signal });
    line.end();
    for (const notice of notices) output.warn(`! ${printable(notice.detail)}`);
  } finally {
    line.end();
  }
}
