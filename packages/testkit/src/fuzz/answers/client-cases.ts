import type { Client } from "@smimp/client";
import { isProblemCode, isSmimpError } from "@smimp/protocol";
import type { MirroredAnswer } from "../../hostile/mirror.ts";
import { choicesFrom } from "../input/choices.ts";
import { runRandom, type Numbers, type Outcome } from "../random.ts";
import type { NamedCase, Report } from "../report.ts";
import { draftTo, describe, type ClientWorld } from "./client-world.ts";
import { distortionOf, namedDistortions, type Distortion } from "./distortions.ts";

/** Milliseconds that an operation may take however the server answers. */
const LONGEST_OPERATION = 30_000;

/** What somebody does with a client. Each must end, in success or in an error of protocol section 10. */
const OPERATIONS: Readonly<Record<string, (world: ClientWorld, client: Client) => Promise<void>>> = {
  sync: async (_world, client) => void (await client.sync()),
  "sync of mail": async ({ bob }, client) => {
    await bob.client.send(draftTo(client.address));
    await client.sync();
  },
  send: async ({ bob }, client) => {
    const { copies } = await client.send(draftTo(bob.address));
    for (const { reason } of copies)
      if (reason !== null && !isProblemCode(reason)) throw new TypeError(`the reason ${String(reason)} is none`);
  },
  "send again": async (_world, client) => void (await client.outbox.flush({ force: true })),
  attachment: async (_world, client) => {
    for (const { messageId } of (await client.inbox.list({ limit: 3 })).filter(({ state }) => state === "open")) {
      // oxlint-disable-next-line no-await-in-loop
      for await (const _piece of client.inbox.attachment(messageId, 0));
    }
  },
  resolve: async ({ bob }, client) => void (await client.contacts.resolve(bob.address)),
  "mark as read": async (_world, client) => {
    const [first] = await client.inbox.list({ limit: 1 });
    if (first !== undefined) await client.inbox.setRead(first.messageId, !first.read);
  },
  remove: async (_world, client) => {
    const list = await client.inbox.list({ limit: 10 });
    const last = list.at(-1);
    if (last !== undefined && list.length > 5) await client.inbox.remove(last.messageId);
  },
  watch: async (_world, client) => {
    const signal = AbortSignal.timeout(300);
    for await (const _event of client.watch({ signal }));
  },
  join: async (world) => await (await world.join()).close(),
};

/** How often distorted answers come in one operation. */
interface Plan {
  readonly operation: string;
  /** The first answer that is distorted, and how many after it. */
  readonly from: number;
  readonly count: number;
  distort(answer: MirroredAnswer): Distortion;
}

/** Runs an operation while a plan is in force; says what was wrong. `told`: what was distorted. */
async function carryOut(
  world: ClientWorld,
  plan: Plan,
  thoroughly: boolean,
): Promise<{ readonly faults: readonly string[]; readonly told: readonly string[]; readonly answers: number }> {
  const run = OPERATIONS[plan.operation];
  if (run === undefined) throw new TypeError(`no operation is called ${plan.operation}`);
  const told: string[] = [];
  let answers = 0;
  world.mirror.distort((answer) => {
    const at = answers++;
    if (at < plan.from || at >= plan.from + plan.count) return null;
    const { what, answer: show } = plan.distort(answer);
    told.push(`${answer.method} ${answer.path.replace(/[0-9a-f]{64}/g, "…")}: ${what}`);
    return show;
  });
  const faults = await within(run(world, world.client()));
  return { faults: [...faults, ...(await world.heal(thoroughly))], told, answers };
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
  const operation = choices.of(Object.keys(OPERATIONS));
  const from = choices.below(8);
  const count = choices.of([1, 1, 3, 100]);
  const { faults, told } = await carryOut(world, { operation, from, count, distort: (answer) => distortionOf(answer, choices) }, true);
  return { faults, reproducer: faults.length === 0 ? "" : `${operation}, ${told.join("; then ")}` };
}

/** Each answer of each operation, distorted in every way that has a name. What one operation tried, the next leaves out. */
export function clientCases(): readonly NamedCase<ClientWorld>[] {
  const seen = new Set<string>();
  return Object.keys(OPERATIONS).map((operation) => ({
    name: `a client's ${operation}, whatever its server answers`,
    run: async (world, count) => await everyAnswer(world, operation, seen, count),
  }));
}

async function everyAnswer(world: ClientWorld, operation: string, seen: Set<string>, count: () => void): Promise<readonly string[]> {
  const found: string[] = [];
  for (let from = 0; ; from++) {
    let kind = "";
    let ways = 1;
    for (let way = 0; way < ways; way++) {
      count();
      const distort = (answer: MirroredAnswer): Distortion => {
        const all = namedDistortions(answer);
        kind = kindOf(answer);
        ways = seen.has(kind) ? 1 : all.length;
        return all[way % all.length] ?? { what: "as it is", answer: () => undefined };
      };
      // oxlint-disable-next-line no-await-in-loop
      const { faults, told, answers } = await carryOut(world, { operation, from, count: 1, distort }, false);
      found.push(...faults.map((fault) => `${told.join()}: ${fault}`));
      if (answers <= from) return found;
    }
    seen.add(kind);
    // oxlint-disable-next-line no-await-in-loop
    found.push(...(await world.heal(true)).map((fault) => `after every answer to ${kind}: ${fault}`));
  }
}

/** A request without what differs each time: ids, addresses, queries. */
function kindOf({ method, path }: MirroredAnswer): string {
  return `${method} ${path.replace(/\?.*|[0-9a-f]{64}|[a-z0-9]+%23[a-z.]+/g, "")}`;
}
