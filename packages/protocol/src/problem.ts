/** HTTP status of each problem code that a server gives (protocol section 12). */
const SERVER_STATUS = {
  bad_request: 400,
  bad_address: 400,
  unauthenticated: 401,
  session_expired: 401,
  bad_signature: 403,
  wrong_server: 403,
  not_accepted: 403,
  pow_required: 403,
  pow_invalid: 403,
  pow_expired: 403,
  ticket_invalid: 403,
  key_not_issued: 403,
  key_expired: 403,
  server_mismatch: 403,
  key_reused: 403,
  history_invalid: 403,
  history_rewritten: 403,
  unknown_user: 404,
  unsupported_version: 404,
  not_found: 404,
  conflict: 409,
  already_initialized: 409,
  blob_missing: 409,
  state_too_old: 410,
  precondition_failed: 412,
  too_large: 413,
  precondition_required: 428,
  rate_limited: 429,
  temporarily_unavailable: 503,
  quota_exceeded: 507,
} as const;

/** Codes that only clients and sites find (protocol section 10). */
const LOCAL_CODES = [
  "insecure_transport",
  "not_for_me",
  "own_history_mismatch",
  "key_unknown",
  "key_used_twice",
  "commitment_mismatch",
  "decryption_failed",
  "audience_mismatch",
  "nonce_mismatch",
  "assertion_expired",
] as const;

/** A code that a server may answer with. */
export type ServerProblemCode = keyof typeof SERVER_STATUS;

/** Every stable problem code of protocol section 10. */
export type ProblemCode = ServerProblemCode | (typeof LOCAL_CODES)[number];

/** All codes, those of servers first. */
export const PROBLEM_CODES: readonly ProblemCode[] = [...(Object.keys(SERVER_STATUS) as ServerProblemCode[]), ...LOCAL_CODES];

/** HTTP status for a code; codes found by clients only are answered as 400, should one ever surface on a server. */
export function statusOf(code: ProblemCode): number {
  return (SERVER_STATUS as Readonly<Record<string, number>>)[code] ?? 400;
}

/** Whether a text is a known problem code. */
export function isProblemCode(text: unknown): text is ProblemCode {
  return (PROBLEM_CODES as readonly unknown[]).includes(text);
}

/** Whether a server may answer with a code; the others only clients and sites find (protocol section 10). */
export function isServerCode(code: ProblemCode): code is ServerProblemCode {
  return Object.hasOwn(SERVER_STATUS, code);
}

/** What may be said beside code and detail. */
export interface SmimpErrorOptions {
  /** What led here; for developers, never shown to a peer. */
  readonly cause?: unknown;
  /** Seconds after which trying again makes sense (`Retry-After`). */
  readonly retryAfter?: number | undefined;
  /** Members of the problem document beside type, code and detail, e.g. `pow` of `pow_required`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * The one error of SMIMP: bad data or a refusal by a peer. `code` is stable (protocol section 10); `message` is for
 * people and holds neither content nor tokens nor keys. A caller's own mistake is a `TypeError` instead.
 */
export class SmimpError extends Error {
  override readonly name = "SmimpError";
  readonly code: ProblemCode;
  readonly retryAfter: number | undefined;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, detail: string, options: SmimpErrorOptions = {}) {
    super(detail, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryAfter = options.retryAfter;
    this.members = options.members ?? {};
  }
}

/** Whether `error` is a SMIMP error, of the given code if one is named. */
export function isSmimpError(error: unknown, code?: ProblemCode): error is SmimpError {
  return error instanceof SmimpError && (code === undefined || error.code === code);
}
