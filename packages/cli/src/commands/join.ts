import { rm } from "node:fs/promises";
import { Command } from "commander";
import type { accountState, Client, Invite } from "@smimp/client";
import { serverInformation, type Fetch } from "@smimp/identity";
import { isSmimpError, parseAddress, randomBytes, type Address } from "@smimp/protocol";
import { CliError, EXIT } from "../failure.ts";
import { createHome, fetchOf, readHome, writeHomeConfig, type Home, type HomeOptions } from "../home.ts";
import { globalOptions, interruption, openStorage, systemClock } from "../mailbox.ts";
import { assertNoAccount, newPassphrase, passphraseSetting } from "../new-home.ts";
import { createOutput, printable, style, type Output } from "../output.ts";
import { confirmPhrase, phraseSheet } from "../recovery-phrase.ts";
import { askText, isInteractive, progressLine, readStandardInput } from "../terminal.ts";

interface JoinOptions extends HomeOptions {
  readonly name?: string;
  readonly fullName?: string;
}

/** `smimp join`: opens an account with an invite link. */
export function joinCommand(): Command {
  return (
    new Command("join")
      .description("open an account with an invite link")
      .option("--name <name>", "the part of your address before the #, e.g. alice")
      .option("--full-name <text>", "the name that others see")
      .option("--development-network <file>", "servers on this machine, for development")
      .addHelpText(
        "after",
        `
The invite link is asked for, or read from standard input; it is a secret, so it never stands on the command line.
At the end you get 24 words to write on paper: they bring everything back if this computer is lost.

Without a terminal:  smimp join --name alice --passphrase-file FILE < invite-link
`,
      )
      // A link that stands there nevertheless is not repeated.
      .allowExcessArguments(true)
      .action(async (_options: unknown, command: Command) => {
        if (command.args.length > 0) {
          throw new CliError("The invite link is asked for: it is a secret, and others may see command lines.", {
            exitCode: EXIT.usage,
            advice: "Run `smimp join` without it.",
          });
        }
        await join(command);
      })
  );
}

async function join(command: Command): Promise<void> {
  const options = { ...command.opts<JoinOptions>(), ...globalOptions(command) };
  const output = createOutput(options.json);
  const home = await readHome(options);
  assertNoAccount(home);
  const invite = await askInvite();
  const guarded = await fetchOf(home);
  const stop = interruption();
  // Whatever waits for a server ends with the first ctrl-C.
  const fetch: Fetch = async (url, init) => {
    const signal = init.signal === undefined ? stop.signal : AbortSignal.any([init.signal, stop.signal]);
    return await guarded(url, { ...init, signal });
  };
  try {
    const { name, domains } = await serverInformation(fetch, invite.baseUrl);
    output.say(`Server: ${printable(name)} (${invite.baseUrl})`);
    const address = await chooseAddress(options.name, domains);
    const passphrase = await newPassphrase(home, options);
    const { client, isNew } = await open({
      home,
      invite,
      address,
      passphrase,
      fetch,
      output,
      signal: stop.signal,
      fullName: options.fullName,
    });
    try {
      await writeHomeConfig(home, { ...home.config, ...passphraseSetting(home, options), address: client.address });
      if (!isNew) output.say(`You are ${client.address} already.`);
      output.say("Next:  smimp send 'somebody#example.org'  and  smimp inbox");
    } finally {
      await client.close();
    }
  } catch (error) {
    // What a server's silence is called once nobody waits for it any more.
    if (stop.signal.aborted && !(error instanceof CliError)) throw stop.signal.reason;
    throw error;
  } finally {
    stop.end();
    await guarded.close();
  }
}

async function askInvite(): Promise<Invite> {
  const { parseInvite } = await import("@smimp/client");
  const parse = (link: string): Invite | undefined => {
    try {
      return parseInvite(link.trim());
    } catch (error) {
      if (!isSmimpError(error) && !(error instanceof TypeError)) throw error;
      return undefined;
    }
  };
  const problem = "That is no invite link; one looks like https://smimp.example.com/join#ABCD…";
  const asked = process.stdin.isTTY === true && isInteractive();
  const link = asked
    ? await askText("Your invite link", (text) => (parse(text) === undefined ? problem : undefined))
    : await readStandardInput();
  const invite = parse(link);
  if (invite === undefined) throw new CliError(`${problem}.`, { advice: "Ask the person who runs the server for a new one." });
  return invite;
}

async function chooseAddress(name: string | undefined, domains: readonly string[]): Promise<Address> {
  const [domain = ""] = domains;
  const complete = (text: string): Address => parseAddress(text.includes("#") ? text.trim() : `${text.trim()}#${domain}`);
  if (name !== undefined) return complete(name);
  if (!isInteractive()) {
    throw new CliError("There is no terminal to ask for your name on.", {
      exitCode: EXIT.usage,
      advice: `Choose one with --name: your address will be NAME#${domain}.`,
    });
  }
  const chosen = await askText(`Your address: …#${domain}. What shall stand before the #?`, (text) => {
    try {
      complete(text);
      return undefined;
    } catch (error) {
      if (!isSmimpError(error)) throw error;
      return "Letters and digits only, 64 at the most";
    }
  });
  return complete(chosen);
}

interface Opened {
  readonly client: Client;
  /** False where the account was open already, and its phrase shown. */
  readonly isNew: boolean;
}

interface Opening {
  readonly home: Home;
  readonly invite: Invite;
  readonly address: Address;
  readonly passphrase: string;
  readonly fetch: Fetch;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly fullName: string | undefined;
}

async function open({ home, invite, address, passphrase, fetch, output, signal, fullName }: Opening): Promise<Opened> {
  const { accountState, createAccount, openClient } = await import("@smimp/client");
  await createHome(home);
  const line = progressLine(!output.json);
  line.update("Locking this computer's copy with your passphrase …");
  const storage = await openStorage(home, passphrase);
  const deps = { fetch, clock: systemClock, random: randomBytes };
  try {
    // A join that ended between the server's answer and the last line of the configuration.
    if ((await accountState(storage)) === "open") return { client: await openClient({ storage, deps }), isNew: false };
    line.update(`Opening ${address} …`);
    const name = fullName === undefined ? {} : { name: fullName };
    const keepPhrase = async (phrase: string): Promise<void> => {
      line.end();
      showAccount(output, address, invite.baseUrl, phrase);
      await confirmPhrase(output, phrase);
    };
    const onProgress = (): void => line.update(`Opening ${address} …`);
    const { client } = await createAccount({ storage, invite, address, deps, ...name, onProgress, keepPhrase, signal });
    return { client, isNew: true };
  } catch (error) {
    const state = await accountState(storage);
    await storage.close();
    throw await afterFailure(home, signal.aborted ? signal.reason : error, state);
  } finally {
    line.end();
  }
}

// What the server may have done already is kept, so that the next join goes on with the same keys; anything else is taken away.
async function afterFailure(home: Home, error: unknown, state: Awaited<ReturnType<typeof accountState>>): Promise<unknown> {
  const stopped = error instanceof CliError && error.exitCode === EXIT.stopped;
  if (state === "unfinished" && (stopped || isSmimpError(error, "temporarily_unavailable"))) {
    return new CliError(stopped ? error.message : `${error.message}.`, {
      exitCode: stopped ? EXIT.stopped : EXIT.later,
      advice: "Run the same `smimp join` again, with the same link, name and passphrase: it goes on where it was.",
    });
  }
  if (error instanceof TypeError) {
    return new CliError("Another account was being opened here, and is not finished.", {
      advice: `Join with the same name and link as before, or remove ${home.databaseFile} to give that one up.`,
    });
  }
  if ((isSmimpError(error) && state !== "open") || (stopped && state === "none")) {
    await Promise.all(["", "-wal", "-shm"].map(async (suffix) => await rm(`${home.databaseFile}${suffix}`, { force: true })));
  }
  return error;
}

function showAccount(output: Output, address: Address, server: string, phrase: string): void {
  output.result(
    { address, server, recovery_phrase: phrase },
    [
      `${style("green", "✓")} You are ${style("bold", address)}.`,
      "",
      style("bold", "Your recovery phrase"),
      "Write these 24 words on paper, in this order, and keep the sheet in a safe place: it brings your address and",
      "your mail back if this computer is lost. Whoever has it can become you. The words are shown only now.",
      "",
      phraseSheet(phrase),
      "",
    ].join("\n"),
  );
}
