import type { OwnerQuestion } from "@smimp/client";
import type { EngineEvent } from "./protocol.ts";

/** Asks the owner, through the page; once the signal aborts, the answer is no. */
export type Ask = (question: OwnerQuestion, signal: AbortSignal) => Promise<boolean>;

/** What the page is asked. */
export interface Questions {
  readonly ask: Ask;
  /** The owner has answered. */
  answer(id: number, yes: boolean): void;
}

/** Asks the page what only the owner can decide, for as long as somebody waits for it: then it is told that nobody does any more. */
export function createQuestions(tell: (event: EngineEvent) => void): Questions {
  const open = new Map<number, (yes: boolean) => void>();
  let last = 0;
  return {
    ask: async (question, signal) => {
      if (signal.aborted) return false;
      const id = ++last;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const end = (): void => {
        tell({ type: "settled", id });
        resolve(false);
      };
      open.set(id, resolve);
      signal.addEventListener("abort", end);
      tell({ type: "question", id, question });
      try {
        return await promise;
      } finally {
        signal.removeEventListener("abort", end);
        open.delete(id);
      }
    },
    answer: (id, yes) => open.get(id)?.(yes),
  };
}

/** Asks as long as the signal lets it. */
export function askUntil(ask: Ask, signal: AbortSignal): (question: OwnerQuestion) => Promise<boolean> {
  return async (question) => await ask(question, signal);
}
