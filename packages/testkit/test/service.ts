import { isSmimpError, parseAddress, randomBytes, toHex32, type BaseUrl } from "@smimp/protocol";
import { expect } from "vitest";
import {
  createIdentity,
  fetchFrom,
  joinRaw,
  newPerson,
  rawSession,
  startHistoryPeer,
  type FetchFrom,
  type Network,
  type TestIdentity,
} from "../src/index.ts";

// What others get of a server while somebody attacks it: operations are counted, and measured against the same ones just before.

/** Rounds of operations that are measured before an attack, and the fewest and most while it goes on. */
const ROUNDS_BEFORE = 4;
const ROUNDS_MEANWHILE = 4;
const MOST_ROUNDS = 10;
/** Times that somebody tries an operation. */
const TRIES = 5;

/** Somebody whose history the server has to fetch first. */
const NEWCOMER = "log in as somebody new";
/**
 * Seconds that an operation may take during an attack, for those whom the server knows and for somebody new. On a busy machine two seconds
 * and six were measured: this is what nobody could call being served any more.
 */
const LONGEST = { known: 15, newcomer: 45 };

/** What was counted. */
export interface Measured {
  /** Operations that somebody wanted done, and those that were. */
  readonly wanted: number;
  readonly done: number;
  /** Those of them that took more than one try. */
  readonly again: number;
  /** What ended the others: operation and code. */
  readonly refused: readonly string[];
  readonly perSecond: number;
  /** The operation that took longest, and its seconds; those of somebody new aside, whose longest is `newcomer`. */
  readonly slowest: readonly [string, number];
  readonly newcomer: number;
}

/** People who have nothing to do with an attack. */
export interface Others {
  /**
   * Measures before an attack and while it goes on. The attack does all that belongs to it and then goes on for as long as `goOn`
   * says; not one of the others' operations may be refused, stay undone or take as long as if there were no service. Prints what was measured.
   */
  during<Result>(name: string, attack: (goOn: () => boolean) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

type Operation = readonly [name: string, work: () => Promise<string | null>];

/** Two people who write to each other, somebody who logs in, and people of a domain that nobody saw before, each from a network of their own. */
export async function startOthers(
  network: Network,
  { here, elsewhere }: { readonly here: string; readonly elsewhere: string },
): Promise<Others> {
  const bystander = await newPerson(network, `bystander#${here}`);
  const friend = await newPerson(network, `friend#${elsewhere}`);
  const { baseUrl } = network.server(here);
  const resident = await joinRaw(network, `resident#${here}`, 1);
  const honest = await startHistoryPeer(network.authority, "honest.example");
  for (const [host, address] of Object.entries(honest.hosts)) network.addHost(host, address);
  const open: FetchFrom[] = [];
  let count = 0;

  const logIn = async (identity: TestIdentity): Promise<string | null> => {
    const from = fetchFrom(network, `127.20.${count++ % 250}.1`);
    open.push(from);
    return await session(network, from, baseUrl, identity).finally(() => from.close());
  };
  const newcomer = async (): Promise<string | null> => {
    const identity = createIdentity(`new${count}#${honest.domain}`, honest.baseUrl, network.clock());
    honest.show(identity.address, identity);
    return await logIn(identity);
  };

  async function* operations(): AsyncGenerator<Operation> {
    const subject = toHex32(randomBytes(32));
    const send = async ({ client }: typeof friend, to: string): Promise<string | null> => {
      const waiting = (await client.outbox.list()).find((entry) => entry.copies.some(({ state }) => state === "queued"));
      const entry =
        waiting === undefined
          ? await client.send({ to: [parseAddress(to)], subject, body: "b", keepCopy: false })
          : (await client.outbox.flush({ force: true, id: waiting.id }))[0];
      const [copy] = entry?.copies ?? [];
      return copy?.state === "sent" ? null : (copy?.reason ?? "none");
    };
    yield ["log in", async () => await logIn(resident)];
    yield [NEWCOMER, newcomer];
    yield ["send", async () => await send(friend, bystander.address)];
    yield [
      "fetch",
      async () => {
        await bystander.client.sync();
        return null;
      },
    ];
    yield [
      "open",
      async () => {
        const found = (await bystander.client.inbox.list({ limit: 50 })).find((message) => message.subject === subject);
        return found !== undefined && (await bystander.client.inbox.read(found.messageId)).body === "b" ? null : "not_found";
      },
    ];
    yield ["answer", async () => await send(bystander, friend.address)];
  }

  async function measure(goOn: (rounds: number) => boolean): Promise<Measured> {
    const counted = { wanted: 0, done: 0, again: 0 };
    const refused: string[] = [];
    let slowest: readonly [string, number] = ["", 0];
    let longest = 0;
    const began = performance.now();
    for (let round = 0; goOn(round); round++) {
      for await (const [name, work] of operations()) {
        counted.wanted++;
        let code: string | null = null;
        const started = performance.now();
        for (let tries = 1; tries <= TRIES; tries++) {
          code = await work().catch(codeOf);
          if (code === null) break;
          if (tries === 1) counted.again++;
          // Whoever is told to come later was refused, whatever comes of it then.
          if (code === "rate_limited") break;
        }
        const seconds = (performance.now() - started) / 1000;
        if (name === NEWCOMER) longest = Math.max(longest, seconds);
        else if (seconds > slowest[1]) slowest = [name, seconds];
        if (code === null) counted.done++;
        else refused.push(`${name}: ${code}`);
      }
    }
    return { ...counted, refused, slowest, newcomer: longest, perSecond: (counted.wanted * 1000) / (performance.now() - began) };
  }

  return {
    during: async (name, attack) => {
      const before = await measure((rounds) => rounds < ROUNDS_BEFORE);
      let rounds = 0;
      let under = true;
      const attacking = attack(() => rounds < ROUNDS_MEANWHILE).finally(() => (under = false));
      // Thrown below, once what was measured is known.
      attacking.catch(() => undefined);
      const meanwhile = await measure((done) => {
        rounds = done;
        return done < ROUNDS_MEANWHILE || (under && done < MOST_ROUNDS);
      });
      rounds = ROUNDS_MEANWHILE;
      const result = await attacking;
      process.stdout.write(`others, ${name}: ${tell(before, meanwhile)}\n`);
      expect(before).toMatchObject({ done: before.wanted, refused: [] });
      expect(meanwhile).toMatchObject({ done: meanwhile.wanted, refused: [] });
      expect(meanwhile.slowest[1]).toBeLessThan(LONGEST.known);
      expect(meanwhile.newcomer).toBeLessThan(LONGEST.newcomer);
      return result;
    },
    close: async () => {
      for (const each of open) each.close();
      await Promise.all([bystander, friend].map(async ({ client }) => await client.close()));
      await honest.close();
    },
  };
}

async function session(network: Network, { fetch }: FetchFrom, baseUrl: BaseUrl, identity: TestIdentity): Promise<string | null> {
  return (await rawSession({ ...network, fetch }, baseUrl, identity)) === "" ? "none" : null;
}

/** A code, also where `rawSession` says it in words. */
function codeOf(error: unknown): string {
  return isSmimpError(error) ? error.code : String(error).replace(/^.*: /, "");
}

function tell(before: Measured, { wanted, done, again, refused, perSecond, slowest: [name, seconds], newcomer }: Measured): string {
  const ratio = (perSecond / before.perSecond).toFixed(2);
  return `${done} of ${wanted} done, ${again} tried again, ${refused.length} refused; ${perSecond.toFixed(1)}/s, ${ratio} of what it was before; slowest: ${name}, ${seconds.toFixed(2)} s, somebody new ${newcomer.toFixed(2)} s`;
}
