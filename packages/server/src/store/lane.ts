import { SmimpError } from "@smimp/protocol";

/** Something to be done in its turn, whose promise is settled by whoever does it. */
export interface Job {
  /** Runs it. Resolves with what settles its promise; called once its effects are durable. Never rejects. */
  run(): Promise<() => void>;
  /** Settles its promise as failed. */
  fail(error: unknown): void;
}

/**
 * A queue that is worked off in batches, one batch at a time, jobs in the order in which they came. A batch starts with the next
 * turn of the event loop, so that what arrives together is done together.
 */
export class Lane {
  readonly #runBatch: (jobs: readonly Job[]) => Promise<void>;
  readonly #maxBatch: number;
  readonly #queue: Job[] = [];
  #working: Promise<void> | null = null;
  #closed = false;

  constructor(maxBatch: number, runBatch: (jobs: readonly Job[]) => Promise<void>) {
    this.#maxBatch = maxBatch;
    this.#runBatch = runBatch;
  }

  /** Hands in a function. Resolves or rejects as it does, once its batch is through. */
  submit<T>(fn: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new SmimpError("temporarily_unavailable", "the store is closed"));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#queue.push({
      run: async () => {
        try {
          const value = await fn();
          return () => resolve(value);
        } catch (error) {
          return () => reject(error);
        }
      },
      fail: reject,
    });
    this.#working ??= this.#work();
    return promise;
  }

  /** Refuses further jobs and resolves when those handed in are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      await new Promise<void>((next) => void setImmediate(next));
      const jobs = this.#queue.splice(0, this.#maxBatch);
      try {
        await this.#runBatch(jobs);
      } catch (error) {
        // Rejecting twice does nothing; no job is left waiting.
        for (const job of jobs) job.fail(error);
      }
    }
    this.#working = null;
  }
}
