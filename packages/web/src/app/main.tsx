import engineUrl from "../engine/worker.ts?worker&url";
import { scriptUrl } from "../trusted.ts";
import { connectEngine } from "../engine/connect.ts";
const engine = connectEngine(new Worker(scriptUrl(engineUrl), { type: "module" }));
Object.assign(globalThis, { engine });
