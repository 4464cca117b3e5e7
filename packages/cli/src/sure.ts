import { CliError } from "./failure.ts";
import { askYes, isInteractive } from "./terminal.ts";

/** What is said on the command line in place of an answer. */
export interface SureOptions {
  readonly yes?: true;
}

/** The option that goes with `assertSure`. */
export const YES = ["-y, --yes", "don't ask; needed where there is no terminal"] as const;

/** Asks before something that can't be taken back. Throws CliError, with `refusal`, unless the answer or `--yes` agrees. */
export async function assertSure(question: string, refusal: string, { yes }: SureOptions): Promise<void> {
  if (yes === true) return;
  if (!isInteractive()) throw new CliError(`${question} ${refusal}`, { advice: "Without a terminal, agree with --yes." });
  if (!(await askYes(question))) throw new CliError(refusal);
}
