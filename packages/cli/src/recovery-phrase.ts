import { randomInt } from "node:crypto";
import { isSmimpError, parsePhrase } from "@smimp/protocol";
import { CliError } from "./failure.ts";
import type { Output } from "./output.ts";
import { askSecret, askText, isInteractive, readStandardInput } from "./terminal.ts";

const ROWS = 6;
/** Words that are asked back, so that the sheet of paper is known to exist. */
const ASKED_BACK = 2;

/** The 24 words in numbered columns, read downwards. */
export function phraseSheet(phrase: string): string {
  const words = phrase.split(" ");
  const rows: string[] = [];
  for (let row = 0; row < ROWS; row++) {
    const cells: string[] = [];
    for (let at = row; at < words.length; at += ROWS) cells.push(`${String(at + 1).padStart(2)}. ${(words[at] ?? "").padEnd(10)}`);
    rows.push(`  ${cells.join("  ").trimEnd()}`);
  }
  return rows.join("\n");
}

/** The 24 words as a person types them, or on standard input; white space and capitals don't matter. Throws CliError for words that are none. */
export async function askPhrase(message: string): Promise<string> {
  const check = (text: string): string | undefined => {
    try {
      parsePhrase(normal(text));
      return undefined;
    } catch (error) {
      if (!isSmimpError(error)) throw error;
      return "These are not 24 words of a recovery phrase; check the spelling and the order";
    }
  };
  const asked = process.stdin.isTTY === true && isInteractive();
  const text = asked ? await askSecret(message, check) : await readStandardInput();
  const problem = check(text);
  if (problem !== undefined) throw new CliError(`${problem}.`);
  return normal(text);
}

function normal(text: string): string {
  return text.trim().toLowerCase().split(/\s+/).join(" ");
}

/** Asks for some of the words again, on a terminal; elsewhere nobody could answer. */
export async function confirmPhrase(output: Output, phrase: string): Promise<void> {
  if (!isInteractive() || output.json) return;
  const words = phrase.split(" ");
  const chosen = new Set<number>();
  while (chosen.size < ASKED_BACK) chosen.add(randomInt(words.length));
  for (const index of [...chosen].toSorted((a, b) => a - b)) {
    const check = (text: string): string | undefined =>
      text.trim().toLowerCase() === words[index] ? undefined : "That is not what stands above; look at your sheet once more";
    // oxlint-disable-next-line no-await-in-loop -- one question after the other
    await askText(`From your sheet: what is word ${index + 1}?`, check);
  }
}
