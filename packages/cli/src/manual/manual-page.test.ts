import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../program.ts";
import { manualPage } from "./manual-page.ts";

describe("the manual page", () => {
  it("says what the program says: `npm run manual` writes it anew", () => {
    expect(readFileSync(new URL("../../man/smimp.1", import.meta.url), "utf8")).toBe(manualPage(createProgram()));
  });

  it("names every command and option that can be typed", () => {
    const page = manualPage(createProgram()).replaceAll("\\-", "-");
    const commands = (command: Command): readonly Command[] => [
      command,
      ...command.createHelp().visibleCommands(command).flatMap(commands),
    ];
    for (const command of commands(createProgram())) {
      for (const { flags, hidden } of command.options) if (!hidden) expect(page).toContain(flags);
    }
    expect(page).not.toContain("smimp complete ");
  });

  it("takes nothing that a command says for a request of man's own", () => {
    const program = new Command("smimp")
      .version("1")
      .description(".SH not a section\n'nor this \\fB")
      .addOption(new Option("--x <y>", ".B bold").default("d"))
      .addHelpText("after", "\nExit codes:\n  0  done\n");
    program.command("do").description("a\\b").argument("<it...>", ".it").addHelpText("after", "\n.example\n");
    const page = manualPage(program);
    expect(page).toContain("\\&.SH not a section\n\\&'nor this \\efB");
    expect(page).toContain("A\\eb.");
    for (const line of page.split("\n")) if (line.startsWith(".")) expect(line).toMatch(/^\.(?:\\"|TH|SH|SS|TP|B|PP|RS|RE|nf|fi)\b|^\.\\"/);
  });
});
