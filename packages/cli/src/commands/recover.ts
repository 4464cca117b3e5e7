import { hostname } from "node:os";
import { Command } from "commander";
import { isSmimpError, parseAddress, randomBytes } from "@smimp/protocol";
import { CliError } from "../failure.ts";
import { createHome, fetchOf, readHome, writeHomeConfig, type HomeOptions } from "../home.ts";
import { globalOptions, openStorage, systemClock } from "../mailbox.ts";
import { assertNoAccount, newPassphrase, passphraseSetting } from "../new-home.ts";
import { createOutput, style } from "../output.ts";
import { askPhrase } from "../recovery-phrase.ts";
import { progressLine } from "../terminal.ts";

interface RecoverCommandOptions extends HomeOptions {
  readonly lostDevice?: true;
  readonly takeBack?: true;
  readonly deviceName?: string;
}

/** `smimp recover`: brings an account back with its recovery phrase alone. */
export function recoverCommand(): Command {
  return new Command("recover")
    .description("bring your account back with your recovery phrase")
    .argument("<address>", "your address, e.g. 'alice#example.com'")
    .option("--lost-device", "a device was lost or stolen: replace your keys and shut out all others")
    .option("--take-back", "somebody else has replaced your keys: take your address back from them")
    .option("--device-name <name>", "what this computer is called among your devices (default: its host name)")
    .option("--development-network <file>", "servers on this machine, for development")
    .addHelpText(
      "after",
      `
The 24 words are asked for, or read from standard input; they never stand on the command line. Your address,
your contacts and all your mail come back, as far as the server has kept them.
`,
    )
    .action(async (typed: string, _options: unknown, command: Command) => {
      const options = { ...command.opts<RecoverCommandOptions>(), ...globalOptions(command) };
      const address = parseAddress(typed);
      const output = createOutput(options.json);
      const home = await readHome(options);
      assertNoAccount(home);
      const phrase = await askPhrase("Your recovery phrase, all 24 words");
      const passphrase = await newPassphrase(home, options);
      await createHome(home);
      const fetch = await fetchOf(home);
      const { recoverAccount } = await import("@smimp/client");
      const storage = await openStorage(home, passphrase);
      const line = progressLine(!output.json);
      let isOpen = false;
      try {
        line.update(`Bringing ${address} back …`);
        const client = await recoverAccount({
          storage,
          phrase,
          address,
          deps: { fetch, clock: systemClock, random: randomBytes },
          deviceName: (options.deviceName ?? hostname()).slice(0, 100) || "computer",
          rotate: options.lostDevice === true,
          takeBack: options.takeBack === true,
        });
        isOpen = true;
        try {
          await writeHomeConfig(home, { ...home.config, ...passphraseSetting(home, options), address });
          line.update("Fetching your mailbox …");
          await client.sync();
          const { total } = await client.inbox.count({ view: "all" });
          line.end();
          output.result(
            { address, messages: total },
            `${style("green", "✓")} You are ${style("bold", address)} again, with ${total} messages.`,
          );
          output.say("Next:  smimp inbox");
        } finally {
          await client.close();
        }
      } catch (error) {
        line.end();
        throw inWords(error);
      } finally {
        line.end();
        if (!isOpen) await storage.close();
        await fetch.close();
      }
    });
}

function inWords(error: unknown): unknown {
  if (isSmimpError(error, "bad_signature") || isSmimpError(error, "unauthenticated")) {
    return new CliError("These words are not the recovery phrase of this address.", {
      advice: "Check the address, or look for a newer sheet.",
    });
  }
  if (isSmimpError(error, "own_history_mismatch")) {
    return new CliError("The keys that the phrase opens are not the ones that the address has now.", {
      advice: "If somebody has taken your address over, `smimp recover --take-back` takes it back.",
    });
  }
  return error;
}
