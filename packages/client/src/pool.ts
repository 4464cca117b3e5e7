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
