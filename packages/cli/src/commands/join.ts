import { readdir } from "node:fs/promises";
import { Command } from "commander";
import { createAccount, parseInvite, type Invite } from "@smimp/client";
import { openSqliteStorage } from "@smimp/client/sqlite";
import { serverInformation } from "@smimp/identity";
import { isSmimpError, parseAddress, randomBytes, type Address } from "@smimp/protocol";
import { CliError } from "../failure.ts";
import { createHome, fetchOf, passphraseFile, passphraseOf, readHome, writeHomeConfig, type Home, type HomeOptions } from "../home.ts";
import { globalOptions, systemClock } from "../mailbox.ts";
import { createOutput, style, type Output } from "../output.ts";
import { askSecret, askText, askYes, isInteractive, progressLine, readStandardInput } from "../terminal.ts";

/** Characters of the shortest passphrase: it guards the device only, and each guess costs 256 MiB of memory. */
const MIN_PASSPHRASE = 8;

interface JoinOptions extends HomeOptions {
  readonly name?: string;
  readonly fullName?: string;
}

/** `smimp join`: opens an account with an invite link. */
export function joinCommand(): Command {
  return new Command("join")
    .description("open an account with an invite link")
    .option("--name <name>", "the part of your address before the #, e.g. alice")
    .option("--full-name <text>", "the name that others see")
    .option("--development-network <file>", "servers on this machine, for development")
    .addHelpText(
      "after",
      `
The invite link is asked for, or read from standard input: it never stands on the command line.
Without a terminal:  smimp --passphrase-file FILE join --name alice < link
`,
    )
    .action(async (_options: unknown, command: Command) => await join(command));
}

async function join(command: Command): Promise<void> {
  const options = { ...command.opts<JoinOptions>(), ...globalOptions(command) };
  const output = createOutput(options.json);
  const home = await readHome(options);
  await refuseSecondAccount(home);
  const invite = parseInvite(await inviteLink());
  const fetch = await fetchOf(home);
  try {
    const information = await serverInformation(fetch, invite.baseUrl);
    const address = await chooseAddress(options.name, information.domains);
    const passphrase = await newPassphrase(home, options);
    await createHome(home);
    const storage = await openSqliteStorage({ file: home.databaseFile, passphrase, create: true });
    const { client, phrase } = await opened({ storage, invite, address, fetch, options, output });
    try {
      const secret = options.passphraseFile === undefined ? {} : { passphrase_file: passphraseFile(home, options) ?? "" };
      await writeHomeConfig(home, { ...home.config, ...secret, address });
      await showPhrase(output, client.address, client.baseUrl, phrase);
    } finally {
      await client.close();
    }
  } finally {
    await fetch.close();
  }
}

async function refuseSecondAccount(home: Home): Promise<void> {
  const entries = await readdir(home.directory).catch((): string[] => []);
  if (home.config.address !== undefined || entries.includes("mail.db")) {
    throw new CliError(`There is an account in ${home.directory} already.`, {
      advice: "For a second one, choose another folder with --home.",
    });
  }
}

async function inviteLink(): Promise<string> {
  const link = isInteractive() ? await askText("Invite link", checkInvite) : (await readStandardInput()).trim();
  const problem = checkInvite(link);
  if (problem !== undefined) throw new CliError(problem, { advice: "Ask the person who runs the server for a new one." });
  return link.trim();
}

function checkInvite(link: string): string | undefined {
  try {
    parseInvite(link.trim());
    return undefined;
  } catch (error) {
    if (!isSmimpError(error) && !(error instanceof TypeError)) throw error;
    return "That is no invite link; it looks like https://smimp.example.com/join#ABCD…";
  }
}

async function chooseAddress(name: string | undefined, domains: readonly string[]): Promise<Address> {
  const [domain = ""] = domains;
  if (name?.includes("#") === true) return parseAddress(name);
  if (name !== undefined) return parseAddress(`${name}#${domain}`);
  if (!isInteractive()) throw new CliError("Choose a name with --name.", { advice: `Your address will be NAME#${domain}.` });
  const chosen = await askText(`Your address: ______#${domain}`, (text) => addressProblem(text, domain));
  return parseAddress(chosen.includes("#") ? chosen : `${chosen}#${domain}`);
}

function addressProblem(text: string, domain: string): string | undefined {
  try {
    parseAddress(text.includes("#") ? text : `${text}#${domain}`);
    return undefined;
  } catch (error) {
    if (!isSmimpError(error)) throw error;
    return "Letters and digits only, 64 at the most";
  }
}

async function newPassphrase(home: Home, options: HomeOptions): Promise<string> {
  if (passphraseFile(home, options) !== undefined || !isInteractive()) return await passphraseOf(home, options);
  const tooShort = (text: string): string | undefined =>
    text.length < MIN_PASSPHRASE ? `At least ${MIN_PASSPHRASE} characters` : undefined;
  const first = await askSecret("Choose a passphrase; it locks your mail on this computer", tooShort);
  await askSecret("Once more", (text) => (text === first ? undefined : "That is not the same"));
  return first;
}

interface Opening {
  readonly storage: Awaited<ReturnType<typeof openSqliteStorage>>;
  readonly invite: Invite;
  readonly address: Address;
  readonly fetch: Awaited<ReturnType<typeof fetchOf>>;
  readonly options: JoinOptions;
  readonly output: Output;
}

async function opened({ storage, invite, address, fetch, options, output }: Opening) {
  const line = progressLine(!output.json);
  try {
    line.update(`Opening ${address} …`);
    return await createAccount({
      storage,
      invite,
      address,
      deps: { fetch, clock: systemClock, random: randomBytes },
      ...(options.fullName === undefined ? {} : { name: options.fullName }),
      onProgress: ({ step }) => line.update(`Opening ${address}: ${step} …`),
    });
  } catch (error) {
    await storage.close();
    throw error;
  } finally {
    line.end();
  }
}

async function showPhrase(output: Output, address: Address, server: string, phrase: string): Promise<void> {
  const words = phrase.split(" ");
  const sheet = [];
  for (let row = 0; row < 6; row++) {
    sheet.push(
      "  " + [0, 6, 12, 18].map((column) => `${String(row + column + 1).padStart(2)} ${(words[row + column] ?? "").padEnd(10)}`).join(" "),
    );
  }
  output.result(
    { address, server, recovery_phrase: phrase },
    [
      `${style("green", "✓")} You are ${style("bold", address)}.`,
      "",
      "Your recovery phrase. Write these 24 words on paper, in this order, and keep the sheet safe:",
      "it brings your address and your mail back if this computer is lost. It is shown only now.",
      "",
      ...sheet,
      "",
    ].join("\n"),
  );
  if (!isInteractive() || output.json) return;
  while (!(await askYes("Have you written the 24 words down?"))) output.say("They are shown only this once: please write them down now.");
  output.say("Next:  smimp send 'somebody#example.org'   and   smimp inbox");
}
