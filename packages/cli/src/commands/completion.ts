import { Argument, Command } from "commander";
import { completionOf, type Completion } from "../completion/candidates.ts";
import { completionScript, SHELLS, type Shell } from "../completion/scripts.ts";

/** `smimp completion`: what makes a shell complete commands and options. */
export function completionCommand(): Command {
  return new Command("completion")
    .description("print what makes your shell complete commands and options")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText(
      "after",
      `
Put one of these where your shell reads it when it starts:
  bash        source <(smimp completion bash)              in ~/.bashrc
  zsh         source <(smimp completion zsh)               in ~/.zshrc, behind compinit
  fish        smimp completion fish | source               in ~/.config/fish/config.fish
  powershell  smimp completion powershell | Out-String | Invoke-Expression     in $PROFILE
`,
    )
    .action((shell: Shell) => void process.stdout.write(completionScript(shell)));
}

/** `smimp complete`: what a shell asks; the words behind the program's name, each behind an equal sign. */
export function completeCommand(): Command {
  return new Command("complete").argument("[words...]").action((words: readonly string[], _options: unknown, command: Command) => {
    const program = command.parent;
    if (program !== null)
      process.stdout.write(
        completionLines(
          completionOf(
            program,
            words.map((word) => word.replace(/^=/, "")),
          ),
        ),
      );
  });
}

function completionLines({ candidates, paths }: Completion): string {
  const lines = candidates.map(({ value, description }) => `${value}\t${description.replace(/\s+/g, " ")}`);
  return [...lines, ...(paths === "none" ? [] : [`:${paths}`])].map((line) => `${line}\n`).join("");
}
