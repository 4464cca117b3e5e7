import { isSmimpError, type EndpointName } from "@smimp/protocol";
import type { MirroredAnswer } from "../../hostile/mirror.ts";
import { choicesFrom } from "../input/choices.ts";
import { runRandom, type Numbers, type Outcome } from "../random.ts";
import type { NamedCase, Report } from "../report.ts";
import { ACCOUNT_OPERATIONS, NEW_DEVICE_OPERATIONS } from "./account-operations.ts";
import type { ClientWorld } from "./client-world.ts";
import { distortionOf, namedDistortions, slowDistortions, type Distortion } from "./distortions.ts";
import { endpointOf } from "./endpoints.ts";
import { describe } from "./healing.ts";
import { MAILBOX_OPERATIONS } from "./mailbox-operations.ts";
import type { Operation, Operations } from "./operations.ts";

/** Milliseconds that an operation may take however the server answers. */
const LONGEST_OPERATION = 30_000;

/** All that is done with a client. Each must end, in success or in an error of protocol section 10. */
export const OPERATIONS: Operations = { ...MAILBOX_OPERATIONS, ...NEW_DEVICE_OPERATIONS, ...ACCOUNT_OPERATIONS };

/** How often distorted answers come in one operation. */
interface Plan {
  readonly operation: Operation;
  /** The first answer that is distorted, and how many after it. */
  readonly from: number;
  readonly count: number;
  /** Null: this one passes as it is. */
  distort(answer: MirroredAnswer): Distortion | null;
}

/** What came of a plan. `told`: what was distorted; `answers`: how many there were. */
interface Carried {
  readonly faults: readonly string[];
  readonly told: readonly string[];
  readonly answers: number;
}

/** Runs an operation while a plan is in force; says what was wrong. */
async function carryOut(world: ClientWorld, plan: Plan, thoroughly: boolean): Promise<Carried> {
  // Sessions are over: each attempt begins with the same requests.
  await world.heal("in time");
  const attempt = await plan.operation.begin(world);
  const told: string[] = [];
  let answers = 0;
  world.distort((answer) => {
    const at = answers++;
    if (at < plan.from || at >= plan.from + plan.count) return null;
    const distortion = plan.distort(answer);
    if (distortion === null) return null;
    const { what, answer: show } = distortion;
    told.push(`${answer.method} ${answer.path.replace(/[0-9a-f]{64}/g, "…")}: ${what}`);
    return show;
  });
  const faults = await within(attempt.run());
  world.distort(null);
  const later = await world.heal(thoroughly ? "thoroughly" : plan.operation.isOthers === true ? "in time" : "with a sync");
  const wrong = (await attempt.afterwards?.()) ?? null;
  return { faults: [...faults, ...later, ...(wrong === null ? [] : [wrong])], told, answers };
}

async function within(work: Promise<void>): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const timer = setTimeout(() => resolve(["it has no end"]), LONGEST_OPERATION);
  work.then(
    () => resolve([]),
    (error: unknown) => resolve(isSmimpError(error) ? [] : [`an error that is none of SMIMP: ${describe(error)}`]),
  );
  const faults = await promise;
  clearTimeout(timer);
  return faults;
}

/** Random distortions of random answers. */
export async function randomAnswers(world: ClientWorld, options: { readonly seed: number; readonly runs: number }): Promise<Report> {
  return await runRandom("a random answer", options, async (numbers) => await oneAnswer(world, numbers));
}

async function oneAnswer(world: ClientWorld, numbers: Numbers): Promise<Outcome> {
  const choices = choicesFrom(numbers);
  const name = choices.of(Object.keys(OPERATIONS));
  const operation = operationOf(name);
  const from = choices.below(8);
  const count = choices.of([1, 1, 3, 100]);
  const { faults, told } = await carryOut(world, { operation, from, count, distort: (answer) => distortionOf(answer, choices) }, true);
  return { faults, reproducer: faults.length === 0 ? "" : `${name}, ${told.join("; then ")}` };
}

function operationOf(name: string): Operation {
  const operation = OPERATIONS[name];
  if (operation === undefined) throw new TypeError(`no operation is called ${name}`);
  return operation;
}

/**
 * Each answer of each operation, distorted in the ways that have names. Where the operation is there for an answer, this share of its ways
 * is tried: all of them, unless something smaller is asked for.
 */
export function clientCases(operations: Operations = OPERATIONS, share = 1): readonly NamedCase<ClientWorld>[] {
  const tried: Tried = { ways: new Map(), turn: 0, share };
  return Object.entries(operations).map(([name, operation]) => ({
    name: `a client's ${name}, whatever its server answers`,
    run: async (world, count) => await everyAnswer(world, operation, tried, count),
  }));
}

/** An answer of each kind doesn't come, stops, or drips, in turn. To be run in a world whose client has little patience. */
export function slowCases(operations: Operations = OPERATIONS): readonly NamedCase<ClientWorld>[] {
  const tried: Tried = { ways: new Map(), turn: 0, share: 1 };
  return Object.entries(operations).map(([name, operation]) => ({
    name: `a client's ${name}, however slowly its server answers`,
    run: async (world, count) => await everySlowAnswer(world, operation, tried, count),
  }));
}

/** Numbers of the ways in which each kind of answer was distorted; and how many times a kind was that had none left. */
interface Tried {
  readonly ways: Map<string, Set<number>>;
  turn: number;
  /** Of the ways of an answer, those that are tried. */
  readonly share: number;
}

/** Ways of a kind of answer that another operation is there for. */
const SOME_WAYS = 8;

async function everyAnswer(world: ClientWorld, operation: Operation, tried: Tried, count: () => void): Promise<readonly string[]> {
  const found: string[] = [];
  const attempt = async (plan: Omit<Plan, "operation">): Promise<Carried> => {
    count();
    const carried = await carryOut(world, { operation, ...plan }, false);
    found.push(...carried.faults.map((fault) => `${carried.told.join()}: ${fault}`));
    return carried;
  };
  // What it is there for: the first such answer, in every way, or in a share of them.
  for (const endpoint of operation.endpoints) {
    for (;;) {
      let left = 0;
      let isOver = false;
      const distort = (answer: MirroredAnswer): Distortion | null => {
        if (isOver || kindOf(answer) !== endpoint) return null;
        isOver = true;
        const all = namedDistortions(answer);
        const next = nextWay(tried, endpoint, all.length, Math.ceil(all.length * tried.share));
        ({ left } = next);
        return all[next.way] ?? null;
      };
      // oxlint-disable-next-line no-await-in-loop
      const { told } = await attempt({ from: 0, count: Infinity, distort });
      if (told.length === 0) found.push(`no answer of ${endpoint} was met`);
      if (left <= 0) break;
    }
    // Months may have passed: whoever it writes with makes new keys.
    // oxlint-disable-next-line no-await-in-loop
    found.push(...(await world.heal("thoroughly")).map((fault) => `after every answer to ${endpoint}: ${fault}`));
  }
  // Whatever else it meets on its way, wherever that stands.
  for (let from = 0; ; from++) {
    for (;;) {
      let left = 0;
      const distort = (answer: MirroredAnswer): Distortion | null => {
        const all = namedDistortions(answer);
        const next = nextWay(tried, kindOf(answer), all.length, SOME_WAYS);
        ({ left } = next);
        return all[next.way] ?? null;
      };
      // oxlint-disable-next-line no-await-in-loop
      const { answers } = await attempt({ from, count: 1, distort });
      if (answers <= from) return [...found, ...(await world.heal("thoroughly"))];
      if (left <= 0) break;
    }
  }
}

/** The next way of a kind of answer, of which so many are due: one that was not tried, where there is any. `left`: how many are due after it. */
function nextWay(tried: Tried, kind: string, all: number, due: number): { readonly way: number; readonly left: number } {
  const done = tried.ways.get(kind) ?? new Set();
  tried.ways.set(kind, done);
  const untried = Array.from({ length: all }, (_, way) => way).filter((way) => !done.has(way));
  const turn = tried.turn++;
  const way = untried[turn % Math.max(1, untried.length)] ?? turn % all;
  done.add(way);
  return { way, left: Math.min(all, due) - done.size };
}

async function everySlowAnswer(world: ClientWorld, operation: Operation, tried: Tried, count: () => void): Promise<readonly string[]> {
  const found: string[] = [];
  const met = new Set<EndpointName | null>();
  for (;;) {
    count();
    let kind: string | null = null;
    const distort = (answer: MirroredAnswer): Distortion | null => {
      met.add(endpointOf(answer));
      if (kind !== null || tried.ways.has(kindOf(answer))) return null;
      kind = kindOf(answer);
      tried.ways.set(kind, new Set());
      const all = slowDistortions(answer);
      return all[tried.turn++ % all.length] ?? null;
    };
    // oxlint-disable-next-line no-await-in-loop
    const { faults, told } = await carryOut(world, { operation, from: 0, count: Infinity, distort }, false);
    found.push(...faults.map((fault) => `${told.join()}: ${fault}`));
    if (told.length === 0)
      return [
        ...found,
        ...operation.endpoints.filter((endpoint) => !met.has(endpoint)).map((endpoint) => `no answer of ${endpoint} was met`),
      ];
  }
}

/** A request without what differs each time: ids, addresses, queries. */
function kindOf(answer: MirroredAnswer): string {
  return endpointOf(answer) ?? `${answer.method} ${answer.path}`;
}
