import { parentPort } from "node:worker_threads";
import { nodePlatform } from "./node-sql.ts";
import type { Request } from "./protocol.ts";
import { serveIndex } from "./serving.ts";

// The thread that an index lives in, in Node.

const answer = serveIndex(nodePlatform, (reply, transfer) => parentPort?.postMessage(reply, transfer));
parentPort?.on("message", (request: Request) => answer(request));
