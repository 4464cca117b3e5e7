import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { accountCommand } from "./commands/account.ts";
import { appCommand } from "./commands/app.ts";
import { autoReplyCommand } from "./commands/auto-reply.ts";
import { backupCommand, restoreCommand } from "./commands/backup.ts";
import { burnCommand } from "./commands/burn.ts";
import { chatCommand } from "./commands/chat.ts";
import { completeCommand, completionCommand } from "./commands/completion.ts";
import { contactsCommand } from "./commands/contacts.ts";
import { devicesCommand } from "./commands/devices.ts";
import { draftsCommand } from "./commands/drafts.ts";
import { exportCommand } from "./commands/export.ts";
import { foldersCommand } from "./commands/folders.ts";
import { helpCommand } from "./commands/help.ts";
import { historyCommand } from "./commands/history.ts";
import { importCommand } from "./commands/import.ts";
import { inboxCommand } from "./commands/inbox.ts";
import { joinCommand } from "./commands/join.ts";
import { deleteCommand, labelCommand, markCommand, moveCommand, starCommand } from "./commands/organize.ts";
import { keysCommand } from "./commands/keys.ts";
import { leaveCommand } from "./commands/leave.ts";
import { linkCommand } from "./commands/link.ts";
import { allowCommand, blockCommand } from "./commands/lists.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { openCommand } from "./commands/open.ts";
import { outboxCommand } from "./commands/outbox.ts";
import { profileCommand } from "./commands/profile.ts";
import { readCommand } from "./commands/read.ts";
import { recoverCommand } from "./commands/recover.ts";
import { relocateCommand } from "./commands/relocate.ts";
import { replyCommand } from "./commands/reply.ts";
import { searchCommand } from "./commands/search.ts";
import { secretsCommand } from "./commands/secrets.ts";
import { sendCommand } from "./commands/send.ts";
import { serveCommand } from "./commands/serve.ts";
import { serverCommand } from "./commands/server.ts";
import { takeoutCommand } from "./commands/takeout.ts";
import { threadCommand } from "./commands/thread.ts";
import { watchCommand } from "./commands/watch.ts";
import { EXIT, failureOf } from "./failure.ts";
import { printable, style } from "./output.ts";

const HELP_FOOTER = `
Exit codes:
  0    done
  1    refused or failed
  2    the command line is wrong
  3    nothing could be reached: try again later
  130  stopped with ctrl-C

To begin, get an invite link from somebody who runs a server, and:
  smimp join
  smimp send 'bob#example.org'
`;

/** All commands, as the help shows them. */
const COMMANDS: Readonly<Record<string, readonly (() => Command)[]>> = {
  Mail: [
    sendCommand,
    inboxCommand,
    readCommand,
    threadCommand,
    replyCommand,
    chatCommand,
    watchCommand,
    draftsCommand,
    outboxCommand,
    openCommand,
  ],
  Order: [searchCommand, foldersCommand, moveCommand, labelCommand, starCommand, markCommand, deleteCommand],
  People: [contactsCommand, historyCommand, allowCommand, blockCommand, autoReplyCommand, secretsCommand, appCommand],
  "Your account": [
    joinCommand,
    linkCommand,
    recoverCommand,
    devicesCommand,
    keysCommand,
    burnCommand,
    profileCommand,
    backupCommand,
    restoreCommand,
    importCommand,
    exportCommand,
    takeoutCommand,
    relocateCommand,
    leaveCommand,
  ],
  Server: [serveCommand, accountCommand, serverCommand, doctorCommand],
  More: [completionCommand, helpCommand],
};

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command("smimp")
    .description("Mail that only the people it is for can read, on your own server or anybody's.")
    .version(packageJson.version, "-V, --version", "show the version")
    .option("--home <folder>", "where your mail lives on this computer (default: SMIMP_HOME, or ~/.smimp)")
    .option("--passphrase-file <file>", "read the passphrase from the first line of a file (also: SMIMP_PASSPHRASE_FILE)")
    .option("--json", "print results for programs: one JSON object a line")
    .addHelpText("after", HELP_FOOTER)
    .helpCommand(false);
  for (const [group, commands] of Object.entries(COMMANDS)) {
    program.commandsGroup(`${group}:`);
    for (const command of commands) program.addCommand(command());
  }
  // What shells ask is nobody's to type.
  program.addCommand(completeCommand(), { hidden: true });
  return configured(program);
}

function configured(command: Command): Command {
  command
    .helpOption("-h, --help", "show this help")
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => style("bold", title) })
    .configureOutput({ outputError: (text, write) => write(usageText(text)) })
    .showHelpAfterError(`  See ${pathOf(command)} --help.`)
    // Commander ends the process by itself otherwise, which would cut off what is still being written.
    .exitOverride();
  for (const child of command.commands) configured(child);
  return command;
}

// Commander says "error: unknown option"; here every problem starts with the same mark and a capital.
function usageText(text: string): string {
  return text
    .replace(/^error: ([a-z]?)/, (_, first: string) => `${style("red", "✗", process.stderr)} ${first.toUpperCase()}`)
    .replace(/\n\((Did you mean .*)\)/, "\n  $1");
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Runs a command line; returns the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  // A reader such as `head` may leave early; that is not an error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.done);
    throw error;
  });
  try {
    await createProgram().parseAsync([...argv]);
    return EXIT.done;
  } catch (error) {
    const json = argv.includes("--json");
    if (!(error instanceof CommanderError)) return report(error, json);
    if (error.exitCode === 0) return EXIT.done;
    // People were told on standard error already; a program reads one object a line, whatever went wrong.
    const message = error.message.replace(/^error: /, "");
    if (json) process.stdout.write(`${JSON.stringify({ error: { code: "usage", message } })}\n`);
    return EXIT.usage;
  }
}

function report(error: unknown, json: boolean): number {
  const { code, exitCode, ...words } = failureOf(error);
  const message = printable(words.message);
  const { advice } = words;
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, ...(advice === undefined ? {} : { advice }) } })}\n`);
  else {
    process.stderr.write(`${style("red", "✗", process.stderr)} ${message}\n`);
    if (advice !== undefined) process.stderr.write(`  ${advice}\n`);
  }
  if (process.env["SMIMP_DEBUG"] === "1") console.error(error);
  return exitCode;
}
