import { yieldToOthers } from "@smimp/identity";

/** How long work may hold the event loop, milliseconds. */
const LONGEST = 12;

let since = performance.now();

/** Lets whatever waits go first, if the event loop was held long enough. To be awaited between small pieces of long work. */
export async function breath(): Promise<void> {
  if (performance.now() - since < LONGEST) return;
  await yieldToOthers();
  since = performance.now();
}
