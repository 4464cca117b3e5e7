// The engine: a worker that holds the mailbox. Everything secret stays in it, and no long computation holds up the page.
import type { OwnerQuestion } from "@smimp/client";
import { browserDeps } from "@smimp/client/browser";
import workUrl from "@smimp/client/worker?worker&url";
import { createCalls } from "./calls/all.ts";
import { createHouse } from "./house.ts";
import { createBrowserSearch } from "./search/engine.ts";
import type { EngineEvent } from "./protocol.ts";
import { serveCalls } from "./serve.ts";
import { scriptUrl } from "../trusted.ts";

let tell: (event: EngineEvent) => void = () => undefined;
const questions = new Map<number, (yes: boolean) => void>();
let asked = 0;

async function ask(question: OwnerQuestion): Promise<boolean> {
  const id = ++asked;
  return await new Promise((resolve) => {
    questions.set(id, resolve);
    tell({ type: "question", id, question });
  });
}

const house = createHouse({
  deps: {
    ...browserDeps(),
    search: createBrowserSearch(),
    work: { startWorker: () => new Worker(scriptUrl(workUrl), { type: "module" }) },
  },
  tell: (event) => tell(event),
  ask,
});

const calls = createCalls(house, (...topics) => tell({ type: "changed", topics }), {
  answer: (id, yes) => {
    questions.get(id)?.(yes);
    questions.delete(id);
  },
});

tell = serveCalls(globalThis, calls);
