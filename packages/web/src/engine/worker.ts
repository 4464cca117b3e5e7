// The engine: a worker that holds the mailbox. Everything secret stays in it, and no long computation holds up the page.
import { browserDeps } from "@smimp/client/browser";
import workUrl from "@smimp/client/worker?worker&url";
import { createQuestions } from "./asking.ts";
import { createCalls } from "./calls/all.ts";
import { createHouse } from "./house.ts";
import { createBrowserSearch } from "./search/engine.ts";
import type { EngineEvent } from "./protocol.ts";
import { serveCalls } from "./serve.ts";
import { scriptUrl } from "../trusted.ts";

let tell: (event: EngineEvent) => void = () => undefined;
const questions = createQuestions((event) => tell(event));

const house = createHouse({
  deps: {
    ...browserDeps(),
    search: createBrowserSearch(),
    work: { startWorker: () => new Worker(scriptUrl(workUrl), { type: "module" }) },
  },
  tell: (event) => tell(event),
  ask: questions.ask,
});

const calls = createCalls(house, (...topics) => tell({ type: "changed", topics }), questions);

tell = serveCalls(globalThis, calls);
