import { constants } from "node:http2";
import type { Reply, Request } from "./fastify-types.ts";
import type { BodyBudget, BudgetShare } from "./body-budget.ts";
import { isGone, LEAST_BYTES_A_SECOND, type RawRequest } from "./request-body.ts";

/** What a request under way counts as beside its bodies, bytes. */
const REQUEST_BYTES = 16 * 1024;
/** Steps in which patience is measured out, bytes: timers of many lengths cost more than those of a few. */
const STEP_BYTES = 64 * 1024;

/** What a request takes of the server while it is under way. */
export interface Hold {
  /** Its share of the memory, until the answer is taken. */
  readonly share: BudgetShare;
  /** So many bytes of its body are in memory now, read or parsed, or with a negative number no more. Throws as `BudgetShare.add`. */
  readonly takeBody: (bytes: number) => void;
  /** What was asked is done: the answer's bytes count from now on, and the body's no more. Throws as `BudgetShare.add`, and never for an answer that is smaller. */
  answerWith(bytes: number): void;
  /** So many bytes are to be taken now: where that takes too long, the request is ended. Each call begins anew. */
  expect(bytes: number): void;
  /** Ends the request in the middle of its answer. */
  breakOff(): void;
}

/**
 * Begins the hold of a request; it ends with the request. Whoever asks and doesn't read, which HTTP/2 lets a peer do for any number of
 * answers while the connection stays busy, holds a share for a while. Throws `rate_limited` or `temporarily_unavailable` where there is none left.
 */
export function beginHold(request: Request, reply: Reply, budget: BodyBudget, stallSeconds: number): Hold {
  const { raw } = request;
  const share = budget.begin(request.ip);
  let timer: NodeJS.Timeout | undefined;
  reply.raw.once("close", () => {
    clearTimeout(timer);
    share.end();
  });
  share.add(REQUEST_BYTES);
  let body = 0;
  return {
    share,
    takeBody(bytes) {
      body += bytes;
      share.add(bytes);
    },
    answerWith(bytes) {
      const given = body;
      body = 0;
      share.add(bytes - given);
    },
    expect(bytes) {
      clearTimeout(timer);
      if (isGone(raw)) return;
      const seconds = stallSeconds + (Math.floor(bytes / STEP_BYTES) * STEP_BYTES) / LEAST_BYTES_A_SECOND;
      timer = setTimeout(() => breakOff(raw), seconds * 1000);
      timer.unref();
    },
    breakOff: () => breakOff(raw),
  };
}

function breakOff(raw: RawRequest): void {
  if ("stream" in raw) raw.stream.close(constants.NGHTTP2_CANCEL);
  else raw.socket.destroy();
}
