import {
  acceptHistory,
  checkChainInTurns,
  checkProfileText,
  domainOf,
  ENDPOINTS,
  isSmimpError,
  MAX_FETCH_SECONDS,
  parseJsonBytes,
  secondsBetween,
  SmimpError,
  type Address,
  type BaseUrl,
  type Chain,
  type Clock,
  type Domain,
  type JsonValue,
  type Pin,
  type ProblemCode,
  type PublicKey,
  type Timestamp,
} from "@smimp/protocol";
import { checkVersion, findServer, PROTOCOL_VERSION } from "./discovery.ts";
import type { Fetch } from "./fetch.ts";
import { exchange, expectSuccess } from "./http.ts";
import { createTurns } from "./turns.ts";
import { yieldToOthers } from "./yield.ts";

/** Where pins are kept for good (protocol section 3). */
export interface PinStore {
  /** What is pinned for an address, or null before first contact. */
  get(address: Address): Promise<Pin | null>;
  /** The address under which this master key is pinned, or null. */
  holderOf(publicKey: PublicKey): Promise<Address | null>;
  /** Stores a pin durably; resolves once it is. */
  put(address: Address, pin: Pin): Promise<void>;
}

/** An address whose history was fetched, validated and pinned. */
export interface Resolved {
  readonly address: Address;
  /** Where the address's server is. */
  readonly baseUrl: BaseUrl;
  readonly chain: Chain;
  readonly pin: Pin;
  /** What was pinned before, or null on first contact. */
  readonly previousPin: Pin | null;
  readonly profile: string | null;
  readonly firstContact: boolean;
}

/** What resolving needs from outside. */
export interface ResolverOptions {
  readonly fetch: Fetch;
  readonly pins: PinStore;
  readonly clock: Clock;
  /**
   * Bytes of a history at most. A server takes 2 MiB (protocol section 5); a client a whole chain of 1,000 records
   * with its profile.
   */
  readonly maxHistoryBytes: number;
  /** Seconds that finding and fetching one history may take in all: a server's are 10 (protocol section 5), a client's 30 where left out. */
  readonly historySeconds?: number;
  /** Fetches under way at once, over all domains; 64 where left out. */
  readonly maxFetches?: number;
}

/** Finds people: the identity half of SMIMP, for client, server and sites alike. */
export interface Resolver {
  /** Where the server of a domain is; remembered for some minutes. Throws as `findServer` of discovery does. */
  findServer(domain: Domain): Promise<BaseUrl>;
  /**
   * Fetches a history, validates it, holds it against the pin and pins it (protocol section 3). Throws `unknown_user`,
   * `history_invalid`, `history_rewritten`, `server_mismatch`, `key_reused`, `insecure_transport`, `temporarily_unavailable`.
   */
  resolve(address: Address): Promise<Resolved>;
}

/** How long a found server is remembered, seconds. */
const SERVER_MEMORY = 600;
/** Back-off after a domain failed: first wait and longest wait, seconds (protocol section 5). */
const FIRST_BACK_OFF = 1;
const LONGEST_BACK_OFF = 300;
/** What makes a domain count as failing. */
const FAILING: readonly ProblemCode[] = ["temporarily_unavailable", "insecure_transport", "too_large"];
/** What an account's old server says once the account is elsewhere: nothing, or the history as it was when it left. */
const PERHAPS_MOVED: readonly ProblemCode[] = ["server_mismatch", "unknown_user", "history_rewritten"];
/** Domains whose state is remembered at most, and how often all are looked through, seconds. */
const MAX_DOMAINS = 10_000;
const SWEEP_SECONDS = 10;

interface DomainState {
  server?: { readonly url: BaseUrl; readonly foundAt: Timestamp };
  failures: number;
  failedAt?: Timestamp;
  /** The end of the queue: one fetch at a time for a domain (protocol section 5). */
  queue: Promise<unknown>;
  waiting: number;
}

/** Fetches waiting for one domain at most; more are told to come back. */
const MAX_WAITING = 100;
/** Fetches under way over all domains where nothing else is said, and how many times as many wait. */
const DEFAULT_FETCHES = 64;
const WAITING_FACTOR = 16;
/** Seconds for one history where nothing else is said. */
const DEFAULT_HISTORY_SECONDS = 30;

/** Makes a resolver. */
export function createResolver(options: ResolverOptions): Resolver {
  const { fetch, pins, clock, maxHistoryBytes, historySeconds = DEFAULT_HISTORY_SECONDS, maxFetches = DEFAULT_FETCHES } = options;
  const turns = createTurns(maxFetches, maxFetches * WAITING_FACTOR);
  const domains = new Map<Domain, DomainState>();
  const inFlight = new Map<Address, Promise<Resolved>>();
  let sweptAt: Timestamp | null = null;

  function stateOf(domain: Domain): DomainState {
    let state = domains.get(domain);
    if (state === undefined) {
      if (domains.size >= MAX_DOMAINS) forgetIdle();
      state = { failures: 0, queue: Promise.resolve(), waiting: 0 };
      domains.set(domain, state);
    }
    return state;
  }

  /** Makes room. What a domain failed lately is kept: forgetting it would let whoever names many domains have failing ones asked again at once. */
  function forgetIdle(): void {
    // Looking through all of them takes a while: not for every new domain where all of them fail.
    if (sweptAt === null || Math.abs(secondsBetween(sweptAt, clock())) >= SWEEP_SECONDS) {
      sweptAt = clock();
      for (const [domain, state] of domains) if (state.waiting === 0 && !failedLately(state)) domains.delete(domain);
    }
    if (domains.size < MAX_DOMAINS) return;
    // A Map keeps the order of insertion: the one that is known longest goes.
    for (const [domain, { waiting }] of domains) if (waiting === 0) return void domains.delete(domain);
  }

  function failedLately({ failures, failedAt }: DomainState): boolean {
    return failures > 0 && failedAt !== undefined && Math.abs(secondsBetween(failedAt, clock())) < 2 * LONGEST_BACK_OFF;
  }

  async function serverOf(domain: Domain, signal: AbortSignal): Promise<{ readonly url: BaseUrl; readonly remembered: boolean }> {
    const state = stateOf(domain);
    if (state.server !== undefined && Math.abs(secondsBetween(state.server.foundAt, clock())) < SERVER_MEMORY) {
      return { url: state.server.url, remembered: true };
    }
    const url = await findServer(fetch, domain, signal);
    state.server = { url, foundAt: clock() };
    return { url, remembered: false };
  }

  /** One at a time for a domain, with back-off after failures. */
  async function inTurn<Result>(domain: Domain, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const state = stateOf(domain);
    if (state.waiting >= MAX_WAITING) throw new SmimpError("temporarily_unavailable", `${domain} is busy`, { retryAfter: 10 });
    const before = state.queue;
    const turn = Promise.withResolvers<void>();
    state.queue = turn.promise;
    state.waiting++;
    let end: (() => void) | null = null;
    try {
      await before;
      refuseWhileBackingOff(domain, state);
      end = await turns.take();
      const result = await attempt(state, work);
      state.failures = 0;
      return result;
    } finally {
      end?.();
      state.waiting--;
      turn.resolve();
    }
  }

  async function attempt<Result>(state: DomainState, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const bound = new AbortController();
    const late = (): void => bound.abort(new SmimpError("temporarily_unavailable", "the server answers too slowly"));
    const timer = setTimeout(late, historySeconds * 1000);
    try {
      return await work(bound.signal);
    } catch (error) {
      // Any other code is an answer of a server that works.
      state.failures = isSmimpError(error) && FAILING.includes(error.code) ? state.failures + 1 : 0;
      state.failedAt = clock();
      if (state.failures > 0) delete state.server;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async function fetchAndPin(address: Address, signal: AbortSignal): Promise<Resolved> {
    const domain = domainOf(address);
    const server = await serverOf(domain, signal);
    try {
      return await fetchFrom(server.url, address, signal);
    } catch (error) {
      if (!server.remembered || !isSmimpError(error) || !PERHAPS_MOVED.includes(error.code)) throw error;
      // The account may live elsewhere by now: smimp.txt is asked again before anybody is alarmed (protocol section 3).
      delete stateOf(domain).server;
      return await fetchFrom((await serverOf(domain, signal)).url, address, signal);
    }
  }

  async function fetchFrom(baseUrl: BaseUrl, address: Address, signal: AbortSignal): Promise<Resolved> {
    const { records, profile } = await fetchHistory(fetch, baseUrl, address, maxHistoryBytes, signal);
    const chain = await checkChainInTurns(address, records, yieldToOthers);
    const previousPin = await pins.get(address);
    const publicKey = chain.head.document.public_key;
    const holder = await pins.holderOf(publicKey);
    const pinnedElsewhere = holder === null ? [] : [{ address: holder, public_key: publicKey }];
    const pin = acceptHistory({ chain, server: baseUrl, pin: previousPin, pinnedElsewhere });
    checkProfileText(profile, chain.head.document.profile_hash);
    if (previousPin === null || previousPin.link !== pin.link) await pins.put(address, pin);
    return { address, baseUrl, chain, pin, previousPin, profile, firstContact: previousPin === null };
  }

  return {
    findServer: (domain) => inTurn(domain, async (signal) => (await serverOf(domain, signal)).url),
    resolve(address) {
      const running = inFlight.get(address);
      if (running !== undefined) return running;
      const started = inTurn(domainOf(address), (signal) => fetchAndPin(address, signal)).finally(() => inFlight.delete(address));
      inFlight.set(address, started);
      return started;
    },
  };

  function refuseWhileBackingOff(domain: Domain, state: DomainState): void {
    if (state.failures === 0 || state.failedAt === undefined) return;
    const wait = Math.min(FIRST_BACK_OFF * 2 ** (state.failures - 1), LONGEST_BACK_OFF);
    // However the clock was set meanwhile: nobody is avoided for longer than the longest wait.
    const left = wait - Math.abs(secondsBetween(state.failedAt, clock()));
    if (left <= 0) return;
    throw new SmimpError("temporarily_unavailable", `${domain} could not be reached`, { retryAfter: Math.ceil(left) });
  }
}

/** A history as a server shows it: nothing of it is checked yet. */
export interface FetchedHistory {
  readonly records: readonly unknown[];
  readonly profile: string | null;
}

/**
 * Fetches a history without validating it (protocol section 3). Throws `unknown_user` where the server doesn't know the
 * address, `unsupported_version` where it speaks no version that this program knows, `history_invalid` for an answer
 * that can't be a history, and what `exchange` throws.
 */
export async function fetchHistory(
  fetch: Fetch,
  server: BaseUrl,
  address: Address,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<FetchedHistory> {
  const init = signal === undefined ? {} : { signal };
  const path = ENDPOINTS.getHistory.path.replace("{address}", encodeURIComponent(address));
  const answer = await exchange(fetch, `${server}${PROTOCOL_VERSION}/${path}`, init, { maxBytes, seconds: MAX_FETCH_SECONDS });
  try {
    expectSuccess(answer);
  } catch (error) {
    if (!isSmimpError(error, "not_found") && !isSmimpError(error, "unsupported_version")) throw error;
    // A 404 that says no more may also mean that this version of the protocol isn't there.
    await checkVersion(fetch, server, signal);
    throw new SmimpError("unknown_user", `the server doesn't know ${address}`);
  }
  return parseHistory(answer.body);
}

// JSON that is none comes from no server; from there on every fault is the chain's (protocol section 3).
function parseHistory(body: Uint8Array): FetchedHistory {
  let value: JsonValue;
  try {
    value = parseJsonBytes(body);
  } catch (cause) {
    throw new SmimpError("temporarily_unavailable", "the server's answer makes no sense", { cause });
  }
  const { records, profile } = (typeof value === "object" && value !== null ? value : {}) as Readonly<
    Record<string, JsonValue | undefined>
  >;
  if (!Array.isArray(records) || (profile !== null && typeof profile !== "string")) {
    throw new SmimpError("history_invalid", "the server's answer is not a history");
  }
  return { records, profile };
}
