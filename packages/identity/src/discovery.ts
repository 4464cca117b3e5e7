import { ENDPOINTS, MAX_WELL_KNOWN_BYTES, parseWellKnown, SmimpError, type AnswerOf, type BaseUrl, type Domain } from "@smimp/protocol";
import type { Fetch } from "./fetch.ts";
import { exchange, expectSuccess, processJson, type Bounds } from "./http.ts";

/** Version of the protocol that this implementation speaks (protocol section 2). */
export const PROTOCOL_VERSION = "1.0";

/** Seconds that finding a server may take. */
const DISCOVERY_SECONDS = 10;
const SMALL: Bounds = { maxBytes: 64 * 1024, seconds: DISCOVERY_SECONDS };

/**
 * Finds the server of a domain (protocol section 2). Throws `unknown_user` where the domain has none (final),
 * `insecure_transport`, or `temporarily_unavailable` (try again later).
 */
export async function findServer(fetch: Fetch, domain: Domain, signal?: AbortSignal): Promise<BaseUrl> {
  const bounds = { maxBytes: MAX_WELL_KNOWN_BYTES, seconds: DISCOVERY_SECONDS };
  const answer = await exchange(fetch, `https://${domain}/.well-known/smimp.txt`, signal === undefined ? {} : { signal }, bounds).catch(
    (error: unknown) => {
      // More than a smimp.txt may hold is a page, not a server.
      if (error instanceof SmimpError && error.code === "too_large") throw noServer(domain);
      throw error;
    },
  );
  if (answer.status === 404 || answer.status === 410) throw noServer(domain);
  expectSuccess(answer);
  return parseWellKnown(answer.body);
}

/** Checks that a server speaks this version of the protocol (protocol section 2). Throws `unsupported_version`. */
export async function checkVersion(fetch: Fetch, server: BaseUrl, signal?: AbortSignal): Promise<void> {
  const init = signal === undefined ? {} : { signal };
  const { versions } = processJson(ENDPOINTS.getVersion.answer, await exchange(fetch, `${server}version`, init, SMALL));
  if (!versions.includes(PROTOCOL_VERSION)) {
    throw new SmimpError("unsupported_version", "the server speaks no version of SMIMP that this program knows");
  }
}

/** Name, domains, limits and registration policy of a server (protocol section 2). */
export async function serverInformation(fetch: Fetch, server: BaseUrl): Promise<AnswerOf<"getServerInformation">> {
  const url = `${server}${PROTOCOL_VERSION}/${ENDPOINTS.getServerInformation.path}`;
  return processJson(ENDPOINTS.getServerInformation.answer, await exchange(fetch, url, {}, SMALL));
}

function noServer(domain: Domain): SmimpError {
  return new SmimpError("unknown_user", `${domain} has no SMIMP server`);
}
