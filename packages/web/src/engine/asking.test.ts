import type { OwnerQuestion } from "@smimp/client";
import { expect, test } from "vitest";
import { askUntil, createQuestions } from "./asking.ts";
import type { EngineEvent } from "./protocol.ts";

test("a question is answered by the page, or over with the call that asked it, which the page is told", async () => {
  const told: EngineEvent[] = [];
  const { ask, answer } = createQuestions((event) => told.push(event));
  const question = { expectedTries: 1 } as OwnerQuestion;
  const stop = new AbortController();
  const until = askUntil(ask, stop.signal);
  const first = until(question);
  answer(1, true);
  expect(await first).toBe(true);
  expect(told).toEqual([{ type: "question", id: 1, question }]);

  const second = until(question);
  stop.abort();
  expect(await second).toBe(false);
  expect(told.slice(1)).toEqual([
    { type: "question", id: 2, question },
    { type: "settled", id: 2 },
  ]);
  answer(2, true);
  expect(await until(question)).toBe(false);
  expect(told).toHaveLength(3);
});
