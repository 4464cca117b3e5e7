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

/** Each answer of each operation, distorted in every way that has a name. What one operation tried, the next tries in one way only, another one each time. */
export function clientCases(operations: Operations = OPERATIONS): readonly NamedCase<ClientWorld>[] {
  const tried: Tried = { kinds: new Set(), turn: 0 };
  return Object.entries(operations).map(([name, operation]) => ({
    name: `a client's ${name}, whatever its server answers`,
    run: async (world, count) => await everyAnswer(world, operation, tried, count),
  }));
}

/** An answer of each kind doesn't come, stops, or drips, in turn. To be run in a world whose client has little patience. */
export function slowCases(operations: Operations = OPERATIONS): readonly NamedCase<ClientWorld>[] {
  const tried: Tried = { kinds: new Set(), turn: 0 };
  return Object.entries(operations).map(([name, operation]) => ({
    name: `a client's ${name}, however slowly its server answers`,
    run: async (world, count) => await everySlowAnswer(world, operation, tried, count),
  }));
}

/** Kinds of answers that were tried, and what is next for the others. */
interface Tried {
  readonly kinds: Set<string>;
  turn: number;
}

async function everyAnswer(world: ClientWorld, operation: Operation, tried: Tried, count: () => void): Promise<readonly string[]> {
  const found: string[] = [];
  const met = new Set<EndpointName | null>();
  for (let from = 0; ; from++) {
    let kind = "";
    let due = 1;
    for (let nth = 0; nth < due; nth++) {
      count();
      const distort = (answer: MirroredAnswer): Distortion | null => {
        const all = namedDistortions(answer);
        kind = kindOf(answer);
        met.add(endpointOf(answer));
        const isNew = !tried.kinds.has(kind);
        due = isNew ? all.length : 1;
        return all[(isNew ? nth : tried.turn++) % all.length] ?? null;
      };
      // oxlint-disable-next-line no-await-in-loop
      const { faults, told, answers } = await carryOut(world, { operation, from, count: 1, distort }, false);
      found.push(...faults.map((fault) => `${told.join()}: ${fault}`));
      if (answers > from) continue;
      return [...found, ...missed(operation, met)];
    }
    if (tried.kinds.has(kind)) continue;
    tried.kinds.add(kind);
    // oxlint-disable-next-line no-await-in-loop
    found.push(...(await world.heal("thoroughly")).map((fault) => `after every answer to ${kind}: ${fault}`));
  }
}

async function everySlowAnswer(world: ClientWorld, operation: Operation, tried: Tried, count: () => void): Promise<readonly string[]> {
  const found: string[] = [];
  const met = new Set<EndpointName | null>();
  for (;;) {
    count();
    let kind: string | null = null;
    const distort = (answer: MirroredAnswer): Distortion | null => {
      met.add(endpointOf(answer));
      if (kind !== null || tried.kinds.has(kindOf(answer))) return null;
      kind = kindOf(answer);
      tried.kinds.add(kind);
      const all = slowDistortions(answer);
      return all[tried.turn++ % all.length] ?? null;
    };
    // oxlint-disable-next-line no-await-in-loop
    const { faults, told } = await carryOut(world, { operation, from: 0, count: Infinity, distort }, false);
    found.push(...faults.map((fault) => `${told.join()}: ${fault}`));
    if (told.length === 0) return [...found, ...missed(operation, met)];
  }
}

function missed({ endpoints }: Operation, met: ReadonlySet<EndpointName | null>): readonly string[] {
  return endpoints.filter((endpoint) => !met.has(endpoint)).map((endpoint) => `no answer of ${endpoint} was met`);
}

/** A request without what differs each time: ids, addresses, queries. */
function kindOf(answer: MirroredAnswer): string {
  return endpointOf(answer) ?? `${answer.method} ${answer.path}`;
}
