import { describe, expect, it } from "vitest";
import { createProgram } from "../program.ts";
import { completionOf } from "./candidates.ts";
import { completionScript, SHELLS } from "./scripts.ts";

const program = createProgram();
const at = (...words: readonly string[]): readonly string[] => {
  const { candidates, paths } = completionOf(program, words);
  return [...candidates.map(({ value }) => value), ...(paths === "none" ? [] : [`:${paths}`])];
};

describe("what may stand there", () => {
  it.each([
    [["inb"], ["inbox"]],
    [["--home", "/x", "inb"], ["inbox"]],
    [["--home=/x", "inb"], ["inbox"]],
    [["--home"], ["--home"]],
    [["--home", ""], [":folders"]],
    [["--passphrase-file", ""], [":files"]],
    [["folders", "cre"], ["create"]],
    [["folders", "create", "x", "cre"], []],
    [
      ["folders", "create", "--role", ""],
      ["archive", "junk", "trash"],
    ],
    [
      ["export", "--format", "m"],
      ["mbox", "maildir"],
    ],
    [
      ["export", "--format", "=", "m"],
      ["mbox", "maildir"],
    ],
    [["import", ""], [":files"]],
    [["import", "a", "b", ""], [":files"]],
    [["send", "bob#example.org", "--att"], ["--attach"]],
    [["send", "-a", ""], [":files"]],
    [["send", "--", "--att"], []],
    [["read", "1", "--save", ""], [":folders"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish", "powershell"],
    ],
    [["nonsense", "x"], []],
    [[], []],
  ])("%j", (words, expected) => {
    expect(at(...words)).toEqual(words.length === 0 ? at("") : expected);
  });

  it("at the beginning are all commands but those that are nobody's to type", () => {
    expect(at("")).toEqual(expect.arrayContaining(["send", "inbox", "help", "completion"]));
    expect(at("")).not.toContain("complete");
  });

  it("global options stand anywhere, each once", () => {
    const options = at("folders", "create", "--");
    expect(options).toEqual(expect.arrayContaining(["--role", "--json", "--home", "--help"]));
    expect(new Set(options).size).toBe(options.length);
  });
});

it.each(SHELLS)("the script for %s asks the program", (shell) => {
  expect(completionScript(shell)).toContain("smimp complete -- ");
});
