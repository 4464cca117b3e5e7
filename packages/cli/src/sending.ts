import type { Client, Draft, OutboxCopy, OutboxEntry, Progress, SendOptions } from "@smimp/client";
import type { Address } from "@smimp/protocol";
import { adviceFor, CliError, EXIT } from "./failure.ts";
import type { Mailbox } from "./mailbox.ts";
import { printable, sizeText, style, table, timeText, type Output } from "./output.ts";
import { askYes, isInteractive, progressLine, type ProgressLine } from "./terminal.ts";

const STEPS: Readonly<Record<Progress["step"], string>> = {
  resolve: "checking who this is",
  session: "logging in",
  key: "fetching a key",
  work: "working, as the server asks of strangers",
  seal: "sealing",
  upload: "uploading",
  send: "sending",
  copies: "sent or tried",
  download: "downloading",
};

/** Tries a second that a computer makes, for telling how long work may take. */
const TRIES_A_SECOND = 1_000_000;

/** Steps that take long enough for a share to be worth showing. */
const MEASURED: readonly Progress["step"][] = ["work", "upload", "download"];

/** One line about how far something is; `me` is whose copies are one's own. */
export function progressText({ step, to, name, done, total }: Progress, me?: Address): string {
  if (step === "copies") return `${done} of ${total} ${STEPS.copies} …`;
  const who = to === null ? "" : to === me ? "your own copy: " : `${to}: `;
  const what = `${who}${STEPS[step]}${name === null ? "" : ` ${printable(name)}`}`;
  if (total === 0 || !MEASURED.includes(step)) return `${what} …`;
  const percent = Math.min(99, Math.floor((done / total) * 100));
  const bytes = step === "work" ? "" : ` of ${sizeText(total)}`;
  return `${what} … ${percent} %${bytes}`;
}

/** How sending is followed and answered on a terminal. */
export function sendOptions({ client, signal }: Mailbox, line: ProgressLine): SendOptions {
  return {
    signal,
    onProgress: (progress) => line.update(progressText(progress, client.address)),
    askOwner: async ({ to, expectedTries }) => {
      line.end();
      const minutes = Math.max(1, Math.round(expectedTries / TRIES_A_SECOND / 60));
      return isInteractive() && (await askYes(`${to}'s server asks for about ${minutes} min of work from strangers. Do it?`));
    },
  };
}

/** Sends a draft and reports each copy. Throws CliError where a copy failed, after everything was reported. */
export async function sendDraft(mailbox: Mailbox, draft: Draft): Promise<void> {
  const line = progressLine(!mailbox.output.json);
  const entry = await mailbox.client.send(draft, sendOptions(mailbox, line)).finally(() => line.end());
  reportCopies(
    mailbox.output,
    copiesOf(entry).map((copy) => ({ entry, copy })),
  );
}

/** A copy and the message that it is one of. */
export interface EntryCopy {
  readonly entry: OutboxEntry;
  readonly copy: OutboxCopy;
}

/** The copies that go to others. */
export function copiesOf(entry: OutboxEntry): readonly OutboxCopy[] {
  return entry.copies.filter((copy) => !copy.own);
}

/** Reports where copies stand. Throws CliError with the right exit code unless all are sent. */
export function reportCopies(output: Output, copies: readonly EntryCopy[]): void {
  for (const { entry, copy } of copies) output.result(copyJson(entry, copy), copyText(copy));
  const failed = copies.filter(({ copy }) => copy.state === "failed");
  const [first] = failed;
  if (first !== undefined) {
    const { reason } = first.copy;
    const advice = reason === null ? undefined : adviceFor(reason);
    const message = failed.length === 1 ? "One copy was not sent." : `${failed.length} copies were not sent.`;
    const code = reason !== null && failed.every(({ copy }) => copy.reason === reason) ? { code: reason } : {};
    throw new CliError(message, { ...code, ...(advice === undefined ? {} : { advice }) });
  }
  if (copies.some(({ copy }) => copy.state !== "sent")) {
    throw new CliError("Not everything could be sent yet; it stays in the outbox.", {
      exitCode: EXIT.later,
      advice:
        "`smimp watch` keeps trying; `smimp outbox --retry` tries once more. Is the address wrong? `smimp outbox --remove` takes it back.",
    });
  }
}

/** A copy for programs. */
export function copyJson(entry: OutboxEntry, copy: OutboxCopy): Readonly<Record<string, unknown>> {
  return {
    id: entry.id,
    subject: entry.subject,
    queued_at: entry.queuedAt,
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
  return table(
    entries.flatMap((entry, index) =>
      copiesOf(entry).map((copy) => [
        String(index + 1).padStart(3),
        timeText(entry.queuedAt),
        printable(entry.subject === "" ? "(no subject)" : entry.subject).slice(0, 30),
        copyText(copy),
      ]),
    ),
  );
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
