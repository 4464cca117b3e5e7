import { Command } from "commander";
import { isSmimpError, parseTimestamp, type Timestamp } from "@smimp/protocol";
import { CliError, EXIT } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { printable, timeText } from "../output.ts";
import { syncFirst } from "../sending.ts";

interface AutoReplyOptions {
  readonly text?: string;
  readonly from?: string;
  readonly until?: string;
  readonly off?: true;
}

/** `smimp auto-reply`: answers people while one is away. */
export function autoReplyCommand(): Command {
  return new Command("auto-reply")
    .description("answer people by itself while you are away; `smimp watch` has to run somewhere")
    .option("-t, --text <text>", "what to answer")
    .option("--from <day>", "the first day, e.g. 2026-12-24")
    .option("--until <day>", "the last day")
    .option("--off", "stop answering")
    .action(async (options: AutoReplyOptions, command: Command) => {
      const { text } = options;
      const period = {
        ...(options.from === undefined ? {} : { from: day(options.from, "00:00:00") }),
        ...(options.until === undefined ? {} : { until: day(options.until, "23:59:59") }),
      };
      await withMailbox(command, async ({ client, output, signal }) => {
        if (options.off === true) await client.autoReply.set(null);
        else if (text !== undefined) await client.autoReply.set({ text, ...period });
        await syncFirst(client, output, signal);
        const now = await client.autoReply.get();
        if (now === null) output.result({ on: false }, "Nobody is answered by itself.");
        else {
          const from = now.from === undefined ? "" : ` from ${timeText(now.from)}`;
          const until = now.until === undefined ? "" : ` until ${timeText(now.until)}`;
          output.result(
            { on: true, ...now },
            `People who write to you${from}${until} get, once in a while:\n\n${printable(now.text, "many lines")}`,
          );
        }
      });
    });
}

function day(text: string, time: string): Timestamp {
  try {
    return parseTimestamp(`${text}T${time}Z`);
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    throw new CliError(`${text} is no day; one looks like 2026-12-24.`, { exitCode: EXIT.usage });
  }
}
