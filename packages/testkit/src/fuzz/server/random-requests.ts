import { ENDPOINTS, type EndpointName } from "@smimp/protocol";
import { choicesFrom } from "../input/choices.ts";
import { runRandom, type Numbers, type Outcome } from "../random.ts";
import type { Report } from "../report.ts";
import { encodeHttp1, type Draft } from "./draft.ts";
import { isHttp, mutateDraft, mutateWire, wireOf } from "./mutate-request.ts";
import { tryRequest } from "./try-request.ts";
import { validDraft } from "./valid.ts";
import type { World } from "./world.ts";

/** Milliseconds for which a valid request is taken as the start of others: challenges live for a minute. */
const DRAFT_LIFE = 20_000;
/** Changes of one request at most. */
const MOST_CHANGES = 3;
/** Methods that HTTP servers know. */
const KNOWN_METHODS = /^(?:GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH|TRACE|PROPFIND)$/;
/** Characters of a head that a server reads; with a margin for its first line. */
const LONGEST_HEAD = 15_000;

/** Tables that a refusal may change: what began to arrive goes again, and the session that brought it. */
const MAY_CHANGE: Readonly<Record<string, readonly string[]>> = { importAccount: ["sessions"] };

/** Valid requests, made anew once they were used up. */
export interface Drafts {
  get(endpoint: EndpointName): Promise<Draft>;
  usedUp(endpoint: EndpointName): void;
}

/** Keeps valid requests of a world. */
export function keepDrafts(world: World): Drafts {
  const kept = new Map<EndpointName, { readonly draft: Draft; readonly at: number }>();
  return {
    async get(endpoint) {
      const known = kept.get(endpoint);
      if (known !== undefined && performance.now() - known.at < DRAFT_LIFE) return known.draft;
      const draft = await validDraft(world, endpoint);
      kept.set(endpoint, { draft, at: performance.now() });
      return draft;
    },
    usedUp: (endpoint) => void kept.delete(endpoint),
  };
}

/** Sends so many random requests: valid ones of every endpoint, changed in one to three places. */
export async function randomRequests(
  world: World,
  drafts: Drafts,
  options: { readonly seed: number; readonly runs: number },
): Promise<Report> {
  return await runRandom("a random request", options, async (numbers) => await oneRequest(world, drafts, numbers));
}

async function oneRequest(world: World, drafts: Drafts, numbers: Numbers): Promise<Outcome> {
  const choices = choicesFrom(numbers);
  const endpoint = choices.of(Object.keys(ENDPOINTS) as EndpointName[]);
  const version = choices.below(3) === 2 ? 2 : 1;
  let draft = await drafts.get(endpoint);
  const told = [endpoint, `HTTP/${version}`];
  for (let left = 1 + choices.below(MOST_CHANGES); left > 0; left--) {
    const { output, what } = mutateDraft(draft, choices);
    draft = output;
    told.push(what);
  }
  const { output: request, what } = mutateWire(wireOf(draft, ENDPOINTS[endpoint].method), choices);
  told.push(what);
  const silence =
    !isHttp(request) ||
    !KNOWN_METHODS.test(request.method) ||
    headOf(request) > LONGEST_HEAD ||
    (version === 2 && hasDoubles(request.headers));
  const { faults, answer } = await tryRequest(world, request, { success: true, silence, mayChange: MAY_CHANGE[endpoint] ?? [] }, version);
  // Anything that was accepted may have used up what this request was made of; a refused import ends the session.
  if (answer === null || answer.status < 400 || endpoint === "importAccount") drafts.usedUp(endpoint);
  return { faults, reproducer: faults.length === 0 ? "" : `${told.join("; ")}\n${readable(encodeHttp1(request, world.target.host))}` };
}

function headOf({ target, headers }: ReturnType<typeof wireOf>): number {
  return target.length + headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
}

function hasDoubles(headers: Draft["headers"]): boolean {
  return new Set(headers.map(([name]) => name)).size < headers.length;
}

/** Characters of a reproducer at most. */
const LONGEST_REPRODUCER = 6_000;

function readable(bytes: Uint8Array): string {
  const text = JSON.stringify(Buffer.from(bytes).toString("latin1"));
  return text.length <= LONGEST_REPRODUCER ? text : `${text.slice(0, LONGEST_REPRODUCER)}… (${bytes.length} bytes in all)`;
}
