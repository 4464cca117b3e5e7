// What search on another platform than Node is put together from: `@smimp/client/search-parts`.
export { EVERY_MESSAGE } from "../narrowing.ts";
export type { Reply as IndexReply, Request as IndexRequest } from "./protocol.ts";
export { serveIndex } from "./serving.ts";
export type { IndexPlatform, SqlDatabase, SqlRow, SqlStatement, SqlValue } from "./sql.ts";
export { createThreadedSearch, type IndexThread } from "./threaded.ts";
