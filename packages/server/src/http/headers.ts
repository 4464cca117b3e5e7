/** On every answer: any origin may read it, no cookies are ever set or read (protocol section 1). */
export const COMMON_HEADERS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "ETag, Retry-After, Content-Range",
  "cross-origin-resource-policy": "cross-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000",
  "x-content-type-options": "nosniff",
} as const;

/** The answer to a preflight; browsers may remember it for a day. */
export const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "GET, POST, PUT, DELETE",
  "access-control-allow-headers": "SMIMP-Authentication, Content-Type, If-Match, If-None-Match, Range",
  "access-control-max-age": "86400",
} as const;

/** How long public answers may be kept (protocol section 3). */
export const PUBLIC_CACHE = "public, max-age=60";
/** Everything else is kept by nobody. */
export const NO_CACHE = "no-store";
