import { isProblemCode, isSmimpError } from "@smimp/protocol";
import { describe } from "../answers/healing.ts";
import { choicesFrom } from "../input/choices.ts";
import { runRandom, type Outcome } from "../random.ts";
import type { NamedCase, Report } from "../report.ts";
import type { Input, Parser } from "./kinds.ts";
import { sealedParsers } from "./sealed.ts";
import { statementParsers } from "./statements.ts";
import { somebody, textParsers } from "./texts.ts";

/** Milliseconds that a parser may take for any input of these sizes. */
const LONGEST_PARSE = 5_000;

/** Every function of the protocol that reads what a peer sent, by name. */
export type Parsers = Readonly<Record<string, Parser>>;

/** Makes the parsers, with an input for each that it takes. */
export function allParsers(): Parsers {
  const alice = somebody();
  return { ...textParsers(alice), ...statementParsers(alice), ...sealedParsers(alice) };
}

/** Each parser with each input that has a name: it takes it, or refuses it with a code of protocol section 10, in time. */
export function parserCases(parsers: Parsers): readonly NamedCase<Parsers>[] {
  return Object.entries(parsers).map(([name, parser]) => ({
    name: `${name} takes or refuses`,
    async run(_parsers, count) {
      const found: string[] = [];
      // What every other input is made of must be one that is taken.
      await Promise.resolve(parser.slow === true ? null : parser.valid());
      for (const input of parser.named()) {
        count();
        // oxlint-disable-next-line no-await-in-loop
        found.push(...(await faultsOfInput(input)).map((fault) => `${input.what}: ${fault}`));
      }
      return found;
    },
  }));
}

/** Random inputs to random parsers. */
export async function randomInputs(parsers: Parsers, options: { readonly seed: number; readonly runs: number }): Promise<Report> {
  const quick = Object.entries(parsers).filter(([, parser]) => parser.slow !== true);
  return await runRandom("a random input", options, async (numbers): Promise<Outcome> => {
    const choices = choicesFrom(numbers);
    const [name, parser] = choices.of(quick);
    const input = parser.random(choices);
    const faults = await faultsOfInput(input);
    return { faults, reproducer: faults.length === 0 ? "" : `${name}: ${input.what}` };
  });
}

async function faultsOfInput(input: Input): Promise<readonly string[]> {
  const started = performance.now();
  const faults: string[] = [];
  try {
    await input.parse();
  } catch (error) {
    if (!isSmimpError(error)) faults.push(`an error that is none of SMIMP: ${describe(error)}`);
    else if (!isProblemCode(error.code)) faults.push(`the code ${String(error.code)} is none of protocol section 10`);
  }
  if (performance.now() - started > LONGEST_PARSE) faults.push(`took ${Math.round(performance.now() - started)} ms`);
  if ("admin" in {}) faults.push("changed the prototype of all objects");
  return faults;
}
