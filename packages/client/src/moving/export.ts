import { discard, type FetchResponse } from "@smimp/identity";
import {
  exportLine,
  isSmimpError,
  MAX_EXPORT_LINE_OVERHEAD,
  parseJson,
  parseShape,
  SmimpError,
  utf8,
  type BaseUrl,
  type ExportLine,
} from "@smimp/protocol";
import type { Api } from "../api.ts";
import { linesOf } from "../lines.ts";
import { pause } from "../pause.ts";
import type { Sessions } from "../session.ts";

/** Bytes of the longest line: a message of the largest size that servers are set to, and more. */
const MAX_LINE_BYTES = 64 * 1024 * 1024 + MAX_EXPORT_LINE_OVERHEAD;

/** Times that an export is asked for while another one ends, and the wait in between, milliseconds. */
const MAX_TRIES = 6;
const WAIT = 500;
/** Characters of the last line at the most. */
const LONGEST_END = 128;

/** An export on its way (protocol section 8). */
export interface Export {
  /** Its lines, line feeds included; throws `temporarily_unavailable` where the last one doesn't come. */
  lines(): AsyncGenerator<Uint8Array>;
  /** Gives it up where it was not taken to its end: a server gives one at a time. */
  close(): Promise<void>;
  /** The account's state when it began: what came later is had by an export since then. Null before the first line was taken. */
  state(): string | null;
}

/** Asks a server for everything that it holds of the account, or for what came after a state. */
export async function startExport(
  { api, sessions }: { readonly api: Api; readonly sessions: Sessions },
  server: BaseUrl,
  options: { readonly since?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<Export> {
  const query = options.since === undefined ? {} : { query: { since: options.since } };
  const ask = async (): Promise<FetchResponse> =>
    await sessions.with(server, async (token) => await api.open(server, "exportAccount", { token, signal: options.signal, ...query }));
  const response = await unlessOneEnds(ask, options.signal);
  let state: string | null = null;
  async function* lines(): AsyncGenerator<Uint8Array> {
    let ended = false;
    for await (const line of linesOf(response.body ?? none(), MAX_LINE_BYTES)) {
      if (line === "") continue;
      if (ended) throw new SmimpError("temporarily_unavailable", "the server goes on after the end of its export");
      state ??= stateIn(line);
      // All others but the shortest are passed on as they are: whoever takes them in reads them.
      ended = line.length <= LONGEST_END && read(line).kind === "end";
      yield utf8(`${line}\n`);
    }
    if (!ended) throw new SmimpError("temporarily_unavailable", "the export was broken off");
  }
  return { lines, state: () => state, close: async () => await discard(response) };
}

/** A server gives one export of an account at a time, and needs a moment to see that the one before was given up. */
async function unlessOneEnds(ask: () => Promise<FetchResponse>, signal: AbortSignal | undefined): Promise<FetchResponse> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!isSmimpError(error, "rate_limited") || tries >= MAX_TRIES) throw error;
      await pause(WAIT, signal);
    }
  }
}

function stateIn(line: string): string {
  const first = read(line);
  if (first.kind !== "account") throw new SmimpError("temporarily_unavailable", "the server's export makes no sense");
  return first.state;
}

function read(line: string): ExportLine {
  try {
    return parseShape(exportLine, parseJson(line));
  } catch (cause) {
    if (!isSmimpError(cause)) throw cause;
    throw new SmimpError("temporarily_unavailable", "the server's export makes no sense", { cause });
  }
}

async function* none(): AsyncGenerator<Uint8Array> {}
