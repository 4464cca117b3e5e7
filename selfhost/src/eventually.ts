/** Tries until something works, for some seconds. */
export async function eventually<Result>(work: () => Promise<Result>): Promise<Result> {
  const until = Date.now() + 20_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => void setTimeout(resolve, 50));
    }
  }
}
