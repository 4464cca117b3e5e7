import { clientCases, randomAnswers } from "./answers/client-cases.ts";
import { startClientWorld } from "./answers/client-world.ts";
import { identityCases, randomIdentity, startIdentityWorld } from "./answers/identity-cases.ts";
import { serverCases } from "./corpus/all.ts";
import { allParsers, parserCases, randomInputs } from "./parsers/run.ts";
import { runCases, type Failure, type Report } from "./report.ts";
import { faultsAtTheEnd, heldBytes } from "./server/health.ts";
import { keepDrafts, randomRequests } from "./server/random-requests.ts";
import { startWorld } from "./server/world.ts";

/** What a run of the fuzzer is given. */
export interface FuzzOptions {
  /** Seconds of random input, after the cases that have names. */
  readonly seconds: number;
  /** From 0 to 2^31-1; the same one gives the same random input. */
  readonly seed: number;
  /** Parts to run; all of them where left out. */
  readonly only?: readonly FuzzPart[];
  /** Is told what goes on, a line at a time. */
  log(line: string): void;
}

/** Requests to a server; answers to a client; answers to whoever looks people up; inputs of the protocol's parsers. */
export const FUZZ_PARTS = ["server", "client", "identity", "parsers"] as const;
/** A part of the fuzzer. */
export type FuzzPart = (typeof FUZZ_PARTS)[number];

/** What a run came to. */
export interface FuzzResult {
  readonly cases: number;
  readonly failures: readonly Failure[];
}

interface Running {
  readonly name: FuzzPart;
  named(onFailure: (failure: Failure) => void): Promise<Report>;
  random(options: { readonly seed: number; readonly runs: number }): Promise<Report>;
  /** Random cases in one batch: a second or so. */
  readonly batch: number;
  /** Ends it; says what is wrong with what is left behind. */
  end(): Promise<readonly string[]>;
}

/** Runs the cases that have names, then random ones until the time is up. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { seconds, seed, only = FUZZ_PARTS, log } = options;
  const failures: Failure[] = [];
  let cases = 0;
  const fail = (failure: Failure): void => {
    failures.push(failure);
    for (const line of [`FAILED: ${failure.name}`, ...failure.faults.slice(0, 20), failure.reproducer]) log(line);
  };
  const unhandled = (error: unknown): void =>
    fail({
      name: "an error that nobody handled",
      faults: [textOf(error)],
      reproducer: "",
    });
  process.on("unhandledRejection", unhandled);
  const parts: Running[] = [];
  try {
    for (const name of only) {
      // oxlint-disable-next-line no-await-in-loop
      const part = await STARTERS[name]();
      parts.push(part);
      // oxlint-disable-next-line no-await-in-loop
      const report = await part.named(fail);
      cases += report.cases;
      log(`${name}: ${report.cases} cases with names, ${report.failures.length} failed`);
    }
    const ends = performance.now() + seconds * 1000;
    const tried = new Map(parts.map(({ name }) => [name, { batches: 0, cases: 0 }]));
    for (let turn = 0; parts.length > 0 && performance.now() < ends; turn++) {
      const part = parts[turn % parts.length];
      const so = part === undefined ? undefined : tried.get(part.name);
      if (part === undefined || so === undefined) break;
      // The nth batch of a part is the same whatever the others did.
      // oxlint-disable-next-line no-await-in-loop
      const report = await part.random({ seed: (seed + so.batches++) % 2 ** 31, runs: part.batch });
      so.cases += report.cases;
      for (const failure of report.failures) fail(failure);
    }
    for (const [name, so] of tried) {
      cases += so.cases;
      log(`${name}: ${so.cases} random cases`);
    }
  } catch (error) {
    fail({ name: "an error outside of the cases", faults: [textOf(error)], reproducer: "" });
  } finally {
    for (const part of parts) {
      // oxlint-disable-next-line no-await-in-loop
      const faults = await part.end().catch((error: unknown) => [textOf(error)]);
      if (faults.length > 0) fail({ name: `${part.name}, at the end`, faults, reproducer: "" });
    }
    process.off("unhandledRejection", unhandled);
  }
  return { cases, failures };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const STARTERS: Readonly<Record<FuzzPart, () => Promise<Running>>> = {
  async server() {
    const world = await startWorld();
    const drafts = keepDrafts(world);
    const before = await heldBytes(world);
    return {
      name: "server",
      named: async (onFailure) => await runCases({ world, drafts }, serverCases(), onFailure),
      random: async (options) => await randomRequests(world, drafts, options),
      batch: 100,
      end: async () => {
        const faults = await faultsAtTheEnd(world, before);
        await world.close();
        return faults;
      },
    };
  },
  async client() {
    const world = await startClientWorld();
    return {
      name: "client",
      named: async (onFailure) => await runCases(world, clientCases(), onFailure),
      random: async (options) => await randomAnswers(world, options),
      batch: 5,
      end: async () => {
        await world.close();
        return [];
      },
    };
  },
  async identity() {
    const world = await startIdentityWorld();
    return {
      name: "identity",
      named: async (onFailure) => await runCases(world, identityCases(), onFailure),
      random: async (options) => await randomIdentity(world, options),
      batch: 30,
      end: async () => {
        await world.close();
        return [];
      },
    };
  },
  async parsers() {
    const parsers = allParsers();
    return await Promise.resolve({
      name: "parsers",
      named: async (onFailure) => await runCases(parsers, parserCases(parsers), onFailure),
      random: async (options) => await randomInputs(parsers, options),
      batch: 1_000,
      end: async () => await Promise.resolve([]),
    });
  },
};
