import { hostname } from "node:os";
import { Command } from "commander";
import { parseAddress, randomBytes } from "@smimp/protocol";
import { CliError } from "../failure.ts";
import { createHome, fetchOf, readHome, writeHomeConfig, type HomeOptions } from "../home.ts";
import { globalOptions, interruption, openStorage, systemClock } from "../mailbox.ts";
import { assertNoAccount, newPassphrase, passphraseSetting } from "../new-home.ts";
import { createOutput, style, timeText } from "../output.ts";
import { progressLine } from "../terminal.ts";

interface LinkOptions extends HomeOptions {
  readonly deviceName?: string;
}

/** `smimp link`: makes this computer one more device of an account that is there. */
export function linkCommand(): Command {
  return new Command("link")
    .description("use an account that you have on another device here as well")
    .argument("<address>", "your address, e.g. 'alice#example.com'")
    .option("--device-name <name>", "what this computer is called among your devices (default: its host name)")
    .option("--development-network <file>", "servers on this machine, for development")
    .addHelpText(
      "after",
      `
It shows a code. Type it on the other device within ten minutes, with
  smimp devices add
Lost all devices? \`smimp recover\` brings the account back with your recovery phrase.
`,
    )
    .action(async (typed: string, _options: unknown, command: Command) => {
      const options = { ...command.opts<LinkOptions>(), ...globalOptions(command) };
      const address = parseAddress(typed);
      const output = createOutput(options.json);
      const home = await readHome(options);
      assertNoAccount(home);
      const passphrase = await newPassphrase(home, options);
      await createHome(home);
      const fetch = await fetchOf(home);
      const stop = interruption();
      const { linkDevice } = await import("@smimp/client");
      const storage = await openStorage(home, passphrase);
      let isOpen = false;
      try {
        const deps = { fetch, clock: systemClock, random: randomBytes };
        const name = (options.deviceName ?? hostname()).slice(0, 100) || "computer";
        const linking = await linkDevice({ storage, address, deps, name });
        output.result(
          { link_code: linking.linkCode, expires_at: linking.expiresAt },
          [
            "Type this code on a device that has your account, with `smimp devices add`:",
            "",
            `  ${style("bold", linking.linkCode)}`,
            "",
            `It is good until ${timeText(linking.expiresAt)}, once. Show it to nobody else.`,
          ].join("\n"),
        );
        const line = progressLine(!output.json);
        line.update("Waiting for the other device …");
        const client = await linking.finish({ signal: stop.signal }).finally(() => line.end());
        isOpen = true;
        try {
          await writeHomeConfig(home, { ...home.config, ...passphraseSetting(home, options), address: client.address });
          output.result(
            { address: client.address, linked: true },
            `${style("green", "✓")} You are ${style("bold", client.address)} here too.`,
          );
          output.say("Next:  smimp inbox");
        } finally {
          await client.close();
        }
      } catch (error) {
        if (stop.signal.aborted) throw new CliError("Stopped: this computer is not linked.");
        throw error;
      } finally {
        if (!isOpen) await storage.close();
        await fetch.close();
        stop.end();
      }
    });
}
