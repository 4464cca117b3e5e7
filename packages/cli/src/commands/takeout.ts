import { existsSync } from "node:fs";
import { link, open, rm, unlink } from "node:fs/promises";
import { Command } from "commander";
import { CliError, systemWords } from "../failure.ts";
import { withMailbox } from "../mailbox.ts";
import { sizeText, style } from "../output.ts";
import { progressLine } from "../terminal.ts";

/** `smimp takeout`: everything that the server holds of one, in one file. */
export function takeoutCommand(): Command {
  return new Command("takeout")
    .description("save everything that the server holds of you in one file (sealed, as it lies there)")
    .argument("<file>")
    .action(async (file: string, _options: unknown, command: Command) => {
      await withMailbox(command, async ({ client, output }) => {
        if (existsSync(file)) throw new CliError(`${file} is there already: nothing was written.`);
        const handle = await open(`${file}.part`, "wx", 0o600).catch((cause: NodeJS.ErrnoException) => {
          throw new CliError(`${file}.part: ${systemWords(cause.code)}`);
        });
        const line = progressLine(!output.json);
        let bytes = 0;
        try {
          for await (const piece of client.account.export()) {
            await handle.write(piece);
            bytes += piece.length;
            line.update(`Saving … ${sizeText(bytes)}`);
          }
          await handle.sync();
          await handle.close();
          // Unlike a rename this never takes the place of a file that is there.
          await link(`${file}.part`, file);
          await unlink(`${file}.part`);
        } catch (error) {
          await handle.close().catch(() => undefined);
          await rm(`${file}.part`, { force: true });
          throw error;
        } finally {
          line.end();
        }
        output.result({ file, bytes }, `${style("green", "✓")} Saved ${file} (${sizeText(bytes)}).`);
      });
    });
}
