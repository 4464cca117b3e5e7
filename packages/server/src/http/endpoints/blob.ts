import { findBlob, readBlob, uploadBlob } from "../../accept/blobs.ts";
import type { Services } from "../../services.ts";
import { isHeld, quoted, rangeOf } from "../conditions.ts";
import type { Handlers } from "../endpoint.ts";

/** A blob is named by its content: whoever has it has it for good, but only for himself. */
const BLOB_CACHE = "private, max-age=31536000, immutable";

/** PUT blob/{hash}?ticket= (protocol section 6), GET blob/{hash} with Range (protocol section 8). */
export function blobEndpoints(services: Pick<Services, "store" | "clock" | "settings" | "uploads">) {
  const { store } = services;
  return {
    putBlob: async ({ caller, params, query, body }) => {
      await uploadBlob(services, caller.address, { hash: params.hash, ticket: query.ticket, bytes: body.stream, length: body.length });
      return { body: null };
    },
    getBlob: async (call) => {
      const blob = await findBlob(store, call.caller.address, call.params.hash);
      const headers = { etag: quoted(blob.hash), "cache-control": BLOB_CACHE, "accept-ranges": "bytes" };
      if (isHeld(call, blob.hash)) return { body: null, headers, status: 304 as const };
      const range = rangeOf(call, blob.size, blob.hash);
      if (range === "unsatisfiable") return { body: null, headers: { "content-range": `bytes */${blob.size}` }, status: 416 as const };
      const body = await readBlob(store, call.caller.address, blob, range);
      if (range === null) return { body, headers: { ...headers, "content-length": String(blob.size) } };
      const { start, end } = range;
      return {
        body,
        headers: { ...headers, "content-range": `bytes ${start}-${end}/${blob.size}`, "content-length": String(end - start + 1) },
        status: 206 as const,
      };
    },
  } satisfies Partial<Handlers>;
}
