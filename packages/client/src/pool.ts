/** Runs `work` for each item, at most so many at a time; ends when all ended, then throws the first error there was. */
export async function inParallel<Item>(items: readonly Item[], limit: number, work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, lane));
  const failed = lanes.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/**
 * The same, some items after the others: what was done of them is handed to `settle` at once, also where others of them failed. A failure
 * ends it.
 */
export async function inBatches<Item>(
  items: readonly Item[],
  { batch, limit }: { readonly batch: number; readonly limit: number },
  work: (item: Item) => Promise<void>,
  settle: (done: readonly Item[]) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += batch) {
    const done: Item[] = [];
    const one = async (item: Item): Promise<void> => {
      await work(item);
      done.push(item);
    };
    try {
      await inParallel(items.slice(at, at + batch), limit, one);
    } finally {
      if (done.length > 0) await settle(done);
    }
  }
}

/** Lets in only so much at a time. */
export type Gate = <Result>(weight: number, work: () => Promise<Result>) => Promise<Result>;

/** A gate that holds `capacity` at a time; what weighs more than that goes alone. Who comes first goes first. */
export function createGate(capacity: number): Gate {
  let inside = 0;
  const waiting: { readonly weight: number; readonly enter: () => void }[] = [];
  const admit = (): void => {
    for (let [next] = waiting; next !== undefined && (inside === 0 || inside + next.weight <= capacity); [next] = waiting) {
      waiting.shift();
      inside += next.weight;
      next.enter();
    }
  };
  return async (weight, work) => {
    await new Promise<void>((enter) => {
      waiting.push({ weight, enter });
      admit();
    });
    try {
      return await work();
    } finally {
      inside -= weight;
      admit();
    }
  };
}
