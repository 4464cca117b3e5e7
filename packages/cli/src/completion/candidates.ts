import type { Argument, Command, Option } from "commander";

/** A word that may stand there, and what it means. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** What may stand at a place of a command line. `paths`: what the shell offers besides. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly paths: "files" | "folders" | "none";
}

const NOTHING: Completion = { candidates: [], paths: "none" };

/** What may stand in place of the last of these words, which all stand behind the program's name. */
export function completionOf(program: Command, words: readonly string[]): Completion {
  const { command, operands, awaiting, onlyOperands } = positionOf(program, withoutEqualSigns(words).slice(0, -1));
  const current = words.at(-1) ?? "";
  if (awaiting !== null) return beginning(valuesOf(awaiting, awaiting.argChoices), current);
  if (current.startsWith("-") && !onlyOperands) return beginning(optionsOf(command), current);
  const inner = operands === 0 && !onlyOperands ? commandsOf(command) : [];
  const argument = argumentAt(command, operands);
  const own = argument === undefined ? NOTHING : valuesOf(argument, argument.argChoices);
  return beginning({ ...own, candidates: [...inner, ...own.candidates] }, current);
}

interface Position {
  readonly command: Command;
  /** Operands of the command so far. */
  readonly operands: number;
  /** The option whose value comes next. */
  readonly awaiting: Option | null;
  /** Everything behind `--` is an operand. */
  readonly onlyOperands: boolean;
}

function positionOf(program: Command, words: readonly string[]): Position {
  let command = program;
  let operands = 0;
  let awaiting: Option | null = null;
  let onlyOperands = false;
  for (const word of words) {
    if (awaiting !== null) awaiting = null;
    else if (word === "--") onlyOperands = true;
    else if (word.startsWith("-") && !onlyOperands) awaiting = expectsValue(optionNamed(command, word));
    else {
      const inner = operands === 0 && !onlyOperands ? command.commands.find((each) => isNamed(each, word)) : undefined;
      if (inner === undefined) operands++;
      else [command, operands] = [inner, 0];
    }
  }
  return { command, operands, awaiting, onlyOperands };
}

// Bash hands over `--home=x` as three words.
function withoutEqualSigns(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => word !== "=" || !(words[index - 1] ?? "").startsWith("--"));
}

function expectsValue(option: Option | undefined): Option | null {
  return option !== undefined && (option.required || option.optional) ? option : null;
}

function isNamed(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}

/** Options of a command and of those above it: they may stand anywhere. */
function allOptions(command: Command): readonly Option[] {
  const own = command.createHelp().visibleOptions(command);
  return command.parent === null
    ? own
    : [...own, ...allOptions(command.parent).filter(({ long }) => long !== "--help" && long !== "--version")];
}

function optionNamed(command: Command, word: string): Option | undefined {
  return allOptions(command).find(({ long, short }) => word === long || word === short);
}

function optionsOf(command: Command): Completion {
  const candidates = allOptions(command).map(({ long, short, description }) => ({ value: long ?? short ?? "", description }));
  return { candidates, paths: "none" };
}

function commandsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), description: each.description() }));
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic === true ? last : undefined);
}

/** What an option or an argument takes: its choices, or files where its name says so. */
function valuesOf(of: Option | Argument, choices: readonly string[] | undefined): Completion {
  if (choices !== undefined) return { candidates: choices.map((value) => ({ value, description: "" })), paths: "none" };
  const name = "flags" in of ? (/[<[](.+?)[\]>]/.exec(of.flags)?.[1] ?? "") : of.name();
  // Other folders are those of the mailbox.
  if ("flags" in of && FOLDER_OPTIONS.includes(of.long ?? "")) return { candidates: [], paths: "folders" };
  return { candidates: [], paths: PATHS[name.replace(/\.+$/, "")] ?? "none" };
}

/** Options that take a folder of this computer. */
const FOLDER_OPTIONS = ["--home", "--save"];

/** What options and arguments that take paths are called. */
const PATHS: Readonly<Record<string, Completion["paths"]>> = { file: "files", files: "files", place: "files", places: "files" };

function beginning({ candidates, paths }: Completion, current: string): Completion {
  return { candidates: candidates.filter(({ value }) => value.startsWith(current)), paths };
}
