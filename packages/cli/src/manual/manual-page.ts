import { stripVTControlCharacters } from "node:util";
import type { Argument, Command, Option } from "commander";

// The manual page, made from the commands themselves: what they say of themselves is what stands in it.

/** What the page says that no command says. */
const FILES: readonly (readonly [string, string])[] = [
  ["~/.smimp/mail.db", "Your mailbox: mail, keys, contacts. Sealed with your passphrase."],
  ["~/.smimp/config.json", "Your address, and where the passphrase stands if it stands in a file. No secrets."],
  ["~/.smimp/mailbox.door", "There while a command has the mailbox open for a while: how others of yours reach it."],
];
const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["SMIMP_HOME", "Where your mail lives on this computer, instead of ~/.smimp."],
  ["SMIMP_PASSPHRASE_FILE", "A file whose first line is the passphrase."],
  ["SMIMP_CONFIG", "The server's configuration."],
  ["SMIMP_WEB_DIR", "The folder of a built webmail, instead of this program's own."],
  ["SMIMP_DEBUG", "Set to 1, errors that nobody foresaw show where they come from."],
  ["VISUAL, EDITOR", "The editor in which messages are written."],
  ["NO_COLOR", "Set to anything, nothing is coloured."],
];

/** The manual page of the program, in the language of man. */
export function manualPage(program: Command): string {
  const version = program.version() ?? "";
  const help = program.createHelp();
  const groups = help.groupItems([...program.commands], help.visibleCommands(program), (each) => each.helpGroup());
  return [
    `.\\" Made from the program itself by \\fInpm run manual\\fR: what is changed here is lost.`,
    `.TH SMIMP 1 "" "smimp ${version}" "User Commands"`,
    ".SH NAME",
    "smimp \\- mail that only the people it is for can read",
    ".SH SYNOPSIS",
    ".B smimp",
    "[\\fIoptions\\fR] [\\fIcommand\\fR]",
    ".SH DESCRIPTION",
    roff(program.description()),
    ".SH OPTIONS",
    ...help.visibleOptions(program).map(optionEntry),
    ".SH COMMANDS",
    ...[...groups].flatMap(([group, commands]) => [
      `.SS ${roff(group.replace(/:$/, "") || "More")}`,
      ...commands.flatMap((each) => commandEntries(each, [])),
    ]),
    ".SH FILES",
    ...FILES.map(entry),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.map(entry),
    ...afterText(program),
    "",
  ].join("\n");
}

function commandEntries(command: Command, above: readonly string[]): readonly string[] {
  const help = command.createHelp();
  const names = [...above, command.name()];
  const own = help.visibleOptions(command).filter(({ long }) => long !== "--help");
  return [
    ".TP",
    `.B smimp ${roff([...names, ...command.registeredArguments.map(argumentText), ...(own.length === 0 ? [] : ["[options]"])].join(" "))}`,
    sentence(command.description()),
    ...(own.length === 0 && command.registeredArguments.every(({ description }) => description === "") ? [] : [".RS"]),
    ...command.registeredArguments
      .filter(({ description }) => description !== "")
      .map((each) => entry([argumentText(each), help.argumentDescription(each)])),
    ...own.map(optionEntry),
    ...(own.length === 0 && command.registeredArguments.every(({ description }) => description === "") ? [] : [".RE"]),
    ...exampleLines(afterOf(command)),
    ...help.visibleCommands(command).flatMap((inner) => commandEntries(inner, names)),
  ];
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionEntry(option: Option): string {
  const choices = option.argChoices === undefined ? "" : ` (${option.argChoices.join(", ")})`;
  const preset =
    option.defaultValue === undefined || option.negate || option.defaultValue === "" ? "" : ` (default: ${String(option.defaultValue)})`;
  return entry([option.flags, `${option.description}${choices}${preset}`]);
}

function entry([name, meaning]: readonly [string, string]): string {
  return `.TP\n.B ${roff(name)}\n${sentence(meaning)}`;
}

/** What a command says behind its help. */
function afterOf(command: Command): string {
  let text = "";
  const write = (piece: string): void => void (text += piece);
  const before = command.configureOutput();
  command.configureOutput({ ...before, writeOut: write });
  command.outputHelp();
  command.configureOutput(before);
  return stripVTControlCharacters(text).slice(stripVTControlCharacters(command.helpInformation()).length).trim();
}

/** The program's own words at the end: paragraphs that begin with a name become sections. */
function afterText(program: Command): readonly string[] {
  return afterOf(program)
    .split(/\n\n+/)
    .flatMap((paragraph) => {
      const [first = "", ...lines] = paragraph.split("\n");
      if (first === "Exit codes:")
        return [
          ".SH EXIT STATUS",
          ...lines
            .map((line) => /^\s*(\S+)\s+(.*)$/.exec(line))
            .flatMap((match) => (match === null ? [] : [entry([match[1] ?? "", match[2] ?? ""])])),
        ];
      return [".SH EXAMPLES", roff(first), ".nf", ...lines.map(roff), ".fi"];
    });
}

function exampleLines(text: string): readonly string[] {
  return text === "" ? [] : [".RS", ".PP", ".nf", ...text.split("\n").map(roff), ".fi", ".RE"];
}

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return roff(text === "" || /[.!?]$/.test(start) ? start : `${start}.`);
}

/** Text for roff: nothing in it is taken for a request or an escape. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/gm, "\\&$1")
    .replaceAll("“", "\\(lq")
    .replaceAll("”", "\\(rq")
    .replaceAll("…", "...");
}
