import { isSmimpError, SmimpError, statusOf, type ProblemCode } from "@smimp/protocol";
import type { Logger } from "pino";
import { describeError } from "../describe-error.ts";
import type { Reply } from "./fastify-types.ts";

/** The media type of problem documents, RFC 9457. */
export const PROBLEM_TYPE = "application/problem+json";

/** Errors of Fastify's own are about requests that make no sense. */
const FASTIFY_CLIENT_ERROR = /^FST_ERR_(?:BAD_URL|CTP_|MAX_PARAM|ROUTE_)/;

/** What went wrong as the error to answer with. What nobody foresaw is logged, by where it comes from alone, and answered as `temporarily_unavailable`. */
export function asProblem(error: unknown, log: Logger): SmimpError {
  if (isSmimpError(error)) {
    if (error.code === "temporarily_unavailable" && error.cause !== undefined)
      log.warn({ cause: describeError(error.cause) }, "unavailable");
    return error;
  }
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  if (FASTIFY_CLIENT_ERROR.test(code)) return new SmimpError("bad_request", "the request makes no sense", { cause: error });
  // A method that HTTP doesn't have, which HTTP/2 lets through.
  if (code === "FST_ERR_NOT_FOUND") return new SmimpError("not_found", "there is nothing here", { cause: error });
  if (code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ERR_HTTP2_STREAM_ERROR") {
    return new SmimpError("bad_request", "the request was broken off", { cause: error });
  }
  log.error({ error: describeError(error) }, "unexpected error");
  return new SmimpError("temporarily_unavailable", "something went wrong here", { cause: error });
}

/** Sends a problem document (protocol section 10). */
export function sendProblem(reply: Reply, problem: SmimpError): Reply {
  const { code, message, retryAfter, members } = problem;
  const status = statusOf(code);
  if (retryAfter !== undefined) reply.header("retry-after", String(Math.max(1, Math.ceil(retryAfter))));
  return reply
    .code(status)
    .header("content-type", PROBLEM_TYPE)
    .send(problemBytes(code, message, members));
}

/** The bytes of a problem document. */
export function problemBytes(code: ProblemCode, detail: string, members: SmimpError["members"] = {}): Buffer {
  return Buffer.from(JSON.stringify({ ...members, type: `urn:smimp:problem:${code}`, status: statusOf(code), code, detail }));
}
