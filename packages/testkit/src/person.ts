import { createAccount, createMemoryStorage, type Client, type Progress, type Storage } from "@smimp/client";
import { domainOf, parseAddress, randomBytes, type Address } from "@smimp/protocol";
import { countingFetch, type CountingFetch } from "./counting-fetch.ts";
import type { Network } from "./network.ts";

/** How somebody joins. */
export interface PersonOptions {
  /** Where the account is kept; in memory where left out. */
  readonly storage?: Storage;
  /** The public name in the profile. */
  readonly name?: string;
  /** Keeps the bodies of requests, for tests of what leaves the client. */
  readonly recordBodies?: boolean;
  readonly onProgress?: (progress: Progress) => void;
}

/** Somebody with an account on a server of the network. */
export interface Person {
  readonly address: Address;
  readonly client: Client;
  /** The 24 words. */
  readonly phrase: string;
  /** What leaves this person's client; also the way to break it. */
  readonly counting: CountingFetch;
}

/** Joins with a one-time code, as a person would with an invite link. */
export async function newPerson(network: Network, address: string, options: PersonOptions = {}): Promise<Person> {
  const parsed = parseAddress(address);
  const invite = await network.invite(domainOf(parsed), parsed);
  const counting = countingFetch(network.fetch, { recordBodies: options.recordBodies === true });
  const { client, phrase } = await createAccount({
    storage: options.storage ?? createMemoryStorage(),
    invite,
    address: parsed,
    deps: { fetch: counting.fetch, clock: network.clock, random: randomBytes, jitter: 0 },
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  return { address: parsed, client, phrase, counting };
}
