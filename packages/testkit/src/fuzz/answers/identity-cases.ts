import { checkVersion, createResolver, findServer, serverInformation, type Fetch, type PinStore } from "@smimp/identity";
import { createGuardedFetch } from "@smimp/identity/guarded-fetch";
import {
  checkChain,
  ENDPOINTS,
  isSmimpError,
  parseAddress,
  parseBaseUrl,
  parseDomain,
  type Address,
  type Endpoint,
  type Pin,
} from "@smimp/protocol";
import { createAuthority } from "../../authority.ts";
import { realClock } from "../../clock.ts";
import { startHistoryPeer, type HistoryPeer } from "../../hostile/history.ts";
import type { MirroredAnswer } from "../../hostile/mirror.ts";
import { createIdentity, type TestIdentity } from "../../identity.ts";
import { choicesFrom } from "../input/choices.ts";
import { sampleOf } from "../input/schema.ts";
import { runRandom, type Numbers, type Outcome } from "../random.ts";
import type { NamedCase, Report } from "../report.ts";
import { describe } from "./healing.ts";
import { distortionOf, namedDistortions, type Distortion } from "./distortions.ts";

/** The identity half of SMIMP before a peer that may show anything. */
export interface IdentityWorld {
  readonly peer: HistoryPeer;
  readonly identity: TestIdentity;
  readonly fetch: Fetch;
  close(): Promise<void>;
}

const DOMAIN = parseDomain("evil.example");
const LONGEST = 15_000;
/** Bytes of a history that are read: as a server does it. */
const MAX_HISTORY = 512 * 1024;

/** Starts the peer. */
export async function startIdentityWorld(): Promise<IdentityWorld> {
  const authority = createAuthority();
  const peer = await startHistoryPeer(authority, DOMAIN);
  const fetch = createGuardedFetch({
    developmentNetwork: { ca: authority.certificate, hosts: peer.hosts },
    connectSeconds: 2,
    headersSeconds: 2,
    idleSeconds: 2,
  });
  const identity = createIdentity(`alice#${DOMAIN}`, peer.baseUrl, realClock()).append();
  return {
    peer,
    identity,
    fetch,
    close: async () => {
      await fetch.close();
      await peer.close();
    },
  };
}

/** A question, the honest answer, and what asks it. */
interface Question {
  readonly path: string;
  honest(world: IdentityWorld): Pick<MirroredAnswer, "headers" | "body">;
  ask(world: IdentityWorld): Promise<void>;
}

const json = (value: unknown): Pick<MirroredAnswer, "headers" | "body"> => ({
  headers: { "content-type": "application/json" },
  body: Buffer.from(JSON.stringify(value)),
});

function historyPath(address: Address): string {
  return `/1.0/get_user/${address}/history`;
}

async function resolve({ fetch, identity }: IdentityWorld): Promise<void> {
  const pins = memoryPins();
  const resolved = await createResolver({ fetch, pins, clock: realClock, maxHistoryBytes: MAX_HISTORY }).resolve(identity.address);
  // What was taken must be a chain of this address, and be what is pinned.
  const chain = checkChain(
    identity.address,
    resolved.chain.records.map(({ statement }) => statement),
  );
  if (chain.head.link !== resolved.pin.link || (await pins.get(identity.address))?.link !== chain.head.link)
    throw new TypeError("another history was pinned");
}

const QUESTIONS: Readonly<Record<string, Question>> = {
  "smimp.txt": {
    path: "/.well-known/smimp.txt",
    honest: ({ peer }) => ({ headers: { "content-type": "text/plain" }, body: Buffer.from(`# a comment\n${peer.baseUrl}\n`) }),
    ask: async ({ fetch }) => {
      const url = await findServer(fetch, DOMAIN);
      if (parseBaseUrl(url) !== url) throw new TypeError("a base URL that is none");
    },
  },
  version: {
    path: "/version",
    honest: () => json({ versions: ["0.9", "1.0"] }),
    ask: async ({ fetch, peer }) => await checkVersion(fetch, peer.baseUrl),
  },
  server_information: {
    path: "/1.0/server_information",
    honest: () => json(sampleOf(answerSchema())),
    ask: async ({ fetch, peer }) => void (await serverInformation(fetch, peer.baseUrl)),
  },
  history: { path: historyPath(parseAddress(`alice#${DOMAIN}`)), honest: ({ identity }) => json(identity.history()), ask: resolve },
};

function answerSchema(): Exclude<Endpoint["answer"], undefined | string> {
  const { answer }: Endpoint = ENDPOINTS.getServerInformation;
  if (typeof answer !== "object") throw new TypeError("server_information answers with JSON");
  return answer;
}

function memoryPins(): PinStore {
  const pins = new Map<Address, Pin>();
  return {
    get: async (address) => await Promise.resolve(pins.get(address) ?? null),
    holderOf: async () => await Promise.resolve(null),
    put: async (address, pin) => {
      pins.set(address, pin);
      await Promise.resolve();
    },
  };
}

async function tried(
  world: IdentityWorld,
  { path, honest, ask }: Question,
  distort: (answer: MirroredAnswer) => Distortion,
): Promise<{ faults: readonly string[]; what: string }> {
  const { what, answer } = distort({ method: "GET", path, status: 200, ...honest(world) });
  world.peer.show(world.identity.address, world.identity);
  world.peer.answer(path, answer);
  const { promise, resolve: end } = Promise.withResolvers<readonly string[]>();
  const timer = setTimeout(() => end(["it has no end"]), LONGEST);
  ask(world).then(
    () => end([]),
    (error: unknown) => end(isSmimpError(error) ? [] : [`an error that is none of SMIMP: ${describe(error)}`]),
  );
  const faults = await promise;
  clearTimeout(timer);
  // The next question starts from an honest peer again.
  world.peer.answer(path, (_request, response) => response.writeHead(200, honest(world).headers).end(honest(world).body));
  return { faults, what };
}

/** Every answer of a peer that the identity half reads, distorted in every way that has a name. */
export function identityCases(): readonly NamedCase<IdentityWorld>[] {
  return Object.entries(QUESTIONS).map(([name, question]) => ({
    name: `${name}, whatever a peer shows`,
    async run(world, count) {
      const found: string[] = [];
      const honest = await tried(world, question, (answer) => ({
        what: "as it is",
        answer: (_request, response) => response.writeHead(200, answer.headers).end(answer.body),
      }));
      found.push(...honest.faults);
      for (const distortion of namedDistortions({ method: "GET", path: question.path, status: 200, ...question.honest(world) })) {
        count();
        // oxlint-disable-next-line no-await-in-loop
        const { faults } = await tried(world, question, () => distortion);
        found.push(...faults.map((fault) => `${distortion.what}: ${fault}`));
      }
      return found;
    },
  }));
}

/** Random distortions of a peer's answers. */
export async function randomIdentity(world: IdentityWorld, options: { readonly seed: number; readonly runs: number }): Promise<Report> {
  return await runRandom("a random answer of a peer", options, async (numbers) => await oneIdentity(world, numbers));
}

async function oneIdentity(world: IdentityWorld, numbers: Numbers): Promise<Outcome> {
  const choices = choicesFrom(numbers);
  const name = choices.of(Object.keys(QUESTIONS));
  const question = QUESTIONS[name];
  if (question === undefined) throw new TypeError("a question that is none");
  const { faults, what } = await tried(world, question, (answer) => distortionOf(answer, choices));
  return { faults, reproducer: faults.length === 0 ? "" : `${name}: ${what}` };
}
