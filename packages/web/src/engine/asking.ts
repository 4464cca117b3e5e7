import type { OwnerQuestion } from "@smimp/client";

/** Asks the owner, through the page. */
export type Ask = (question: OwnerQuestion) => Promise<boolean>;

/** Asks as long as somebody waits: once the signal aborts the answer is no, and nobody waits for a dialog that is gone. */
export function askUntil(ask: Ask, signal: AbortSignal): Ask {
  return async (question) => {
    if (signal.aborted) return false;
    const over = Promise.withResolvers<boolean>();
    const end = (): void => over.resolve(false);
    signal.addEventListener("abort", end);
    try {
      return await Promise.race([ask(question), over.promise]);
    } finally {
      signal.removeEventListener("abort", end);
    }
  };
}
