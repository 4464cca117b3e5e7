import { Command } from "commander";
import { parseDomain } from "@smimp/protocol";
import { examine } from "../doctor.ts";
import { CliError } from "../failure.ts";
import { fetchOf, readHome, type HomeOptions } from "../home.ts";
import { globalOptions } from "../mailbox.ts";
import { createOutput, printable, style } from "../output.ts";
import { ownRelease } from "../web-release.ts";

const MARKS = { good: style("green", "✓"), bad: style("red", "✗"), none: style("dim", "–") } as const;

/** `smimp doctor`: looks at a domain's server from outside. Needs no account. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("look at a domain's server from outside: is it found, does it answer, is its webmail as published?")
    .argument("<domain>", "e.g. example.org")
    .option("--development-network <file>", "servers on this machine, for development")
    .action(async (text: string, _options: unknown, command: Command) => {
      const domain = parseDomain(text);
      const options = { ...command.opts<HomeOptions>(), ...globalOptions(command) };
      const output = createOutput(options.json);
      const own = await ownRelease();
      const fetch = await fetchOf(await readHome(options));
      try {
        let ill = 0;
        for await (const { check, good, text, more } of examine(fetch, domain, own?.release ?? null)) {
          const mark = good === null ? MARKS.none : good ? MARKS.good : MARKS.bad;
          const lines = [`${mark} ${printable(text)}`, ...more.map((line) => `    ${printable(line)}`)];
          output.result({ check, good, text, more }, lines.join("\n"));
          if (good === false) ill++;
        }
        if (ill > 0) throw new CliError(`Not all is well with ${domain}.`, { code: "unwell" });
      } finally {
        await fetch.close();
      }
    });
}
