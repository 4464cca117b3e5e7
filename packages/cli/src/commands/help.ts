import { Command } from "commander";

/** `smimp help`: explains the program, or a command of any depth. */
export function helpCommand(): Command {
  return new Command("help")
    .description("explain a command")
    .argument("[command...]", "which, e.g. folders create")
    .action((names: readonly string[], _options: unknown, command: Command) => {
      let found: Command | undefined = command.parent ?? undefined;
      for (const name of names) {
        const inner: Command | undefined = found?.commands.find((each) => each.name() === name || each.aliases().includes(name));
        if (inner === undefined)
          found?.error(`error: unknown command '${[found.name(), name].filter((each) => each !== "smimp").join(" ")}'`);
        found = inner;
      }
      found?.outputHelp();
    });
}
