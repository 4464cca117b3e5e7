import { parentPort } from "node:worker_threads";
import { IndexDatabase } from "./database.ts";
import type { Calls, Reply, Request } from "./protocol.ts";

// The thread that an index lives in: queries, merges and images of 100,000 messages take longer than an event loop may wait.

let image: Uint8Array | null = null;
let filled = 0;
let database: IndexDatabase | null = null;

const opened = (): IndexDatabase => {
  if (database === null) throw new TypeError("the index is not open");
  return database;
};

const calls: Calls = {
  expect: (bytes) => {
    image = new Uint8Array(bytes);
    filled = 0;
  },
  append: (bytes) => {
    image?.set(bytes, filled);
    filled += bytes.length;
  },
  open: () => {
    database = new IndexDatabase(image);
    image = null;
  },
  known: (messageIds) => opened().known(messageIds),
  apply: (changes) => opened().apply(changes),
  find: (query) => opened().find(query),
  count: () => opened().count(),
  image: (purge) => opened().image(purge),
  // A copy: sending a view would send all that it is a view of.
  chunk: (index) => opened().chunk(index).slice(),
  release: () => opened().release(),
};

parentPort?.on("message", (request: Request) => {
  let reply: Reply;
  try {
    const call = calls[request.name] as (...args: readonly unknown[]) => unknown;
    reply = { id: request.id, value: call(...request.args) };
  } catch (error) {
    reply = { id: request.id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply, "value" in reply && reply.value instanceof Uint8Array ? [reply.value.buffer as ArrayBuffer] : []);
});
