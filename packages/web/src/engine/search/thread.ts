// The thread of the search index: SQLite in WebAssembly, fetched when somebody searches for the first time.
import { serveIndex, type IndexReply, type IndexRequest } from "@smimp/client/search-parts";
import { wasmPlatform } from "./wasm-sql.ts";

/** What of a worker's global scope is used here. */
interface Scope {
  postMessage(reply: IndexReply, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: IndexRequest }) => void): void;
}

const scope = globalThis as unknown as Scope;
const waiting: IndexRequest[] = [];
let answer: (request: IndexRequest) => void = (request) => void waiting.push(request);

// Heard from the first moment on: what comes while the module is being set up waits.
scope.addEventListener("message", ({ data }) => answer(data));

const serve = serveIndex(await wasmPlatform(), (reply, transfer) => scope.postMessage(reply, transfer));
for (const request of waiting.splice(0)) serve(request);
answer = serve;
