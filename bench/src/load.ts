import { openConnection, type Target } from "./connection.ts";

/** What a run of load came to. */
export interface LoadResult {
  readonly accepted: number;
  readonly seconds: number;
  /** Accepted requests a second. */
  readonly rate: number;
}

/**
 * Sends each sender's requests one after the other on its own kept connection, all senders at once. Opening connections is not
 * counted. Throws on the first answer that is not 200: a benchmark of refusals would be fast and worthless.
 */
export async function runLoad(target: Target, senders: readonly (readonly Uint8Array[])[]): Promise<LoadResult> {
  const connections = await Promise.all(senders.map(async () => await openConnection(target)));
  try {
    const started = performance.now();
    await Promise.all(
      senders.map(async (requests, i) => {
        const connection = connections[i];
        for (const request of requests) {
          // oxlint-disable-next-line no-await-in-loop -- one sender, one request at a time
          const answer = await connection?.request(request);
          if (answer?.status !== 200) throw new Error(`answered ${answer?.status}: ${answer?.body}`);
        }
      }),
    );
    const seconds = (performance.now() - started) / 1_000;
    const accepted = senders.reduce((sum, requests) => sum + requests.length, 0);
    return { accepted, seconds, rate: accepted / seconds };
  } finally {
    for (const connection of connections) connection.close();
  }
}
